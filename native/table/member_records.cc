#include "table/member_records.h"

#include <algorithm>
#include <cstring>

namespace adit {
namespace {

constexpr std::size_t kSourceBytes = 20;
constexpr std::uint8_t kNone8 = 0xff;
constexpr std::uint16_t kNone16 = 0xffff;
constexpr std::uint32_t kNone32 = 0xffffffff;

/// Bytes of one record, which are there.
class Record {
 public:
  explicit Record(const std::uint8_t* bytes) noexcept : bytes_(bytes) {}

  [[nodiscard]] std::uint8_t u8(std::size_t at) const noexcept { return bytes_[at]; }
  [[nodiscard]] std::uint16_t u16(std::size_t at) const noexcept {
    return static_cast<std::uint16_t>(bytes_[at] | (bytes_[at + 1] << 8));
  }
  [[nodiscard]] std::uint32_t u32(std::size_t at) const noexcept {
    return u16(at) | (std::uint32_t{u16(at + 2)} << 16);
  }
  [[nodiscard]] bool has(std::uint16_t flag) const noexcept { return (u16(2) & flag) != 0; }
  [[nodiscard]] IpAddress address(std::size_t at, bool is_ipv6) const noexcept {
    return is_ipv6 ? IpAddress::v6(bytes_ + at) : IpAddress::v4(bytes_ + at);
  }
  [[nodiscard]] const std::uint8_t* at(std::size_t offset) const noexcept {
    return bytes_ + offset;
  }

