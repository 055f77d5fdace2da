#pragma once

#include <array>
#include <cstdint>

#include "packet/port.h"

namespace adit {

/// A burst on the fast path: what is known of each packet, by its place in the burst. Arrays of one
/// field each, so that a step reads and writes no more than it needs, several packets at a time.
struct FastBurst {
  static constexpr std::uint32_t kNone = 0xffffffff;
  template <typename T>
  using Column = std::array<T, kBurst>;

  [[nodiscard]] bool has(std::size_t i) const noexcept { return from[i] != kNone; }

  /// Index of the attachment or tunnel that it came in by; kNone: the pipeline is to look at it.
  /// Nothing else is set then.
  alignas(32) Column<std::uint32_t> from;
  /// The Ethernet frame without tags and what is around it, from the packet's start: of a packet
  /// that came out of a tunnel.
  alignas(32) Column<std::uint32_t> begin;
  alignas(32) Column<std::uint32_t> end;
  /// What the frame carries: `FastFrame::inner`.
  alignas(32) Column<std::uint32_t> inner;
};

}  // namespace adit
