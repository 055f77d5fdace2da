// VXLAN (RFC 7348): Ethernet frames in UDP, told apart by a 24-bit network
// identifier.

#include "packet/headers.h"
#include "table/tunnel_template.h"

namespace adit {
namespace {

Endpoint build(const TunnelSpec& spec, Tunnel& tunnel) {
  return build_in_udp(spec, push_vxlan, tunnel);
}

DropReason parse(const Packet& packet, OuterPacket& outer) noexcept {
  const std::uint32_t offset = behind_udp(outer);
  const auto* vxlan = packet.at<VxlanHeader>(offset);
  if (vxlan == nullptr) return DropReason::k_truncated;
  if ((vxlan->flags & VxlanHeader::kVniValid) == 0) return DropReason::k_vxlan_flags;
  outer.id = vxlan->vni();
  outer.id_kind = IdKind::kVni;
  outer.inner_offset = offset + std::uint32_t{sizeof *vxlan};
  return DropReason::kNone;
}

DropReason check(const Packet& packet, const OuterPacket& outer, const Tunnel& tunnel) noexcept {
  const DropReason zero = check_zero_checksum(packet, outer, tunnel);
  if (zero != DropReason::kNone || !tunnel.drop_reserved) return zero;
  // RFC 7348 §5 has reserved bits ignored; Linux and Open vSwitch drop packets
  // that have any.
  const auto* vxlan = packet.at<VxlanHeader>(behind_udp(outer));
  const unsigned reserved = (vxlan->flags & ~unsigned{VxlanHeader::kVniValid}) |
                            vxlan->reserved[0] | vxlan->reserved[1] | vxlan->reserved[2] |
                            (vxlan->vni_reserved.get() & 0xff);
  return reserved == 0 ? DropReason::kNone : DropReason::k_vxlan_reserved;
}

}  // namespace

const TunnelTypeOps kVxlanOps = {
    "vxlan", DropReason::k_unknown_vni, build, parse, read_sent_udp, check, patch_udp};

}  // namespace adit
