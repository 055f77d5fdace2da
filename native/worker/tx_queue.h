#pragma once

#include <array>
#include <cstdint>

#include "packet/lanes.h"
#include "packet/port.h"
#include "table/table_spec.h"

namespace adit {

/// Packets that wait for the end of the burst to be sent out of one port. They are counted as their
/// members' already; what the port then refuses is taken off again.
struct TxQueue {
  /// With room for writing several places from the last one on.
  using Column = std::array<std::uint32_t, kBurst + kLanes>;

  std::array<Packet, kBurst> packets;
  /// The members that each came in and goes out by.
  Column members_in;
  Column members_out;
  /// What the members count.
  Column bytes;
  std::uint32_t size = 0;

  /// Notes the same members for packets from `size` on.
  void note_members(std::uint32_t in, std::uint32_t out, std::size_t count) noexcept {
    const std::size_t end = size + count;
#pragma GCC unroll 4
    for (std::size_t i = size; i < end; i += kLanes) {
      store_lanes(&members_in[i], all_lanes(in));
      store_lanes(&members_out[i], all_lanes(out));
    }
  }
  /// The bytes of all packets from one on.
  [[nodiscard]] std::uint32_t bytes_from(std::uint32_t first) const noexcept {
    std::uint32_t sum = 0;
    for (std::uint32_t i = first; i < size; ++i) sum += bytes[i];
    return sum;
  }
};

}  // namespace adit
