#pragma once

#include <cstdint>

#include "packet/inner.h"
#include "packet/packet.h"

namespace adit {

// ICMP errors about a tenant's packet, told to its sender in the name of its destination, as a
// gateway between them that has no address of its own does (the kernel does so, too, for packets
// that it bridges into a tunnel).

/// What is told.
struct IcmpError {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  /// Bytes 4-7 of the message: the MTU where it is about one, else 0.
  std::uint32_t rest = 0;

  /// The packet is larger than `mtu` bytes: ICMP 3/4 (RFC 1191 §4) or ICMPv6 2/0 (RFC 4443 §3.2),
  /// which never tells less than 1280.
  [[nodiscard]] static IcmpError too_big(InnerFrame::Payload payload, std::uint32_t mtu) noexcept;
  /// ICMP 3/`code` or ICMPv6 1/`code`.
  [[nodiscard]] static IcmpError unreachable(InnerFrame::Payload payload,
                                             std::uint8_t code) noexcept;
};

/// Whether an error may be sent about a packet at all (RFC 1122 §3.2.2, RFC 1812 §4.3.2.7, RFC 4443
/// §2.4e): it is IP and no ICMP error itself, its addresses and MAC addresses are those of single
/// hosts, and it is not a later fragment. "Too big" is sent for IPv4 only where the fragment field
/// is exactly DF and the MTU at least 576. RFC 4443 would allow "too big" about multicast, but
/// there is no address here to send it from. \pre `parse_payload` filled `inner` from `packet`.
[[nodiscard]] bool may_tell(const Packet& packet, const InnerFrame& inner,
                            const IcmpError& error) noexcept;

/// Makes of `packet` the message about it, in place: its own Ethernet header with the addresses
/// swapped, its VLAN tags, IP from its destination to its source with its TTL, and as much of the
/// packet, without what stands behind the IP packet's own length, as 576 (IPv6: 1280) bytes hold.
/// `inner` is read anew. False where the frame's memory is short; `packet` then holds no message.
/// \pre `may_tell`.
[[nodiscard]] bool make_icmp_error(Packet& packet, InnerFrame& inner,
                                   const IcmpError& error) noexcept;

}  // namespace adit
