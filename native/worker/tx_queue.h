#pragma once

#include <array>
#include <cstdint>

#include "packet/port.h"
#include "table/table_spec.h"

namespace adit {

/// Packets that wait for the end of the burst to be sent out of one port. They are counted as their
/// members' already; what the port then refuses is taken off again.
struct TxQueue {
  struct Queued {
    std::uint32_t member_in = kNoMember;
    std::uint32_t member_out = kNoMember;
    /// Bytes that the member counts.
    std::uint32_t bytes = 0;
  };

  std::array<Packet, kBurst> packets;
  std::array<Queued, kBurst> queued;
  std::size_t size = 0;
};

}  // namespace adit
