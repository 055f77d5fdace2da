#include "table/outer.h"

#include "packet/ipv6_chain.h"
#include "packet/payload_sum.h"
#include "wire/ethernet.h"
#include "wire/gre.h"
#include "wire/udp.h"

namespace adit {
namespace {

constexpr std::uint32_t kIpOffset = sizeof(EthernetHeader);

constexpr IpAddress kIpv6Loopback{IpFamily::kIpv6,
                                  {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

/// What the IP header said, checked against the frame.
struct IpLayer {
  IpAddress destination;
  IpProto proto = IpProto::kUdp;
  /// End of the IP packet, from the frame's start.
  std::uint32_t end = 0;
  bool fragment = false;
  bool options = false;
  /// False for a later fragment, and where the extension headers do not end in
  /// UDP or GRE.
  bool has_l4 = true;
};

/// Where a frame ends before the IP packet does: inside the headers in front of
/// the inner frame, or behind them.
DropReason short_frame(const Packet& packet, IpProto proto, std::uint32_t l4_offset) noexcept {
  constexpr std::uint32_t kUdpTunnelBytes = sizeof(UdpHeader) + 8;
  std::uint32_t headers_end = l4_offset + kUdpTunnelBytes;
  if (proto == IpProto::kGre) {
    const auto gre = packet.read<GreHeader>(l4_offset);
    headers_end = !gre ? 0xffff : l4_offset + gre->header_bytes();
  }
  return packet.length() < headers_end ? DropReason::k_truncated : DropReason::k_bad_outer_header;
}

DropReason read_ipv4(const Packet& packet, IpLayer& layer, OuterPacket& outer) noexcept {
  const auto* ip = packet.at<Ipv4Header>(kIpOffset);
  if (ip == nullptr) return DropReason::k_truncated;
  const std::uint32_t header = ip->header_bytes();
  const std::uint32_t total = ip->total_length.get();
  if (ip->version() != 4 || header < sizeof *ip || total < header) {
    return DropReason::k_bad_outer_header;
  }
  outer.l4_offset = kIpOffset + header;
  layer.end = kIpOffset + total;
  layer.proto = ip->proto();
  if (packet.length() < outer.l4_offset) return DropReason::k_truncated;
  if (packet.length() < layer.end) return short_frame(packet, layer.proto, outer.l4_offset);
  ChecksumSum sum;
  add_payload(sum, packet, kIpOffset, header);
  if (!sum.verifies()) return DropReason::k_bad_outer_checksum;

  outer.family = IpFamily::kIpv4;
  outer.source = IpAddress::v4(ip->source);
  outer.traffic_class = ip->tos;
  layer.destination = IpAddress::v4(ip->destination);
  layer.fragment = ip->is_fragment();
  layer.options = header > sizeof *ip;
  layer.has_l4 = !layer.fragment;
  return DropReason::kNone;
}

DropReason read_ipv6(const Packet& packet, IpLayer& layer, OuterPacket& outer) noexcept {
  const auto* ip = packet.at<Ipv6Header>(kIpOffset);
  if (ip == nullptr) return DropReason::k_truncated;
  if (ip->version() != 6) return DropReason::k_bad_outer_header;
  // Extension headers are walked so that a packet that has them gets the right reason.
  const Ipv6Chain chain = walk_ipv6(packet, kIpOffset);
  if (chain.truncated) return DropReason::k_truncated;
  outer.l4_offset = chain.offset;
  layer.end = kIpOffset + std::uint32_t{sizeof *ip} + ip->payload_length.get();
  layer.proto = chain.proto;
  layer.fragment = chain.fragment;
  layer.options = chain.options;
  if (packet.length() < layer.end) return short_frame(packet, layer.proto, outer.l4_offset);

  outer.family = IpFamily::kIpv6;
  outer.source = IpAddress::v6(ip->source);
  outer.traffic_class = ip->traffic_class();
  layer.destination = IpAddress::v6(ip->destination);
  const bool is_known = chain.proto == IpProto::kUdp || chain.proto == IpProto::kGre;
  layer.has_l4 = is_known && !chain.endless && !layer.fragment;
  return DropReason::kNone;
}

/// Checks UDP length and checksum; a valid length becomes the packet's end.
DropReason check_udp(const Packet& packet, IpLayer& layer, const OuterPacket& outer,
                     std::uint16_t& udp_port) noexcept {
  const auto udp = packet.read<UdpHeader>(outer.l4_offset);
  if (!udp || outer.l4_offset + sizeof *udp > layer.end) return DropReason::k_truncated;
  const std::uint32_t length = udp->length.get();
  if (length < sizeof *udp || length > layer.end - outer.l4_offset) return DropReason::k_udp_length;
  layer.end = outer.l4_offset + length;
  udp_port = udp->destination_port.get();
  if (udp->checksum.raw() == 0) return DropReason::kNone;
  ChecksumSum sum = pseudo_header_sum(outer.source.bytes.data(), layer.destination.bytes.data(),
                                      outer.source.size(), IpProto::kUdp, length);
  add_payload(sum, packet, outer.l4_offset, length);
  return sum.verifies() ? DropReason::kNone : DropReason::k_bad_outer_checksum;
}

}  // namespace

DropReason read_outer(const EndpointMap& endpoints, Packet& packet, OuterPacket& outer) noexcept {
  outer = {};
  const auto* ethernet = packet.at<EthernetHeader>(0);
  if (ethernet == nullptr) return DropReason::k_truncated;
  IpLayer layer;
  const bool is_ipv4 = ethernet->ether_type() == EtherType::kIpv4;
  if (!is_ipv4 && ethernet->ether_type() != EtherType::kIpv6) return DropReason::k_unknown_tunnel;
  DropReason reason = is_ipv4 ? read_ipv4(packet, layer, outer) : read_ipv6(packet, layer, outer);
  if (reason != DropReason::kNone) return reason;

  std::uint16_t udp_port = 0;
  if (layer.has_l4 && layer.proto == IpProto::kUdp) {
    reason = check_udp(packet, layer, outer, udp_port);
    if (reason != DropReason::kNone) return reason;
  }
  if (layer.fragment) return DropReason::k_outer_fragment;
  if (layer.options) return DropReason::k_outer_options;
  outer.is_icmp = layer.proto == (is_ipv4 ? IpProto::kIcmp : IpProto::kIcmpv6);
  if (outer.is_icmp) return packet.trim(layer.end) ? DropReason::kNone : DropReason::k_truncated;
  if (!layer.has_l4) return DropReason::k_unknown_tunnel;
  outer.endpoint = endpoints.find(layer.destination, layer.proto, udp_port);
  if (outer.endpoint == EndpointMap::kNone) return DropReason::k_unknown_tunnel;
  return packet.trim(layer.end) ? DropReason::kNone : DropReason::k_truncated;
}

bool is_valid_source(const EndpointMap& endpoints, const OwnAddresses& own,
                     const IpAddress& source) noexcept {
  constexpr std::uint8_t kIpv4MulticastBits = 0xe0;
  constexpr std::uint8_t kIpv4Loopback = 127;
  constexpr std::uint32_t kBroadcast = 0xffffffff;
  const bool is_ipv4 = source.family == IpFamily::kIpv4;
  const bool is_unspecified = source.bytes == decltype(source.bytes){};
  const bool is_group = is_ipv4 ? (source.bytes[0] & 0xf0) == kIpv4MulticastBits ||
                                      load32(source.bytes.data()) == kBroadcast
                                : source.bytes[0] == 0xff;
  const bool is_loopback = is_ipv4 ? source.bytes[0] == kIpv4Loopback : source == kIpv6Loopback;
  return !is_unspecified && !is_group && !is_loopback && !endpoints.is_local(source) &&
         !own.contains(source);
}

}  // namespace adit