 private:
  const std::uint8_t* bytes_;
};

[[nodiscard]] bool is_tpid(std::uint16_t tpid) noexcept {
  return tpid == static_cast<std::uint16_t>(EtherType::kVlan) ||
         tpid == static_cast<std::uint16_t>(EtherType::kServiceVlan);
}

[[nodiscard]] bool read_attachment(const Record& record, AttachmentSpec& spec) {
  constexpr std::uint8_t kHighestPcp = 7;
  const std::uint8_t match = record.u8(1);
  const std::uint8_t pcp = record.u8(22);
  if (match > static_cast<std::uint8_t>(TagMatch::kAny) || !is_tpid(record.u16(14)) ||
      (pcp > kHighestPcp && pcp != kNone8)) {
    return false;
  }
  spec.port = record.u16(12);
  spec.match = static_cast<TagMatch>(match);
  spec.outer_tpid = static_cast<EtherType>(record.u16(14));
  spec.outer = record.u16(16);
  spec.inner = record.u16(18);
  spec.keep_tag = record.has(AttachmentFlags::kKeepTag);
  spec.pcp = pcp == kNone8 ? std::nullopt : std::optional(pcp);
  spec.mtu = record.u16(20);
  if (record.has(AttachmentFlags::kNextHopMac)) {
    MacAddress mac;
    std::memcpy(mac.bytes.data(), record.at(24), mac.bytes.size());
    spec.next_hop_mac = mac;
  }
  return true;
}

/// What is one of a few words, and numbers of less bits than their field has.
[[nodiscard]] bool is_valid_tunnel(const Record& record) noexcept {
  constexpr std::uint8_t kHighestDscp = 63;
  constexpr std::uint32_t kHighestFlowLabel = 0xfffff;
  constexpr std::uint16_t kHighestFlowId = 255;
  const std::uint8_t dscp = record.u8(39);
  const std::uint32_t flow_label = record.u32(24);
  const std::uint16_t flow_id = record.u16(36);
  return record.u8(1) < static_cast<std::uint8_t>(TunnelType::kCount) &&
         record.u8(40) <= static_cast<std::uint8_t>(TunnelSpec::Df::kInherit) &&
         record.u8(41) <= static_cast<std::uint8_t>(TunnelSpec::Oversize::kDrop) &&
         (dscp <= kHighestDscp || dscp == kNone8) &&
         (flow_label <= kHighestFlowLabel || flow_label == kNone32) &&
         (flow_id <= kHighestFlowId || flow_id == kNone16) && record.u16(30) <= record.u16(32);
}

[[nodiscard]] bool read_sources(const Record& record, TunnelSpec& spec) {
  const bool is_ipv6 = record.has(TunnelFlags::kIpv6);
  const std::uint32_t count = record.u32(44);
  const std::uint32_t most_bits = is_ipv6 ? 128 : 32;
  spec.accept_from.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = kTunnelRecordBytes + i * kSourceBytes;
    const std::uint32_t bits = record.u32(at + 16);
    if (bits > most_bits) return false;
    spec.accept_from.push_back(
        {.address = record.address(at, is_ipv6), .length = static_cast<std::uint8_t>(bits)});
  }
  return true;
}

void read_numbers(const Record& record, TunnelSpec& spec) {
  const std::uint8_t ttl = record.u8(38);
  const std::uint8_t dscp = record.u8(39);
  const std::uint32_t flow_label = record.u32(24);
  const std::uint16_t flow_id = record.u16(36);
  spec.ttl = ttl == 0 ? std::nullopt : std::optional(ttl);
  spec.dscp = dscp == kNone8 ? std::nullopt : std::optional(dscp);
  spec.flow_label = flow_label == kNone32 ? std::nullopt : std::optional(flow_label);
  if (flow_id != kNone16) spec.flow_id = static_cast<std::uint8_t>(flow_id);
  spec.mtu = record.u16(34);
  spec.udp_port = record.u16(28);
  spec.source_port_min = record.u16(30);
  spec.source_port_max = record.u16(32);
  if (record.has(TunnelFlags::kIdentifier)) {
    spec.send_id = record.u32(16);
    spec.receive_id = record.u32(20);
  }
}

[[nodiscard]] bool read_tunnel(const Record& record, TunnelSpec& spec) {
  if (!is_valid_tunnel(record)) return false;
  const bool is_ipv6 = record.has(TunnelFlags::kIpv6);
  spec.type = static_cast<TunnelType>(record.u8(1));
  spec.df = static_cast<TunnelSpec::Df>(record.u8(40));
  spec.oversize = static_cast<TunnelSpec::Oversize>(record.u8(41));
  spec.local = record.address(48, is_ipv6);
  if (record.has(TunnelFlags::kRemote)) {
    spec.remote = record.address(64, is_ipv6);
    spec.next_hop = record.u32(12);
  }
  spec.copy_dscp = record.has(TunnelFlags::kCopyDscp);
  spec.zero_ecn = record.has(TunnelFlags::kZeroEcn);
  spec.keep_inner_tags = record.has(TunnelFlags::kKeepInnerTags);
  spec.mss_clamp = record.has(TunnelFlags::kMssClamp);
  spec.learn_path = record.has(TunnelFlags::kLearnPath);
  spec.udp_checksum = record.has(TunnelFlags::kUdpChecksum);
  spec.accept_zero_checksum = record.has(TunnelFlags::kAcceptZeroChecksum);
  spec.drop_reserved = record.has(TunnelFlags::kDropReserved);
  spec.payload_ip = record.has(TunnelFlags::kPayloadIp);
  spec.sequence = record.has(TunnelFlags::kSequence);
  spec.send_checksum = record.has(TunnelFlags::kSendChecksum);
  spec.require_checksum = record.has(TunnelFlags::kRequireChecksum);
  read_numbers(record, spec);
  return read_sources(record, spec);
}

/// Bytes of the record at the start of `bytes`; 0 where it is cut short.
[[nodiscard]] std::size_t record_size(std::span<const std::uint8_t> bytes) noexcept {
  if (bytes.size() < kAttachmentRecordBytes || bytes[0] > 1) return 0;
  if (bytes[0] == 0) return kAttachmentRecordBytes;
  if (bytes.size() < kTunnelRecordBytes) return 0;
  const std::size_t sources = Record(bytes.data()).u32(44);
  const std::size_t size = kTunnelRecordBytes + sources * kSourceBytes;
  return size <= bytes.size() ? size : 0;
}

}  // namespace

bool read_member_records(std::span<const std::uint8_t> bytes, MemberSpecs& members) {
  while (!bytes.empty()) {
    const std::size_t size = record_size(bytes);
    if (size == 0) return false;
    const Record record(bytes.data());
    MemberSpec& member = members.emplace_back();
    member.tenant = record.u32(4);
    member.peer = record.u32(8);
    const bool is_read = record.u8(0) == 0
                             ? read_attachment(record, member.kind.emplace<AttachmentSpec>())
                             : read_tunnel(record, member.kind.emplace<TunnelSpec>());
    if (!is_read) return false;
    bytes = bytes.subspan(size);
  }
  return true;
}

}  // namespace adit
