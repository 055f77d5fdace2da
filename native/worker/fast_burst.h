#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "packet/lanes.h"
#include "packet/port.h"
#include "table/arrival.h"
#include "worker/counters.h"

namespace adit {

/// A burst on the fast path: what is known of each packet, by its place in the burst. Arrays of one
/// field each, so that a step reads and writes no more than it needs, several packets at a time.
struct FastBurst {
  static constexpr std::uint32_t kNone = 0xffffffff;
  /// With room for reading and writing several places from the last one on.
  using Column = std::array<std::uint32_t, kBurst + kLanes>;

  [[nodiscard]] bool has(std::size_t i) const noexcept { return from[i] != kNone; }
  /// Of a packet that came out of a tunnel.
  [[nodiscard]] FastWay way(std::size_t i) const noexcept {
    return static_cast<FastWay>(ways[i] & kWay);
  }

  /// Index of the attachment or tunnel that it came in by; kNone: the pipeline is to look at it.
  /// Nothing else is set then.
  alignas(32) Column from;
  /// What the frame carries: `FastFrame::inner`.
  alignas(32) Column inner;

  // Of a packet that came out of a tunnel.

  /// The Ethernet frame without what is around it, from the packet's start.
  alignas(32) Column begin;
  alignas(32) Column end;
  /// What is counted as the tunnel's and as its peer's: places of counters among all of members.
  alignas(32) Column counters_in;
  alignas(32) Column counters_out;
  // Words of the tunnel's `Arrival`, as they stand there; the last is 0 of packets that are for the
  // pipeline.
  alignas(32) Column peers;
  alignas(32) Column exits;
  alignas(32) Column ways;

  static constexpr std::uint32_t kCountersOfMember = sizeof(MemberCounters) / sizeof(Counter);
  static constexpr std::uint32_t kTxCounters =
      offsetof(MemberCounters, tx_packets) / sizeof(Counter);
  // Of the last two words.
  static_assert(std::endian::native == std::endian::little);
  static constexpr std::uint32_t kPort = 0xffff;
  static constexpr unsigned kMtuShift = 16;
  static constexpr std::uint32_t kWay = 0xff;
  static constexpr std::uint32_t kWayAndTagBytes = 0xffff;
  static constexpr unsigned kTagBytesShift = 8;
  static constexpr std::uint32_t kIsIpv6 = 0xff0000;
};

}  // namespace adit
