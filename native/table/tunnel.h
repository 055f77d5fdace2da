#pragma once

#include <cstdint>
#include <cstring>

#include "packet/drop_reason.h"
#include "packet/inner.h"
#include "packet/packet.h"
#include "table/table_spec.h"
#include "wire/address.h"
#include "wire/ip.h"

namespace adit {

/// What a tunnel packet's identifier is; identifiers of different kinds never
/// match.
enum class IdKind : std::uint8_t { kNone, kVni, kKey, kVsid };

/// Where tunnel packets of one kind arrive: a local address and an IP protocol
/// (and UDP port). All tunnels that share it differ by identifier and source.
struct Endpoint {
  IpAddress local;
  /// Whose `parse` reads the packets. NVGRE shares GRE's.
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
/// The same with IPv4 outside.
inline constexpr std::uint32_t kMaxIpv4TemplateBytes = 36;

/// A tunnel as the packet path needs it. The outer header from the IP header on
/// is a template, made once; per packet it is copied, and lengths, checksums,
/// entropy and what is inherited are patched.
///
/// Templates end where a cache line does, an IPv4 one with the first line, which it shares with the
/// fields: so a whole line is copied to right in front of a payload, whatever the template's
/// length.
struct alignas(128) Tunnel {
  /// Its endpoint and the kind of its identifier, and VNI, VSID or key received: with the source,
  /// all that a received packet must match.
  std::uint32_t identity = 0;
  std::uint32_t id = 0;
  std::uint32_t member = 0;
  /// kNoNextHop: it only receives.
  std::uint32_t next_hop = kNoNextHop;
  TunnelType type = TunnelType::kVxlan;
  IpFamily family = IpFamily::kIpv4;
  std::uint8_t template_bytes = 0;
  /// What of an inner ECN field is put on the outer header: all, or nothing (RFC 6040 §4.1).
  std::uint8_t ecn_mask = 3;
  /// UDP source ports are min + (0 .. span).
  std::uint16_t source_port_min = 0;
  std::uint16_t source_port_span = 0;
  bool inherit_ttl : 1 = false;
  bool inherit_dscp : 1 = false;
  bool inherit_df : 1 = false;
  /// The DF bit is always set, so the identification means nothing.
  bool always_df : 1 = false;
  bool copy_dscp : 1 = false;
  bool hash_flow_label : 1 = false;
  bool keep_inner_tags : 1 = false;
  bool udp_checksum : 1 = false;
  bool accept_zero_checksum : 1 = false;
  bool drop_reserved : 1 = false;
  bool sequence : 1 = false;
  bool send_checksum : 1 = false;
  bool require_checksum : 1 = false;
  bool hash_flow_id : 1 = false;
  /// It carries IP packets, else Ethernet frames.
  bool payload_ip : 1 = false;
  /// What is sent would be decapsulated here again; see `comes_back`.
  bool loops : 1 = false;
  /// Only the remote may send into it; else sources are prefixes, which the map
  /// knows.
  bool accepts_remote_alone : 1 = true;
  /// `own_limit` counts.
  bool has_mtu : 1 = false;
  /// What is too big is cut into fragments where it may be.
  bool fragment_inner : 1 = false;
  /// The sender of what is too big is told.
  bool tell_sender : 1 = false;
  bool mss_clamp : 1 = false;
  /// ICMP errors lower the path MTU; else they are not listened to, and it is not kept to.
  bool learns_path : 1 = true;

 private:
  static constexpr unsigned kKindBits = 2;

  alignas(4) std::uint8_t ipv4_outer_[kMaxIpv4TemplateBytes] = {};

 public:
  /// Largest outer IP packet by the tunnel's own MTU, bytes.
  std::uint16_t own_limit = 0;

 private:
  alignas(8) std::uint8_t ipv6_outer_[kMaxTemplateBytes] = {};

 public:
  static constexpr std::size_t kLine = 64;

