#pragma once

#include <array>
#include <cstdint>

#include "packet/port.h"
#include "table/table_spec.h"

namespace adit {

/// Packets that wait for the end of the burst to be sent out of one port. They are counted as their
/// members' already; what the port then refuses is taken off again.
struct TxQueue {
  /// Members that a packet came in and goes out by.
  struct Ends {
    std::uint32_t member_in = kNoMember;
    std::uint32_t member_out = kNoMember;
  };

  std::array<Packet, kBurst> packets;
  std::array<Ends, kBurst> ends;
  /// What the members count.
  std::array<std::uint32_t, kBurst> bytes;
  std::uint32_t size = 0;

  /// The bytes of all packets from one on.
  [[nodiscard]] std::uint32_t bytes_from(std::uint32_t first) const noexcept {
    std::uint32_t sum = 0;
    for (std::uint32_t i = first; i < size; ++i) sum += bytes[i];
    return sum;
  }
};

}  // namespace adit
