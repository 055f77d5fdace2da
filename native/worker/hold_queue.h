#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "packet/frame_pool.h"
#include "table/table_spec.h"
#include "worker/hold_counts.h"

namespace adit {

/// A frame on its way out, before anything is pushed.
struct Outgoing {
  static constexpr std::uint8_t kNoPcp = 0xff;

  Packet frame;
  std::uint32_t member_in = kNoMember;
  std::uint32_t member_out = kNoMember;
  /// Priority of the outer tag popped on the way in; kNoPcp where none was.
  std::uint8_t popped_pcp = kNoPcp;
  /// The gateway's own word about another frame: nothing is said about it in turn.
  bool is_message = false;
};

/// Frames that wait for their next hop's MAC address: few, and not for long.
///
/// Bounded in frames of packet memory, which a long packet takes several of, and in time. Nobody
/// takes the last places: a tenant may hold as many as are still free, and of what that leaves it,
/// one next hop as many again, at most 32. So a tenant alone gets half of all, each further greedy
/// one half of the rest, and a remote that nobody waited for finds room beside dead ones. (Dynamic
/// thresholds, as switches share their buffers by.)
class HoldQueue {
 public:
  static constexpr std::size_t kMost = 256;
  static constexpr std::size_t kMostPerNextHop = 32;
  static constexpr std::uint64_t kTimeoutNs = 3'000'000'000;

  /// \param places at most `kMost`.
  explicit HoldQueue(std::size_t places = kMost) noexcept : places_(std::min(places, kMost)) {}

  /// False when the share of this tenant, or of this next hop, is full; the frame stays the
  /// caller's.
  [[nodiscard]] bool add(const Outgoing& outgoing, std::uint32_t next_hop, std::uint32_t tenant,
                         std::uint64_t now_ns) noexcept {
    const std::uint32_t frames = FramePool::frames_of(outgoing.frame);
    const std::size_t free = places_ - frames_;
    const std::size_t of_tenant = tenants_.of(tenant);
    if (of_tenant + frames > free) return false;
    const std::size_t share = std::min(kMostPerNextHop, free - of_tenant);
    if (next_hops_.of(next_hop) + frames > share) return false;
    entries_[size_++] = {outgoing, next_hop, tenant, frames, now_ns + kTimeoutNs};
    next_hops_.add(next_hop, frames);
    tenants_.add(tenant, frames);
    frames_ += frames;
    return true;
  }

  /// Takes out, in order of arrival, every frame for which `is_done(next_hop,
  /// late)` holds. What is done with a frame may add others.
  template <typename IsDone, typename Take>
  void take_if(std::uint64_t now_ns, IsDone is_done, Take take) noexcept {
    std::array<Outgoing, kMost> taken;
    std::size_t taken_count = 0;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      const Entry entry = entries_[i];
      if (is_done(entry.next_hop, now_ns >= entry.deadline_ns)) {
        next_hops_.remove(entry.next_hop, entry.frames);
        tenants_.remove(entry.tenant, entry.frames);
        frames_ -= entry.frames;
        taken[taken_count++] = entry.outgoing;
      } else {
        entries_[kept++] = entry;
      }
    }
    size_ = kept;
    for (std::size_t i = 0; i < taken_count; ++i) take(taken[i]);
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Frames of packet memory that the held packets take.
  [[nodiscard]] std::size_t frames() const noexcept { return frames_; }

  [[nodiscard]] std::size_t count_of(std::uint32_t next_hop) const noexcept {
    return next_hops_.of(next_hop);
  }

  /// Whether the frame that came first has waited too long.
  [[nodiscard]] bool is_any_late(std::uint64_t now_ns) const noexcept {
    return size_ > 0 && now_ns >= entries_[0].deadline_ns;
  }

 private:
  struct Entry {
    Outgoing outgoing;
    std::uint32_t next_hop = 0;
    std::uint32_t tenant = 0;
    std::uint32_t frames = 0;
    std::uint64_t deadline_ns = 0;
  };
  std::size_t places_;
  /// In order of arrival, and so of deadlines.
  std::array<Entry, kMost> entries_;
  std::size_t size_ = 0;
  std::size_t frames_ = 0;
  HoldCounts next_hops_;
  HoldCounts tenants_;
};

}  // namespace adit
