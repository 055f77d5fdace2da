// NVGRE (RFC 7637): GRE whose key is a 24-bit virtual subnet (VSID) and an
// 8-bit flow. Its packets arrive where GRE's do and are read by GRE's parser;
// the map then finds them by VSID.

#include "packet/headers.h"
#include "table/gre.h"
#include "table/tunnel_template.h"

namespace adit {
namespace {

constexpr std::uint32_t kFlowBits = 8;

Endpoint build(const TunnelSpec& spec, Tunnel& tunnel) {
  tunnel.set_id_kind(IdKind::kVsid);
  tunnel.id = spec.receive_id.value_or(0);
  tunnel.hash_flow_id = !spec.flow_id;
  std::uint8_t memory[kMaxTemplateBytes];
  Packet headers(memory, sizeof memory, sizeof memory, 0);
  GreFields fields;
  fields.key = (spec.send_id.value_or(0) << kFlowBits) | spec.flow_id.value_or(0);
  if (push_gre(headers, fields)) set_template(spec, IpProto::kGre, headers, tunnel);
  return {.local = spec.local, .type = TunnelType::kGre, .udp_port = 0};
}

DropReason check(const Packet& packet, const OuterPacket& outer, const Tunnel&) noexcept {
  const auto* gre = packet.at<GreHeader>(outer.l4_offset);
  // RFC 7637 §3.2: checksum and sequence bits must be zero.
  if (gre->has(GreHeader::kChecksum | GreHeader::kSequence)) return DropReason::k_gre_flags;
  const bool is_ethernet =
      static_cast<EtherType>(gre->protocol.get()) == EtherType::kTransparentEthernet;
  return is_ethernet ? DropReason::kNone : DropReason::k_gre_protocol;
}

void patch(const Packet& packet, std::uint32_t l4_offset, const Tunnel& tunnel,
           const PushFields& fields) noexcept {
  if (!tunnel.hash_flow_id) return;
  auto* key = packet.at<be32>(l4_offset + std::uint32_t{sizeof(GreHeader)});
  // The hash's middle bits: ports and labels use the ends.
  *key = key->get() | static_cast<std::uint8_t>(fields.hash >> 24);
}

}  // namespace

const TunnelTypeOps kNvgreOps = {
    "nvgre", DropReason::k_unknown_key, build, parse_gre, read_sent_gre, check, patch};

}  // namespace adit
