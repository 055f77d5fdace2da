#include "packet/inner.h"

#include "packet/flow_hash.h"
#include "wire/checksum.h"

namespace adit {
namespace {

using Payload = InnerFrame::Payload;

DropReason parse_ipv4(const Packet& frame, InnerFrame& inner) noexcept {
  const auto* ip = frame.at<Ipv4Header>(inner.ip_offset);
  if (ip == nullptr) return DropReason::k_inner_truncated;
  if (ip->version() != 4 || ip->header_bytes() < sizeof *ip) return DropReason::kNone;
  if (ip->header_bytes() > frame.length() - inner.ip_offset) return DropReason::k_inner_truncated;
  inner.payload = Payload::kIpv4;
  inner.ecn = static_cast<Ecn>(ip->tos & 3);
  inner.dscp = static_cast<std::uint8_t>(ip->tos >> 2);
  inner.ttl = ip->ttl;
  inner.dont_fragment = (ip->flags_offset.get() & Ipv4Header::kDontFragment) != 0;
  return DropReason::kNone;
}

DropReason parse_ipv6(const Packet& frame, InnerFrame& inner) noexcept {
  const auto* ip = frame.at<Ipv6Header>(inner.ip_offset);
  if (ip == nullptr) return DropReason::k_inner_truncated;
  if (ip->version() != 6) return DropReason::kNone;
  inner.payload = Payload::kIpv6;
  inner.ecn = static_cast<Ecn>(ip->traffic_class() & 3);
  inner.dscp = static_cast<std::uint8_t>(ip->traffic_class() >> 2);
  inner.ttl = ip->hop_limit;
  inner.dont_fragment = true;
  return DropReason::kNone;
}

bool has_ports(std::uint8_t proto) noexcept {
  constexpr std::uint8_t kDccp = 33;
  constexpr std::uint8_t kSctp = 132;
  constexpr std::uint8_t kUdpLite = 136;
  return proto == static_cast<std::uint8_t>(IpProto::kTcp) ||
         proto == static_cast<std::uint8_t>(IpProto::kUdp) || proto == kDccp || proto == kSctp ||
         proto == kUdpLite;
}

/// The two ports behind the IP header, and the protocol; 0 ports where there
/// are none.
std::uint64_t ports_and_protocol(const Packet& frame, std::uint32_t offset, std::uint8_t proto,
                                 bool fragment) noexcept {
  if (fragment || !has_ports(proto)) return hash_word(proto, 0);
  const auto* ports = frame.at<be32>(offset);
  return hash_word(proto, ports == nullptr ? 0 : ports->raw());
}

std::uint64_t hash_of_ipv4(const Packet& frame, std::uint32_t offset,
                           const HashSeed& seed) noexcept {
  const auto* ip = frame.at<Ipv4Header>(offset);
  const std::uint64_t ports =
      ports_and_protocol(frame, offset + ip->header_bytes(), ip->protocol, ip->is_fragment());
  return hash_ipv4(frame.data() + offset, ports, seed);
}

std::uint64_t hash_of_ipv6(const Packet& frame, std::uint32_t offset,
                           const HashSeed& seed) noexcept {
  const auto* ip = frame.at<Ipv6Header>(offset);
  // A fragment header is not looked behind: its fragments agree on the
  // addresses.
  const std::uint64_t ports =
      ports_and_protocol(frame, offset + std::uint32_t{sizeof *ip}, ip->next_header, false);
  return hash_ipv6(frame.data() + offset, ports, seed);
}

std::uint64_t hash_other(const Packet& frame, const HashSeed& seed) noexcept {
  const std::uint8_t* start = frame.data();
  return mix(load64(start) ^ seed.words[0], load64(start + 6) ^ seed.words[1]);
}

/// Writes the bits of `mask` in the TOS byte or traffic class.
void set_traffic_class(const Packet& frame, const InnerFrame& inner, std::uint8_t bits,
                       std::uint8_t mask) noexcept {
  if (inner.payload == Payload::kIpv4) {
    auto* ip = frame.at<Ipv4Header>(inner.ip_offset);
    const auto before = static_cast<std::uint16_t>((ip->version_ihl << 8) | ip->tos);
    ip->tos = static_cast<std::uint8_t>((ip->tos & ~mask) | (bits & mask));
    const auto after = static_cast<std::uint16_t>((ip->version_ihl << 8) | ip->tos);
    ip->checksum = updated_checksum(ip->checksum, before, after);
    return;
  }
  constexpr unsigned kShift = 20;
  auto* ip = frame.at<Ipv6Header>(inner.ip_offset);
  ip->version_class_label = (ip->version_class_label.get() & ~(std::uint32_t{mask} << kShift)) |
                            (static_cast<std::uint32_t>(bits & mask) << kShift);
}

constexpr std::uint8_t kEcnMask = 0x03;
constexpr std::uint8_t kDscpMask = 0xfc;

}  // namespace

DropReason parse_inner(const Packet& frame, InnerFrame& inner) noexcept {
  const auto* ethernet = frame.at<EthernetHeader>(0);
  if (ethernet == nullptr) return DropReason::k_inner_truncated;
  EtherType type = ethernet->ether_type();
  std::uint32_t offset = sizeof *ethernet;
  inner = InnerFrame{};
  inner.tagged = is_vlan(type);
  for (int tags = 0; tags < 2 && is_vlan(type); ++tags) {
    const auto* behind = frame.at<be32>(offset);
    if (behind == nullptr) return DropReason::k_inner_truncated;
    type = static_cast<EtherType>(behind->get() & 0xffff);
    offset += sizeof(VlanTag);
  }
  inner.ip_offset = offset;
  if (type == EtherType::kIpv4) return parse_ipv4(frame, inner);
  if (type == EtherType::kIpv6) return parse_ipv6(frame, inner);
  return DropReason::kNone;
}

DropReason parse_ip_packet(const Packet& packet, InnerFrame& inner) noexcept {
  inner = InnerFrame{};
  const auto* first = packet.at<std::uint8_t>(0);
  if (first == nullptr) return DropReason::k_inner_truncated;
  const unsigned version = *first >> 4;
  if (version == 4) return parse_ipv4(packet, inner);
  return version == 6 ? parse_ipv6(packet, inner) : DropReason::kNone;
}

std::uint32_t ip_packet_bytes(const Packet& frame, const InnerFrame& inner) noexcept {
  if (inner.payload == Payload::kIpv6) {
    const auto* ip = frame.at<Ipv6Header>(inner.ip_offset);
    return std::uint32_t{sizeof *ip} + ip->payload_length.get();
  }
  const auto* ip = frame.at<Ipv4Header>(inner.ip_offset);
  const std::uint32_t total = ip->total_length.get();
  return total < ip->header_bytes() ? 0 : total;
}

std::uint64_t flow_hash(const Packet& frame, const InnerFrame& inner,
                        const HashSeed& seed) noexcept {
  std::uint64_t hash = 0;
  switch (inner.payload) {
    case Payload::kIpv4:
      hash = hash_of_ipv4(frame, inner.ip_offset, seed);
      break;
    case Payload::kIpv6:
      hash = hash_of_ipv6(frame, inner.ip_offset, seed);
      break;
    case Payload::kOther:
      hash = hash_other(frame, seed);
      break;
  }
  return finish_hash(hash, seed);
}

DropReason decapsulate_ecn(const Packet& frame, const InnerFrame& inner, Ecn outer) noexcept {
  if (inner.payload == Payload::kOther || outer == Ecn::kNotEct || outer == inner.ecn) {
    return DropReason::kNone;
  }
  if (inner.ecn == Ecn::kNotEct) {
    return outer == Ecn::kCe ? DropReason::k_ecn_congestion : DropReason::kNone;
  }
  // Of ECT(0), ECT(1) and CE the more severe mark stands; ECT(0) under ECT(1)
  // becomes ECT(1).
  const bool raise = outer == Ecn::kCe || (outer == Ecn::kEct1 && inner.ecn == Ecn::kEct0);
  if (raise && inner.ecn != Ecn::kCe) {
    set_traffic_class(frame, inner, static_cast<std::uint8_t>(outer), kEcnMask);
  }
  return DropReason::kNone;
}

void copy_dscp(const Packet& frame, const InnerFrame& inner, std::uint8_t traffic_class) noexcept {
  if (inner.payload == Payload::kOther) return;
  set_traffic_class(frame, inner, traffic_class, kDscpMask);
}

}  // namespace adit
