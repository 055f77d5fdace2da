#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "packet/packet.h"

namespace adit {

/// Packets are handled in bursts of up to this many.
inline constexpr std::size_t kBurst = 64;

/// Where packets come from and go to: one worker's share of a port. AF_XDP
/// sockets, capture files and memory rings implement it. One thread uses it;
/// nothing here blocks.
///
/// Frames: a packet that `rx_burst` returns belongs to the caller, who must
/// hand it to some port's `tx_burst` or back to the worker's FramePool.
/// `tx_burst` takes the frames that it accepts.
class Port {
 public:
  virtual ~Port() = default;

  /// Fills `out` with received packets, oldest first; returns how many.
  virtual std::size_t rx_burst(std::span<Packet> out) noexcept = 0;

  /// Takes a prefix of `packets` for sending, in order; returns how many were
  /// taken. The rest stay the caller's (the ring is full).
  virtual std::size_t tx_burst(std::span<const Packet> packets) noexcept = 0;

  /// Work that is done once a burst: wakes the kernel for what `tx_burst`
  /// queued, takes back sent frames, refills the receive rings.
  virtual void flush() noexcept = 0;
};

}  // namespace adit
