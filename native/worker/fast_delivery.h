#pragma once

#include <cstdint>
#include <span>

#include "worker/fast_sources.h"
#include "worker/fast_view.h"
#include "worker/tx_queue.h"

namespace adit {

/// Frames on their way to the attachments of one port.
struct Delivery {
  std::span<const Packet> packets;
  const FastBurst& burst;
  /// The first packet that is meant.
  std::size_t begin = 0;
  std::uint32_t port = 0;
  /// Of the port.
  std::uint32_t mtu = 0;
  /// Bytes at a frame's start that are not to be used.
  std::uint32_t reserved = 0;
};

/// Pops what is around the frames, pushes tags, counts, and queues; returns of how many packets: up
/// to one for elsewhere, or that does not fit, which was left as it is, or as far as the queue has
/// room.
template <FastSource kFrom>
[[nodiscard]] std::size_t deliver_to_port(const FastView& view, const Delivery& delivery,
                                          TxQueue& queue) noexcept;

}  // namespace adit
