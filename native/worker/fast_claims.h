#pragma once

#include <cstdint>
#include <span>

#include "packet/packet.h"
#include "table/table.h"
#include "worker/counters.h"
#include "worker/fast_burst.h"

namespace adit {

/// Finds by which attachment of a port each packet comes in, where all is ordinary: IPv4 or IPv6
/// behind exactly the tags that an attachment claims. Whatever is not, be it right or wrong, is
/// left to the general path. Nothing is changed or counted; what will be, is fetched.
void find_claims(const Table& table, std::size_t port, const Counters& counters,
                 std::span<const Packet> packets, FastBurst& burst) noexcept;

}  // namespace adit
