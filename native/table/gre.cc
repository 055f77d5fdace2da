// GRE (RFC 2784) with the key of RFC 2890, carrying Ethernet frames (protocol type 0x6558).

#include "packet/headers.h"
#include "table/tunnel.h"

namespace adit {
namespace {

Endpoint build(const TunnelSpec& spec, Tunnel& tunnel) {
  const auto& gre = std::get<GreSpec>(spec.type);
  tunnel.keyed = gre.key.has_value();
  tunnel.id = gre.key.value_or(0);

  std::uint8_t memory[kMaxTemplateBytes];
  Packet headers(memory, sizeof memory, sizeof memory, 0);
  const IpFields ip{.source = spec.local,
                    .destination = spec.remote,
                    .proto = IpProto::kGre,
                    .ttl = spec.ttl,
                    .traffic_class = static_cast<std::uint8_t>(spec.dscp << 2),
                    .dont_fragment = spec.dont_fragment};
  const bool built =
      push_gre(headers, {.protocol = EtherType::kTransparentEthernet, .key = gre.key}) &&
      push_ip(headers, ip);
  if (built) set_template(tunnel, headers);
  return {.local = spec.local, .type = TunnelType::kGre, .udp_port = 0};
}

DropReason parse(const Packet& packet, OuterPacket& outer) noexcept {
  const auto* gre = packet.at<GreHeader>(outer.l4_offset);
  if (gre == nullptr) return DropReason::k_truncated;
  const std::uint16_t flags = gre->flags_version.get();
  // The version first: it decides what the other bits mean (PPTP's version 1 uses them otherwise).
  if ((flags & GreHeader::kVersionMask) != 0) return DropReason::k_gre_version;
  if ((flags & GreHeader::kMustBeZero) != 0) return DropReason::k_gre_flags;
  outer.inner_offset = outer.l4_offset + gre->header_bytes();
  if (outer.inner_offset > packet.size()) return DropReason::k_truncated;
  outer.keyed = gre->has(GreHeader::kKey);
  const std::uint32_t key_offset =
      outer.l4_offset + std::uint32_t{sizeof *gre} + (gre->has(GreHeader::kChecksum) ? 4U : 0U);
  outer.id = outer.keyed ? packet.at<be32>(key_offset)->get() : 0;
  return DropReason::kNone;
}

DropReason check(const Packet& packet, const OuterPacket& outer, const Tunnel&) noexcept {
  const auto* gre = packet.at<GreHeader>(outer.l4_offset);
  if (static_cast<EtherType>(gre->protocol.get()) != EtherType::kTransparentEthernet) {
    return DropReason::k_gre_protocol;
  }
  Packet header_and_payload = packet;
  const bool whole = header_and_payload.pop(outer.l4_offset) != nullptr;
  // RFC 2784 §2.5: a checksum that is there is verified.
  return whole && gre_checksum_ok(header_and_payload) ? DropReason::kNone
                                                      : DropReason::k_gre_checksum;
}

}  // namespace

const TunnelTypeOps kGreOps = {DropReason::k_unknown_key, build, parse, check};

}  // namespace adit
