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
  [[nodiscard]] FastWay way(std::size_t i) const noexcept {
    return static_cast<FastWay>(ways[i] & kWay);
  }

  /// Index of the attachment or tunnel that it came in by; kNone: the pipeline is to look at it.
  /// Nothing else is set then.
  alignas(32) Column from;
  /// What the frame carries: `FastFrame::inner`.
  alignas(32) Column inner;

  /// The Ethernet frame without tags and what is around it: where it begins, from the packet's
  /// start, and its bytes.
  alignas(32) Column begin;
  alignas(32) Column size;
  /// Where the packet is counted as the one's that it came in by, and as that of the other end of
  /// the cross-connect: places of counters among all of members. The latter is set where that is an
  /// attachment, or the packet came out of a tunnel.
  alignas(32) Column counters_in;
  alignas(32) Column counters_out;
  // Words as they stand in an `Arrival`. The last is 0 of packets that are for the pipeline; what
  // it and `exits` say of an attachment at the other end is set where there is one.
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
