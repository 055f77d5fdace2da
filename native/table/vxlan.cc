// VXLAN (RFC 7348): Ethernet frames in UDP, told apart by a 24-bit network identifier.

#include "packet/headers.h"
#include "table/tunnel.h"

namespace adit {
namespace {

Endpoint build(const TunnelSpec& spec, Tunnel& tunnel) {
  const auto& vxlan = std::get<VxlanSpec>(spec.type);
  tunnel.id = vxlan.vni;
  tunnel.udp_checksum = vxlan.udp_checksum;
  tunnel.source_port_min = vxlan.source_port_min;
  tunnel.source_port_span =
      static_cast<std::uint16_t>(vxlan.source_port_max - vxlan.source_port_min);

  std::uint8_t memory[kMaxTemplateBytes];
  Packet headers(memory, sizeof memory, sizeof memory, 0);
  const IpFields ip{.source = spec.local,
                    .destination = spec.remote,
                    .proto = IpProto::kUdp,
                    .ttl = spec.ttl,
                    .traffic_class = static_cast<std::uint8_t>(spec.dscp << 2),
                    .dont_fragment = spec.dont_fragment};
  const bool built = push_vxlan(headers, vxlan.vni) &&
                     push_udp(headers, {.source_port = 0, .destination_port = vxlan.udp_port}) &&
                     push_ip(headers, ip);
  if (built) set_template(tunnel, headers);
  return {.local = spec.local, .type = TunnelType::kVxlan, .udp_port = vxlan.udp_port};
}

DropReason parse(const Packet& packet, OuterPacket& outer) noexcept {
  const std::uint32_t offset = outer.l4_offset + std::uint32_t{sizeof(UdpHeader)};
  const auto* vxlan = packet.at<VxlanHeader>(offset);
  if (vxlan == nullptr) return DropReason::k_truncated;
  if ((vxlan->flags & VxlanHeader::kVniValid) == 0) return DropReason::k_vxlan_flags;
  outer.id = vxlan->vni();
  outer.keyed = false;
  outer.inner_offset = offset + std::uint32_t{sizeof *vxlan};
  return DropReason::kNone;
}

DropReason check(const Packet& packet, const OuterPacket& outer, const Tunnel&) noexcept {
  const auto* udp = packet.at<UdpHeader>(outer.l4_offset);
  // RFC 6936 §4.5: a receiver discards zero checksums on IPv6 unless it was told to take them.
  const bool is_zero = udp->checksum.raw() == 0;
  return is_zero && outer.family == IpFamily::kIpv6 ? DropReason::k_zero_checksum
                                                    : DropReason::kNone;
}

}  // namespace

const TunnelTypeOps kVxlanOps = {DropReason::k_unknown_vni, build, parse, check};

}  // namespace adit
