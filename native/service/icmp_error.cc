#include "service/icmp_error.h"

#include <algorithm>
#include <utility>

#include "packet/headers.h"
#include "packet/payload_sum.h"
#include "wire/checksum.h"
#include "wire/icmp.h"

namespace adit {
namespace {

using Payload = InnerFrame::Payload;

/// Ethernet header and two tags.
constexpr std::uint32_t kMostLinkBytes = sizeof(EthernetHeader) + 2 * sizeof(VlanTag);
/// Room that is made for what is pushed on the message's way out: outer Ethernet with a tag, IPv6
/// and the longest tunnel header.
constexpr std::uint32_t kRoomForPush = 128;

/// Header of the packet that the message is about, turned around. The TOS is 0 and the message may
/// not be fragmented, so its identification is 0, too (RFC 6864).
IpFields answer_fields(const Packet& packet, const InnerFrame& inner) noexcept {
  IpFields fields;
  fields.ttl = inner.ttl;
  if (inner.payload == Payload::kIpv4) {
    const auto* ip = packet.at<Ipv4Header>(inner.ip_offset);
    fields.source = IpAddress::v4(ip->destination);
    fields.destination = IpAddress::v4(ip->source);
    fields.proto = IpProto::kIcmp;
  } else {
    const auto* ip = packet.at<Ipv6Header>(inner.ip_offset);
    fields.source = IpAddress::v6(ip->destination);
    fields.destination = IpAddress::v6(ip->source);
    fields.proto = IpProto::kIcmpv6;
  }
  return fields;
}

bool push_icmp(Packet& packet, const IcmpError& error, const IpFields& ip) noexcept {
  const std::uint8_t* start = packet.push(sizeof(IcmpHeader));
  if (start == nullptr) return false;
  auto* icmp = packet.at<IcmpHeader>(0);
  *icmp = IcmpHeader{.type = error.type, .code = error.code, .checksum = {}, .rest = {}};
  icmp->rest = error.rest;
  // ICMPv4 has no pseudo header; ICMPv6 has (RFC 4443 §2.3).
  ChecksumSum sum;
  if (ip.proto == IpProto::kIcmpv6) {
    sum = pseudo_header_sum(ip.source.bytes.data(), ip.destination.bytes.data(), ip.source.size(),
                            ip.proto, packet.length());
  }
  add_payload(sum, packet, 0, packet.length());
  icmp->checksum = sum.checksum();
  return true;
}

/// The link header of the packet that the message is about, back to where it came from.
bool push_link(Packet& packet, const std::uint8_t* link, std::uint32_t bytes) noexcept {
  std::uint8_t* start = packet.push(bytes);
  if (start == nullptr) return false;
  if (bytes == 0) return true;
  std::memcpy(start, link, bytes);
  auto* ethernet = packet.at<EthernetHeader>(0);
  std::swap(ethernet->destination, ethernet->source);
  return true;
}

}  // namespace

IcmpError IcmpError::too_big(Payload payload, std::uint32_t mtu) noexcept {
  if (payload == Payload::kIpv4) {
    // Bytes 4-5 are unused and stay 0.
    return {icmpv4::kUnreachable, icmpv4::kTooBig, std::min(mtu, std::uint32_t{0xffff})};
  }
  return {icmpv6::kTooBig, 0, std::max(mtu, icmpv6::kSureBytes)};
}

IcmpError IcmpError::unreachable(Payload payload, std::uint8_t code) noexcept {
  return {payload == Payload::kIpv4 ? icmpv4::kUnreachable : icmpv6::kUnreachable, code, 0};
}

bool make_icmp_error(Packet& packet, InnerFrame& inner, const IcmpError& error) noexcept {
  const bool is_ipv4 = inner.payload == Payload::kIpv4;
  const std::uint32_t ip_header = is_ipv4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header);
  const std::uint32_t headers = ip_header + std::uint32_t{sizeof(IcmpHeader)};
  const std::uint32_t most = (is_ipv4 ? icmpv4::kSureBytes : icmpv6::kSureBytes) - headers;
  const IpFields ip = answer_fields(packet, inner);
  const std::uint32_t quoted = std::min(ip_packet_bytes(packet, inner), most);
  const std::uint32_t link_bytes = inner.ip_offset;
  std::uint8_t link[kMostLinkBytes];
  if (link_bytes > sizeof link) return false;
  std::memcpy(link, packet.data(), link_bytes);
  if (packet.pop(link_bytes) == nullptr) return false;
  static_cast<void>(packet.trim(std::min(quoted, packet.length())));
  const std::uint32_t room = headers + link_bytes + kRoomForPush;
  if (packet.headroom() < room) {
    // What stands in further buffers does not move along.
    static_cast<void>(packet.trim(packet.size()));
    packet.move_back(room - packet.headroom());
  }
  if (!push_icmp(packet, error, ip) || !push_ip(packet, ip)) return false;
  if (!push_link(packet, link, link_bytes)) return false;
  return parse_payload(packet, link_bytes == 0, inner) == DropReason::kNone;
}

}  // namespace adit
