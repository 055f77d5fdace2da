#pragma once

#include <cstdint>

#include "packet/drop_reason.h"
#include "packet/mix.h"
#include "packet/packet.h"
#include "wire/ethernet.h"
#include "wire/ip.h"

namespace adit {

/// ECN field of an IP header (RFC 3168 §5).
enum class Ecn : std::uint8_t { kNotEct = 0, kEct1 = 1, kEct0 = 2, kCe = 3 };

/// What the gateway needs to know of a tenant's frame, or of a tenant's IP packet.
struct InnerFrame {
  enum class Payload : std::uint8_t { kOther, kIpv4, kIpv6 };

  Payload payload = Payload::kOther;
  /// Whether a VLAN tag stands behind the MAC addresses.
  bool tagged = false;
  /// kNotEct where the payload is not IP.
  Ecn ecn = Ecn::kNotEct;
  /// DSCP, TTL or hop limit, and the DF bit (IPv6 counts as set); 0 where the
  /// payload is not IP.
  std::uint8_t dscp = 0;
  std::uint8_t ttl = 0;
  bool dont_fragment = false;
  /// Where the IP header (or other payload) starts; 0 in an IP packet without Ethernet header.
  std::uint32_t ip_offset = 0;

  [[nodiscard]] bool is_ip_packet() const noexcept { return ip_offset == 0; }
};

/// Reads the Ethernet header, up to two tags and the IP header of `frame` into
/// `inner`. \returns k_inner_truncated when the frame ends inside one of them.
/// An IP header of a wrong version or length makes the payload "other": it is
/// the tenant's business.
[[nodiscard]] DropReason parse_inner(const Packet& frame, InnerFrame& inner) noexcept;

/// Reads the IP header of `packet`, an IP packet without Ethernet header, into `inner`. \returns as
/// `parse_inner`.
[[nodiscard]] DropReason parse_ip_packet(const Packet& packet, InnerFrame& inner) noexcept;

/// `parse_ip_packet` where `is_ip`, else `parse_inner`.
[[nodiscard]] inline DropReason parse_payload(const Packet& packet, bool is_ip,
                                              InnerFrame& inner) noexcept {
  return is_ip ? parse_ip_packet(packet, inner) : parse_inner(packet, inner);
}

/// Length of the IP packet as its header gives it, which may be past the frame's end; 0 where the
/// header contradicts itself. \pre the payload is IP.
[[nodiscard]] std::uint32_t ip_packet_bytes(const Packet& frame, const InnerFrame& inner) noexcept;

/// Hash of the frame's flow: IP addresses, protocol and ports; MAC addresses
/// and EtherType where the payload is not IP. Fragments leave the ports out, so
/// that all fragments of a datagram agree (RFC 6438 §3). It depends on nothing
/// else.
[[nodiscard]] std::uint64_t flow_hash(const Packet& frame, const InnerFrame& inner,
                                      const HashSeed& seed) noexcept;

/// Brings the congestion marks of the outer header into the inner one (RFC 6040
/// §4.2). \returns k_ecn_congestion when the packet must be dropped: outer CE,
/// inner not ECN-capable.
[[nodiscard]] DropReason decapsulate_ecn(const Packet& frame, const InnerFrame& inner,
                                         Ecn outer) noexcept;

/// Writes the outer DSCP into the inner header (RFC 2983 §3, uniform model);
/// nothing where the payload is not IP. \param traffic_class the outer TOS byte
/// or traffic class.
void copy_dscp(const Packet& frame, const InnerFrame& inner, std::uint8_t traffic_class) noexcept;

}  // namespace adit
