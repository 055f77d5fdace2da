#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "packet/port.h"
#include "table/table.h"
#include "worker/counters.h"

namespace adit {

/// A received packet whose tunnel is known, and whose outer headers are sound.
struct FastArrival {
  /// TunnelMap::kNone: the general path is to look at it.
  std::uint32_t tunnel = TunnelMap::kNone;
  /// The inner frame, from the packet's start.
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  /// Of the outer header, as `FastFrame` has it.
  std::uint16_t ecn_word = 0;
};

/// Reads the outer headers of a burst and finds the tunnels, where all is ordinary: no VLAN tag,
/// IPv4 options or IPv6 extension headers, no fragment, a UDP checksum of 0, no GRE field but a
/// key, no Geneve option, the source that the tunnel is for. Whatever is not, be it right or wrong,
/// is left to the general path. Nothing is changed or counted; what will be, is fetched.
void find_arrivals(const Table& table, const Counters& counters, std::span<const Packet> burst,
                   std::array<FastArrival, kBurst>& arrivals) noexcept;

}  // namespace adit
