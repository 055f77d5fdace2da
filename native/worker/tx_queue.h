#pragma once

#include <array>
#include <cstdint>

#include "packet/port.h"
#include "table/table_spec.h"

namespace adit {

/// Packets that wait for the end of the burst to be sent out of one port. They are counted as their
/// members' already; what the port then refuses is taken off again.
struct TxQueue {
  /// Packets in a row that came in and go out by the same members.
  struct Run {
    std::uint32_t member_in = kNoMember;
    std::uint32_t member_out = kNoMember;
    /// Index of the first.
    std::uint32_t begin = 0;
  };

  std::array<Packet, kBurst> packets;
  /// Of each packet, the bytes that its members count.
  std::array<std::uint32_t, kBurst> bytes;
  std::array<Run, kBurst> runs;
  std::uint32_t size = 0;
  std::uint32_t run_count = 0;

  /// \pre a packet is added to it at once.
  void begin_run(std::uint32_t member_in, std::uint32_t member_out) noexcept {
    runs[run_count++] = {member_in, member_out, size};
  }
  /// The bytes of all packets from one on.
  [[nodiscard]] std::uint32_t bytes_from(std::uint32_t first) const noexcept {
    std::uint32_t sum = 0;
    for (std::uint32_t i = first; i < size; ++i) sum += bytes[i];
    return sum;
  }
  void clear() noexcept { size = run_count = 0; }
};

}  // namespace adit
