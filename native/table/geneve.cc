// Geneve (RFC 8926): Ethernet frames in UDP with options. None is sent;
// received ones are stepped over unless one is critical, which must not be
// ignored.

#include "packet/headers.h"
#include "table/tunnel_template.h"

namespace adit {
namespace {

Endpoint build(const TunnelSpec& spec, Tunnel& tunnel) {
  return build_in_udp(spec, push_geneve, tunnel);
}

DropReason parse(const Packet& packet, OuterPacket& outer) noexcept {
  const std::uint32_t offset = behind_udp(outer);
  const auto* geneve = packet.at<GeneveHeader>(offset);
  if (geneve == nullptr) return DropReason::k_truncated;
  if (geneve->version() != 0) return DropReason::k_geneve_version;
  const std::uint32_t options = offset + std::uint32_t{sizeof *geneve};
  outer.inner_offset = options + geneve->options_bytes();
  if (outer.inner_offset > packet.size()) return DropReason::k_geneve_options;
  if ((geneve->flags & GeneveHeader::kControl) != 0) return DropReason::k_geneve_control;
  const bool has_critical = (geneve->flags & GeneveHeader::kCritical) != 0;
  if (has_critical || !are_geneve_options_ok(packet, options, outer.inner_offset)) {
    return DropReason::k_geneve_options;
  }
  outer.id = geneve->vni();
  outer.id_kind = IdKind::kVni;
  return DropReason::kNone;
}

DropReason check(const Packet& packet, const OuterPacket& outer, const Tunnel& tunnel) noexcept {
  const DropReason zero = check_zero_checksum(packet, outer, tunnel);
  if (zero != DropReason::kNone) return zero;
  const auto* geneve = packet.at<GeneveHeader>(behind_udp(outer));
  const bool is_ethernet =
      static_cast<EtherType>(geneve->protocol.get()) == EtherType::kTransparentEthernet;
  return is_ethernet ? DropReason::kNone : DropReason::k_gre_protocol;
}

}  // namespace

const TunnelTypeOps kGeneveOps = {
    "geneve", DropReason::k_unknown_vni, build, parse, read_sent_udp, check, patch_udp};

}  // namespace adit
