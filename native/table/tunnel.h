#pragma once

#include <cstdint>

#include "packet/drop_reason.h"
#include "packet/inner.h"
#include "packet/packet.h"
#include "table/table_spec.h"
#include "wire/address.h"
#include "wire/ip.h"

namespace adit {

enum class TunnelType : std::uint8_t { kVxlan, kGre, kCount };

/// Where tunnel packets of one kind arrive: a type at a local address (and UDP port). All tunnels
/// that share it differ by identifier and source.
struct Endpoint {
  IpAddress local;
  TunnelType type = TunnelType::kVxlan;
  /// 0 where the type has none.
  std::uint16_t udp_port = 0;

  [[nodiscard]] bool operator==(const Endpoint&) const noexcept = default;
};

/// IP protocol of an endpoint's packets.
[[nodiscard]] constexpr IpProto endpoint_proto(const Endpoint& endpoint) noexcept {
  return endpoint.type == TunnelType::kGre ? IpProto::kGre : IpProto::kUdp;
}

/// Longest run of bytes between the outer Ethernet header and the inner frame:
/// IPv6 + UDP + VXLAN, or IPv6 + GRE with checksum, key and sequence.
inline constexpr std::uint32_t kMaxTemplateBytes = 56;

/// A tunnel as the packet path needs it. The outer header from the IP header on is a template, made
/// once; per packet it is copied and lengths, checksum, ECN and entropy are patched. Fields and an
/// IPv4 template share the first cache line.
struct alignas(64) Tunnel {
  /// Index of its endpoint, and VNI or key: with the template's destination, all that a received
  /// packet must match.
  std::uint32_t endpoint = 0;
  std::uint32_t id = 0;
  std::uint32_t member = 0;
  std::uint32_t next_hop = 0;
  TunnelType type = TunnelType::kVxlan;
  IpFamily family = IpFamily::kIpv4;
  std::uint8_t template_bytes = 0;
  bool keyed : 1 = false;
  bool udp_checksum : 1 = false;
  bool keep_inner_tags : 1 = false;
  bool dont_fragment : 1 = false;
  /// UDP source ports are min + (0 .. span).
  std::uint16_t source_port_min = 0;
  std::uint16_t source_port_span = 0;
  /// The IPv4 checksum field holds the folded sum of the other fields, with total length,
  /// identification and ECN counted as 0.
  std::uint8_t outer[kMaxTemplateBytes] = {};

  [[nodiscard]] const std::uint8_t* remote_wire() const noexcept {
    return family == IpFamily::kIpv4 ? outer + 16 : outer + 24;
  }
  [[nodiscard]] IpAddress remote() const noexcept {
    return family == IpFamily::kIpv4 ? IpAddress::v4(remote_wire()) : IpAddress::v6(remote_wire());
  }
};
static_assert(sizeof(Tunnel) == 128);

/// A received tunnel packet while it is being matched: where its parts are, counted from the
/// packet's start. The bounds were checked when the values were set.
struct OuterPacket {
  IpAddress source;
  /// Of the outer IP header.
  Ecn ecn = Ecn::kNotEct;
  IpFamily family = IpFamily::kIpv4;
  std::uint32_t endpoint = 0;
  /// Start of the UDP or GRE header.
  std::uint32_t l4_offset = 0;
  /// Start of the inner frame, once the tunnel header is read.
  std::uint32_t inner_offset = 0;
  /// VNI or key, once the tunnel header is read.
  std::uint32_t id = 0;
  bool keyed = false;
};

/// One kind of tunnel: a row of the registry, and one file.
struct TunnelTypeOps {
  /// The reason where an identifier is not known.
  DropReason unknown_id;
  /// Fills type, identity, flags and template of `tunnel` from `spec`.
  /// \returns the endpoint where its packets arrive.
  Endpoint (*build)(const TunnelSpec& spec, Tunnel& tunnel);
  /// Reads the tunnel header of a received packet: sets inner_offset, id and keyed.
  DropReason (*parse)(const Packet& packet, OuterPacket& outer) noexcept;
  /// What the matched tunnel's own keys ask of the packet.
  DropReason (*check)(const Packet& packet, const OuterPacket& outer,
                      const Tunnel& tunnel) noexcept;
};

[[nodiscard]] const TunnelTypeOps& tunnel_type_ops(TunnelType type) noexcept;

extern const TunnelTypeOps kVxlanOps;
extern const TunnelTypeOps kGreOps;

/// Writes the template of `tunnel` from a packet that holds the outer headers from the IP header
/// on.
void set_template(Tunnel& tunnel, const Packet& headers) noexcept;

/// Pushes Ethernet, outer IP and tunnel header in front of `packet`, an inner frame; the MAC
/// addresses are left to be written. In place: the payload does not move.
/// \param hash of the inner flow: UDP source port and IPv6 flow label.
/// \param identification of an IPv4 header that may be fragmented (RFC 6864).
/// \returns k_no_headroom, with the packet unchanged, when the headers do not fit.
[[nodiscard]] DropReason push_tunnel(Packet& packet, const Tunnel& tunnel, Ecn ecn,
                                     std::uint64_t hash, std::uint16_t identification) noexcept;

}  // namespace adit