  /// \param endpoint below 2^30, which is more than tunnels fit any memory.
  [[nodiscard]] static constexpr std::uint32_t identity_of(std::uint32_t endpoint,
                                                           IdKind kind) noexcept {
    return (endpoint << kKindBits) | static_cast<std::uint32_t>(kind);
  }
  [[nodiscard]] static constexpr std::uint32_t endpoint_of(std::uint32_t identity) noexcept {
    return identity >> kKindBits;
  }
  [[nodiscard]] static constexpr IdKind kind_of(std::uint32_t identity) noexcept {
    return static_cast<IdKind>(identity & ((1U << kKindBits) - 1));
  }
  /// Index of its endpoint.
  [[nodiscard]] std::uint32_t endpoint() const noexcept { return endpoint_of(identity); }
  [[nodiscard]] IdKind id_kind() const noexcept { return kind_of(identity); }
  void set_endpoint(std::uint32_t endpoint) noexcept {
    identity = identity_of(endpoint, id_kind());
  }
  void set_id_kind(IdKind kind) noexcept { identity = identity_of(endpoint(), kind); }

  /// The template, `template_bytes` long. The IPv4 checksum field holds the folded sum of the other
  /// fields, with those that are patched counted as 0.
  [[nodiscard]] const std::uint8_t* outer() const noexcept { return outer_end() - template_bytes; }
  /// Its end, which is that of a cache line.
  [[nodiscard]] const std::uint8_t* outer_end() const noexcept {
    return family == IpFamily::kIpv4 ? ipv4_outer_end() : ipv6_outer_end();
  }
  [[nodiscard]] const std::uint8_t* ipv4_outer_end() const noexcept {
    return ipv4_outer_ + sizeof ipv4_outer_;
  }
  [[nodiscard]] const std::uint8_t* ipv6_outer_end() const noexcept {
    return ipv6_outer_ + sizeof ipv6_outer_;
  }
  /// Takes `bytes` bytes at `headers` as the template. \pre the family is set, and they fit.
  void set_outer(const std::uint8_t* headers, std::size_t bytes) noexcept {
    template_bytes = static_cast<std::uint8_t>(bytes);
    std::uint8_t* end = family == IpFamily::kIpv4 ? ipv4_outer_ + sizeof ipv4_outer_
                                                  : ipv6_outer_ + sizeof ipv6_outer_;
    std::memcpy(end - bytes, headers, bytes);
  }

  [[nodiscard]] const std::uint8_t* remote_wire() const noexcept {
    return family == IpFamily::kIpv4 ? outer() + 16 : outer() + 24;
  }
  [[nodiscard]] IpAddress remote() const noexcept {
    return family == IpFamily::kIpv4 ? IpAddress::v4(remote_wire()) : IpAddress::v6(remote_wire());
  }
};
static_assert(sizeof(Tunnel) == 128);

/// Whether what leaves through it is its template with lengths, checksum, entropy and ECN patched,
/// and nothing more is to be done. \pre `loops` is set.
[[nodiscard]] bool sends_plainly(const Tunnel& tunnel) noexcept;
/// Whether what arrives needs no more than the checks of the outer headers and of ECN.
[[nodiscard]] bool receives_plainly(const Tunnel& tunnel) noexcept;

/// A received tunnel packet while it is being matched: where its parts are,
/// counted from the packet's start. The bounds were checked when the values
/// were set.
struct OuterPacket {
  IpAddress source;
  /// TOS byte or traffic class of the outer IP header.
  std::uint8_t traffic_class = 0;
  IpFamily family = IpFamily::kIpv4;
  IdKind id_kind = IdKind::kNone;
  std::uint32_t endpoint = 0;
  /// Start of the UDP or GRE header.
  std::uint32_t l4_offset = 0;
  /// Start of the inner frame, once the tunnel header is read.
  std::uint32_t inner_offset = 0;
  /// VNI, VSID or key, once the tunnel header is read.
  std::uint32_t id = 0;
  /// GRE sequence number, where the packet has one.
  std::uint32_t sequence = 0;
  bool has_sequence = false;
  /// It is no tunnel packet but an ICMP message; `endpoint` is not set.
  bool is_icmp = false;

