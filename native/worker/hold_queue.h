#pragma once

#include <array>
#include <cstdint>

#include "packet/frame_pool.h"
#include "table/table_spec.h"

namespace adit {

/// A frame on its way out, before anything is pushed.
struct Outgoing {
  static constexpr std::uint8_t kNoPcp = 0xff;

  Packet frame;
  std::uint32_t member_in = kNoMember;
  std::uint32_t member_out = kNoMember;
  /// Priority of the outer tag popped on the way in; kNoPcp where none was.
  std::uint8_t popped_pcp = kNoPcp;
};

/// Frames that wait for their next hop's MAC address: few, and not for long.
/// Bounded in number, per next hop and in time, so that a silent neighbor can
/// hold neither memory nor other tenants up.
class HoldQueue {
 public:
  static constexpr std::size_t kMost = 256;
  static constexpr std::size_t kMostPerNextHop = 32;
  static constexpr std::uint64_t kTimeoutNs = 3'000'000'000;

  /// False when the queue, or the share of this next hop, is full; the frame
  /// stays the caller's.
  [[nodiscard]] bool add(const Outgoing& outgoing, std::uint32_t next_hop,
                         std::uint64_t now_ns) noexcept {
    if (size_ == kMost || count_of(next_hop) == kMostPerNextHop) return false;
    entries_[size_++] = {outgoing, next_hop, now_ns + kTimeoutNs};
    return true;
  }

  /// Takes out, in order of arrival, every frame for which `is_done(next_hop,
  /// late)` holds.
  template <typename IsDone, typename Take>
  void take_if(std::uint64_t now_ns, IsDone is_done, Take take) noexcept {
    std::size_t kept = 0;
    const std::size_t before = size_;
    for (std::size_t i = 0; i < before; ++i) {
      const Entry entry = entries_[i];
      const bool late = now_ns >= entry.deadline_ns;
      if (is_done(entry.next_hop, late)) {
        take(entry.outgoing, late);
      } else {
        entries_[kept++] = entry;
      }
    }
    size_ = kept;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Frames of packet memory that the held packets take.
  [[nodiscard]] std::size_t frames(const FramePool& pool) const noexcept {
    std::size_t frames = 0;
    for (std::size_t i = 0; i < size_; ++i) frames += pool.frames_of(entries_[i].outgoing.frame);
    return frames;
  }

  [[nodiscard]] std::size_t count_of(std::uint32_t next_hop) const noexcept {
    std::size_t count = 0;
    for (std::size_t i = 0; i < size_; ++i) count += entries_[i].next_hop == next_hop ? 1 : 0;
    return count;
  }

 private:
  struct Entry {
    Outgoing outgoing;
    std::uint32_t next_hop = 0;
    std::uint64_t deadline_ns = 0;
  };
  std::array<Entry, kMost> entries_;
  std::size_t size_ = 0;
};

}  // namespace adit
