#include "packet/ipv6_chain.h"
#include "service/icmp_error.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/icmp.h"

namespace adit {
namespace {

/// Unicast and not "this network", loopback, multicast, class E or broadcast (RFC 1122 §3.2.2).
bool is_host(const std::uint8_t (&address)[4]) noexcept {
  constexpr std::uint8_t kLoopback = 127;
  constexpr std::uint8_t kFirstGroup = 224;
  return address[0] != 0 && address[0] != kLoopback && address[0] < kFirstGroup;
}

/// Not unspecified, loopback or multicast (RFC 4443 §2.4e).
bool is_host(const std::uint8_t (&address)[16]) noexcept {
  constexpr std::uint8_t kMulticast = 0xff;
  constexpr std::uint8_t kZeros[15] = {};
  const bool is_reserved = std::memcmp(address, kZeros, sizeof kZeros) == 0 && address[15] <= 1;
  return !is_reserved && address[0] != kMulticast;
}

/// Types of RFC 792 and its additions that ask or answer; all others count as errors, as a type
/// that is not known may be one.
bool is_query(std::uint8_t type) noexcept {
  constexpr std::uint64_t kQueries = 1ULL << 0 | 1ULL << 8 | 1ULL << 9 | 1ULL << 10 | 1ULL << 13 |
                                     1ULL << 14 | 1ULL << 15 | 1ULL << 16 | 1ULL << 17 |
                                     1ULL << 18 | 1ULL << 42 | 1ULL << 43;
  return type < 64 && (kQueries >> type & 1) != 0;
}

bool may_tell_ipv4(const Packet& packet, std::uint32_t ip_offset, const IcmpError& error) noexcept {
  const auto* ip = packet.at<Ipv4Header>(ip_offset);
  const std::uint32_t header = ip->header_bytes();
  // A header that goes on in another buffer is nobody's.
  if (header > packet.size() - ip_offset) return false;
  if (ip->total_length.get() < header || !is_host(ip->source) || !is_host(ip->destination)) {
    return false;
  }
  ChecksumSum sum;
  sum.add(packet.data() + ip_offset, header);
  if (!sum.verifies()) return false;
  const std::uint16_t fragment = ip->flags_offset.get();
  if ((fragment & Ipv4Header::kOffsetMask) != 0) return false;
  if (error.type == icmpv4::kUnreachable && error.code == icmpv4::kTooBig &&
      (fragment != Ipv4Header::kDontFragment || error.rest < icmpv4::kSureBytes)) {
    return false;
  }
  if (ip->proto() != IpProto::kIcmp) return true;
  const auto* type = packet.at<std::uint8_t>(ip_offset + header);
  return type != nullptr && is_query(*type);
}

bool may_tell_ipv6(const Packet& packet, std::uint32_t ip_offset) noexcept {
  const auto* ip = packet.at<Ipv6Header>(ip_offset);
  if (!is_host(ip->source) || !is_host(ip->destination)) return false;
  const Ipv6Chain chain = walk_ipv6(packet, ip_offset);
  // What cannot be seen may be an error.
  if (!chain.reaches_payload()) return false;
  if (chain.proto != IpProto::kIcmpv6) return true;
  const auto* type = packet.at<std::uint8_t>(chain.offset);
  return type != nullptr && *type >= icmpv6::kFirstInformational && *type != icmpv6::kRedirect;
}

}  // namespace

bool may_tell(const Packet& packet, const InnerFrame& inner, const IcmpError& error) noexcept {
  if (inner.payload == InnerFrame::Payload::kOther) return false;
  if (!inner.is_ip_packet()) {
    const auto* ethernet = packet.at<EthernetHeader>(0);
    if (ethernet->destination.is_group() || ethernet->source.is_group()) return false;
  }
  return inner.payload == InnerFrame::Payload::kIpv4 ? may_tell_ipv4(packet, inner.ip_offset, error)
                                                     : may_tell_ipv6(packet, inner.ip_offset);
}

}  // namespace adit
