#pragma once

#include <cstdint>
#include <span>

#include "table/attachment.h"
#include "worker/tx_queue.h"

namespace adit {

/// Frames of one attachment on their way to another.
struct Retagging {
  const Attachment& from;
  const Attachment& to;
  /// Of the port that they leave by.
  std::uint32_t mtu = 0;
  /// Bytes at a frame's start that are not to be used.
  std::uint32_t reserved = 0;
};

/// Takes the tags of one attachment off frames that bear exactly those, puts the other one's on,
/// and writes them behind what the queue holds; returns of how many, up to one with other tags or
/// that is for the pipeline. Notes of each the bytes without tags in `queue.bytes`; to note
/// members, to count, and to set the queue's size is the caller's. \pre `from.fast_way` is
/// `kToAttachment`, to `to`, and the queue has room for the frames.
[[nodiscard]] std::size_t retag(const Retagging& work, std::span<const Packet> packets,
                                TxQueue& queue) noexcept;

}  // namespace adit
