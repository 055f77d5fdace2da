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

/// What the gateway needs to know of a tenant's frame.
struct InnerFrame {
  enum class Payload : std::uint8_t { kOther, kIpv4, kIpv6 };

  Payload payload = Payload::kOther;
  /// Whether a VLAN tag stands behind the MAC addresses.
  bool tagged = false;
  /// kNotEct where the payload is not IP.
  Ecn ecn = Ecn::kNotEct;
  /// Where the IP header (or other payload) starts.
  std::uint32_t ip_offset = 0;
};

/// Reads the Ethernet header, up to two tags and the IP header of `frame` into `inner`.
/// \returns k_inner_truncated when the frame ends inside one of them. An IP header of a wrong
/// version or length makes the payload "other": it is the tenant's business.
[[nodiscard]] DropReason parse_inner(const Packet& frame, InnerFrame& inner) noexcept;

/// Hash of the frame's flow: IP addresses, protocol and ports; MAC addresses and EtherType where
/// the payload is not IP. Fragments leave the ports out, so that all fragments of a datagram agree
/// (RFC 6438 §3). It depends on nothing else.
[[nodiscard]] std::uint64_t flow_hash(const Packet& frame, const InnerFrame& inner,
                                      const HashSeed& seed) noexcept;

/// Brings the congestion marks of the outer header into the inner one (RFC 6040 §4.2).
/// \returns k_ecn_congestion when the packet must be dropped: outer CE, inner not ECN-capable.
[[nodiscard]] DropReason decapsulate_ecn(const Packet& frame, const InnerFrame& inner,
                                         Ecn outer) noexcept;

}  // namespace adit
