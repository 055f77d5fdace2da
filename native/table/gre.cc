// GRE (RFC 2784, RFC 7676) with key and sequence number (RFC 2890), carrying
// Ethernet frames (protocol type 0x6558) or IP packets (0x0800 and 0x86dd).

#include "table/gre.h"

#include "packet/headers.h"
#include "table/tunnel_template.h"

namespace adit {
namespace {

/// GRE header fields of a received packet behind the first four bytes.
struct Offsets {
  std::uint32_t key;
  std::uint32_t sequence;
};

Offsets offsets_of(const GreHeader& gre, std::uint32_t l4_offset) noexcept {
  const std::uint32_t key =
      l4_offset + std::uint32_t{sizeof gre} + (gre.has(GreHeader::kChecksum) ? 4U : 0U);
  return {key, key + (gre.has(GreHeader::kKey) ? 4U : 0U)};
}

/// Whether the protocol type is one that the tunnel carries, and what stands behind an IP type is
/// of its version. Where nothing stands there it is left to the inner header's check.
bool is_payload_taken(const Packet& packet, const OuterPacket& outer, EtherType type,
                      const Tunnel& tunnel) noexcept {
  if (!tunnel.payload_ip) return type == EtherType::kTransparentEthernet;
  if (type != EtherType::kIpv4 && type != EtherType::kIpv6) return false;
  const auto* first = packet.at<std::uint8_t>(outer.inner_offset);
  if (first == nullptr) return true;
  constexpr unsigned kLeastIpv4Words = 5;
  return type == EtherType::kIpv6 ? *first >> 4 == 6
                                  : *first >> 4 == 4 && (*first & 0x0f) >= kLeastIpv4Words;
}

/// RFC 2784 §2.4 and RFC 7676 §3.1: the type of the IP packet behind a GRE header.
EtherType type_of_ip(const Packet& packet, std::uint32_t offset) noexcept {
  const auto* first = packet.at<std::uint8_t>(offset);
  return first != nullptr && *first >> 4 == 6 ? EtherType::kIpv6 : EtherType::kIpv4;
}

Endpoint build(const TunnelSpec& spec, Tunnel& tunnel) {
  tunnel.set_id_kind(spec.receive_id ? IdKind::kKey : IdKind::kNone);
  tunnel.id = spec.receive_id.value_or(0);
  std::uint8_t memory[kMaxTemplateBytes];
  Packet headers(memory, sizeof memory, sizeof memory, 0);
  GreFields fields;
  fields.key = spec.send_id;
  fields.checksum = spec.send_checksum;
  if (spec.sequence) fields.sequence = 0;
  if (push_gre(headers, fields)) set_template(spec, IpProto::kGre, headers, tunnel);
  return {.local = spec.local, .type = TunnelType::kGre, .udp_port = 0};
}

DropReason check(const Packet& packet, const OuterPacket& outer, const Tunnel& tunnel) noexcept {
  const auto* gre = packet.at<GreHeader>(outer.l4_offset);
  const auto type = static_cast<EtherType>(gre->protocol.get());
  if (!is_payload_taken(packet, outer, type, tunnel)) return DropReason::k_gre_protocol;
  if (tunnel.require_checksum && !gre->has(GreHeader::kChecksum)) {
    return DropReason::k_gre_checksum_missing;
  }
  return check_gre_checksum(packet, outer.l4_offset);
}

void patch(const Packet& packet, std::uint32_t l4_offset, const Tunnel& tunnel,
           const PushFields& fields) noexcept {
  auto* gre = packet.at<GreHeader>(l4_offset);
  if (tunnel.payload_ip) {
    const EtherType type = type_of_ip(packet, l4_offset + gre->header_bytes());
    gre->protocol = static_cast<std::uint16_t>(type);
  }
  if (tunnel.sequence) {
    const Offsets offsets = offsets_of(*gre, l4_offset);
    *packet.at<be32>(offsets.sequence) = fields.sequence;
  }
  if (!tunnel.send_checksum) return;
  Packet from_gre = packet;
  if (from_gre.pop(l4_offset) != nullptr) set_gre_checksum(from_gre);
}

}  // namespace

DropReason parse_gre(const Packet& packet, OuterPacket& outer) noexcept {
  const auto* gre = packet.at<GreHeader>(outer.l4_offset);
  if (gre == nullptr) return DropReason::k_truncated;
  const std::uint16_t flags = gre->flags_version.get();
  // The version first: it decides what the other bits mean (PPTP's version 1
  // uses them otherwise).
  if ((flags & GreHeader::kVersionMask) != 0) return DropReason::k_gre_version;
  if ((flags & GreHeader::kMustBeZero) != 0) return DropReason::k_gre_flags;
  outer.inner_offset = outer.l4_offset + gre->header_bytes();
  if (outer.inner_offset > packet.size()) return DropReason::k_truncated;
  const Offsets offsets = offsets_of(*gre, outer.l4_offset);
  if (gre->has(GreHeader::kKey)) {
    outer.id_kind = IdKind::kKey;
    outer.id = packet.at<be32>(offsets.key)->get();
  }
  if (gre->has(GreHeader::kSequence)) {
    outer.has_sequence = true;
    outer.sequence = packet.at<be32>(offsets.sequence)->get();
  }
  return DropReason::kNone;
}

bool read_sent_gre(const Packet& packet, std::uint32_t l4_offset, SentHeader& header) noexcept {
  const auto* gre = packet.at<GreHeader>(l4_offset);
  if (gre == nullptr) return false;
  header.word = packet.at<be32>(l4_offset)->get();
  header.inner_offset = l4_offset + gre->header_bytes();
  if (!gre->has(GreHeader::kKey)) return true;
  const auto* key = packet.at<be32>(offsets_of(*gre, l4_offset).key);
  if (key == nullptr) return false;
  header.id = key->get();
  header.id_kind = IdKind::kKey;
  return true;
}

DropReason check_gre_checksum(const Packet& packet, std::uint32_t l4_offset) noexcept {
  Packet header_and_payload = packet;
  const bool whole = header_and_payload.pop(l4_offset) != nullptr;
  // RFC 2784 §2.5: a checksum that is there is verified.
  return whole && gre_checksum_ok(header_and_payload) ? DropReason::kNone
                                                      : DropReason::k_gre_checksum;
}

const TunnelTypeOps kGreOps = {
    "gre", DropReason::k_unknown_key, build, parse_gre, read_sent_gre, check, patch};

}  // namespace adit
