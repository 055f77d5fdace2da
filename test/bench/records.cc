#include "records.h"

#include <bit>
#include <cstring>
#include <variant>

#include "table/member_records.h"

namespace adit::bench {
namespace {

constexpr std::size_t kSendId = 16;
constexpr std::size_t kReceiveId = 20;
constexpr std::size_t kTtl = 38;

/// Puts a number where it stands in a record.
template <typename T>
void put(std::uint8_t* at, T value) noexcept {
  static_assert(std::endian::native == std::endian::little);
  std::memcpy(at, &value, sizeof value);
}

std::uint8_t* grow(std::vector<std::uint8_t>& bytes, std::size_t by) {
  bytes.resize(bytes.size() + by);
  return bytes.data() + bytes.size() - by;
}

}  // namespace

Records::Records(const MemberSpecs& members) {
  starts_.reserve(members.size());
  for (const MemberSpec& member : members) {
    starts_.push_back(bytes_.size());
    std::visit([&](const auto& spec) { write(member, spec); }, member.kind);
  }
}

std::span<const std::uint8_t> Records::tunnel(std::size_t member) const noexcept {
  return {bytes_.data() + starts_[member], kTunnelRecordBytes};
}

void Records::change_tunnel(std::size_t member, std::uint32_t id, std::uint8_t ttl) noexcept {
  std::uint8_t* record = bytes_.data() + starts_[member];
  put(record + kSendId, id);
  put(record + kReceiveId, id);
  record[kTtl] = ttl;
}

void Records::write(const MemberSpec& member, const AttachmentSpec& spec) {
  std::uint8_t* record = grow(bytes_, kAttachmentRecordBytes);
  record[1] = static_cast<std::uint8_t>(spec.match);
  put(record + 4, member.tenant);
  put(record + 8, member.peer);
  put(record + 12, static_cast<std::uint16_t>(spec.port));
  put(record + 14, static_cast<std::uint16_t>(spec.outer_tpid));
  put(record + 16, spec.outer);
  put(record + 18, spec.inner);
}

void Records::write(const MemberSpec& member, const TunnelSpec& spec) {
  constexpr std::uint16_t kFlags =
      TunnelFlags::kRemote | TunnelFlags::kLearnPath | TunnelFlags::kIdentifier;
  const bool is_ipv6 = spec.local.family == IpFamily::kIpv6;
  std::uint8_t* record = grow(bytes_, kTunnelRecordBytes);
  record[0] = 1;
  record[1] = static_cast<std::uint8_t>(spec.type);
  put(record + 2, static_cast<std::uint16_t>(kFlags | (is_ipv6 ? TunnelFlags::kIpv6 : 0)));
  put(record + 4, member.tenant);
  put(record + 8, member.peer);
  put(record + 12, spec.next_hop);
  put(record + kSendId, spec.send_id.value());
  put(record + kReceiveId, spec.receive_id.value());
  put(record + 24, std::uint32_t{0xffffffff});
  put(record + 28, spec.udp_port);
  put(record + 30, spec.source_port_min);
  put(record + 32, spec.source_port_max);
  put(record + 36, std::uint16_t{0xffff});
  record[kTtl] = spec.ttl.value();
  std::memcpy(record + 48, spec.local.bytes.data(), spec.local.bytes.size());
  std::memcpy(record + 64, spec.remote.value().bytes.data(), spec.local.bytes.size());
}

}  // namespace adit::bench
