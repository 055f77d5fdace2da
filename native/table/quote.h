#pragma once

#include "packet/drop_reason.h"
#include "table/endpoint_map.h"
#include "table/tunnel.h"

namespace adit {

/// A packet that this gateway may have sent, as an ICMP error quotes it.
struct Quote {
  IpAddress remote;
  /// Where its answers would arrive.
  std::uint32_t endpoint = 0;
  /// 0 where the tunnel type has none.
  std::uint16_t source_port = 0;
  /// Length that its IP header tells, bytes.
  std::uint32_t ip_bytes = 0;
  SentHeader header;
  /// Where the quote ends; what stands behind are extensions of the error (RFC 4884).
  std::uint32_t end = 0;
};

/// An ICMP error (RFC 792, RFC 4443) about such a packet.
struct UnderlayError {
  IpFamily family = IpFamily::kIpv4;
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  /// Bytes 4-7 of the message.
  std::uint32_t rest = 0;
  Quote quote;
};

/// Reads the ICMP error in `packet`, whose outer headers `read_outer` read into `outer`: its
/// checksum, then the quoted packet's IP, UDP and tunnel header. \returns k_truncated where the
/// quote ends before the identifier, k_bad_outer_header, k_bad_outer_checksum, or k_unknown_tunnel
/// where the quoted packet is not one from here to a tunnel type of ours.
[[nodiscard]] DropReason read_underlay_error(const EndpointMap& endpoints, const Packet& packet,
                                             const OuterPacket& outer,
                                             UnderlayError& error) noexcept;

}  // namespace adit
