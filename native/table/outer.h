#pragma once

#include "packet/drop_reason.h"
#include "table/endpoint_map.h"
#include "table/own_addresses.h"
#include "table/tunnel.h"

namespace adit {

/// Reads and checks the outer Ethernet, IP and UDP headers of a packet that the
/// steering rules took for a tunnel's, in this order: IP header, its checksum,
/// UDP length and checksum, fragment, options, endpoint. On success `packet` is
/// cut to the end that the IP and UDP lengths give, so that Ethernet padding is
/// gone, and source, traffic_class, family, endpoint and l4_offset of `outer`
/// are set. Of an ICMP message, which has no endpoint, `is_icmp` is set, and its checksum is not
/// looked at.
[[nodiscard]] DropReason read_outer(const EndpointMap& endpoints, Packet& packet,
                                    OuterPacket& outer) noexcept;

/// Whether a packet from outside may have this source address: not unspecified, loopback,
/// multicast, broadcast (limited, or directed to a network of a port), and none of our own, an
/// endpoint's or a port's (RFC 1122 §3.2.1.3, RFC 4291 §2.5.2, §2.5.3, §2.7).
[[nodiscard]] bool is_valid_source(const EndpointMap& endpoints, const OwnAddresses& own,
                                   const IpAddress& source) noexcept;

}  // namespace adit