  [[nodiscard]] Ecn ecn() const noexcept { return static_cast<Ecn>(traffic_class & 3); }
};

/// What tells the tunnel that sent a packet, read from the packet's tunnel header or from a
/// template.
struct SentHeader {
  /// VNI or key; a VSID is read as a key.
  std::uint32_t id = 0;
  IdKind id_kind = IdKind::kNone;
  /// The header's first four bytes: flags and, but for VXLAN, the protocol type.
  std::uint32_t word = 0;
  /// Start of the inner frame, which may be behind the packet's end.
  std::uint32_t inner_offset = 0;
};

/// What differs from packet to packet of one tunnel, beside its length.
struct PushFields {
  /// Of the inner flow: UDP source port, IPv6 flow label, NVGRE FlowID.
  std::uint64_t hash = 0;
  /// Of an IPv4 header that may be fragmented (RFC 6864).
  std::uint16_t identification = 0;
  /// GRE sequence number.
  std::uint32_t sequence = 0;
};

/// One kind of tunnel: a row of the registry, and one file.
struct TunnelTypeOps {
  /// The public word of the type.
  const char* name;
  /// The reason where an identifier is not known.
  DropReason unknown_id;
  /// Fills identity and template of `tunnel` from `spec`; what all types share
  /// is set already. \returns the endpoint where its packets arrive.
  Endpoint (*build)(const TunnelSpec& spec, Tunnel& tunnel);
  /// Reads the tunnel header of a received packet: sets inner_offset, id and
  /// id_kind.
  DropReason (*parse)(const Packet& packet, OuterPacket& outer) noexcept;
  /// Reads the tunnel header of a packet that this gateway sent, which may be cut short: a quote in
  /// an ICMP error, or a template. False where it ends before the identifier does.
  bool (*read_sent)(const Packet& packet, std::uint32_t l4_offset, SentHeader& header) noexcept;
  /// What the matched tunnel's own keys ask of the packet.
  DropReason (*check)(const Packet& packet, const OuterPacket& outer,
                      const Tunnel& tunnel) noexcept;
  /// Patches the headers behind the IP header, which starts `l4_offset` bytes
  /// before them, at the packet's start.
  void (*patch)(const Packet& packet, std::uint32_t l4_offset, const Tunnel& tunnel,
                const PushFields& fields) noexcept;
};

[[nodiscard]] const TunnelTypeOps& tunnel_type_ops(TunnelType type) noexcept;

extern const TunnelTypeOps kVxlanOps;
extern const TunnelTypeOps kGeneveOps;
extern const TunnelTypeOps kGreOps;
extern const TunnelTypeOps kNvgreOps;

/// The packet path's form of a tunnel; its member and the index of its endpoint are left to be set.
/// \param endpoint is set to where its packets arrive.
[[nodiscard]] Tunnel make_tunnel(const TunnelSpec& spec, Endpoint& endpoint);

/// Whether the outer TTL would be inherited and there is none left: a packet whose time is over is
/// not given a new one (RFC 2003 §3.1).
[[nodiscard]] inline bool is_out_of_time(const Tunnel& tunnel, const InnerFrame& inner) noexcept {
  return tunnel.inherit_ttl && inner.payload != InnerFrame::Payload::kOther && inner.ttl == 0;
}

/// Pushes Ethernet, outer IP and tunnel header in front of `packet`, an inner
/// frame or IP packet; the MAC addresses are left to be written. In place: the payload does
/// not move. \returns k_no_headroom or k_inner_ttl, with the packet unchanged.
[[nodiscard]] DropReason push_tunnel(Packet& packet, const Tunnel& tunnel, const InnerFrame& inner,
                                     const PushFields& fields) noexcept;

}  // namespace adit
