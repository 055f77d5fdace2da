#pragma once

#include <span>

#include "packet/packet.h"
#include "table/table.h"
#include "worker/counters.h"
#include "worker/fast_burst.h"

namespace adit {

/// Reads the outer headers of a burst and finds the tunnels, where all is ordinary: no VLAN tag,
/// IPv4 options or IPv6 extension headers, no fragment, a UDP checksum of 0, no GRE field but a
/// key, no Geneve option, the source that the tunnel is for, and an IPv4 or IPv6 packet inside
/// whose ECN stays what it is. Whatever is not, be it right or wrong, is left to the general path.
/// Nothing is changed or counted; what will be, is fetched.
void find_arrivals(const Table& table, const Counters& counters, std::span<const Packet> packets,
                   FastBurst& burst) noexcept;

}  // namespace adit
