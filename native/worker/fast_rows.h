#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

#include "packet/lanes.h"
#include "packet/packet.h"

namespace adit {

/// The packets of a burst that are read side by side.
class FastRows {
 public:
  /// Takes those at the place `first` of a burst on, the last one several times where there are
  /// fewer. Nothing is read behind a packet's end: of those shorter than `least` bytes, and of
  /// those in several buffers, there are zeros to be read in their place, and their size is 0.
  FastRows(std::span<const Packet> packets, std::size_t first, std::uint32_t least) noexcept {
    if (first + kLanes <= packets.size()) [[likely]] {
      take(packets.data() + first, kLanes, least);
    } else {
      take(packets.data() + first, packets.size() - first, least);
    }
  }

  [[nodiscard]] LaneRows data() const noexcept { return data_; }
  [[nodiscard]] Lanes sizes() const noexcept { return sizes_; }

 private:
  static constexpr std::uint32_t kMostRead = 128;
  static constexpr std::uint8_t kNothing[kMostRead] = {};

  [[gnu::always_inline]] void take(const Packet* packets, std::size_t count,
                                   std::uint32_t least) noexcept {
    std::uintptr_t chained = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const Packet& packet = packets[std::min(lane, count - 1)];
      data_[lane] = packet.data();
      chained |= reinterpret_cast<std::uintptr_t>(packet.next());
    }
    sizes_ = sizes_of(packets, count, std::make_index_sequence<kLanes>());
    if (chained != 0 || !is_zero(below(sizes_, all_lanes(least)))) [[unlikely]] {
      leave_out(packets, count, least);
    }
  }
  /// Not by way of memory, where a load of all waits for the stores of each to be done.
  template <std::size_t... kLane>
  [[nodiscard, gnu::always_inline]] static Lanes sizes_of(const Packet* packets, std::size_t count,
                                                          std::index_sequence<kLane...>) noexcept {
    return Lanes{packets[std::min(kLane, count - 1)].size()...};
  }
  [[gnu::noinline]] void leave_out(const Packet* packets, std::size_t count,
                                   std::uint32_t least) noexcept {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const Packet& packet = packets[std::min(lane, count - 1)];
      if (packet.size() >= least && packet.next() == nullptr) continue;
      data_[lane] = kNothing;
      sizes_[lane] = 0;
    }
  }

  const std::uint8_t* data_[kLanes];
  Lanes sizes_;
};

}  // namespace adit
