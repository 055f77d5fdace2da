#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace adit {

/// How many frames are held of each key: a next hop, or a tenant. Only keys that have some are in
/// the table, so it is small whatever their number; every step is O(1) on average.
class HoldCounts {
 public:
  /// Twice as many as keys can be held at a time, so that probes stay short.
  static constexpr std::size_t kSlots = 512;

  [[nodiscard]] std::size_t of(std::uint32_t key) const noexcept { return slots_[find(key)].count; }

  /// \pre fewer than `kSlots / 2` keys are held.
  void add(std::uint32_t key, std::uint32_t frames) noexcept {
    Slot& slot = slots_[find(key)];
    slot.key = key;
    slot.count += frames;
  }

  /// \pre so many frames of the key are held.
  void remove(std::uint32_t key, std::uint32_t frames) noexcept {
    const std::size_t at = find(key);
    slots_[at].count -= frames;
    if (slots_[at].count == 0) close_gap(at);
  }

 private:
  struct Slot {
    std::uint32_t key = 0;
    /// 0: the slot is free.
    std::uint32_t count = 0;
  };

  [[nodiscard]] static std::size_t home_of(std::uint32_t key) noexcept {
    constexpr std::uint32_t kGoldenRatio = 0x9e3779b1;
    return (key * kGoldenRatio >> 16) % kSlots;
  }
  [[nodiscard]] static std::size_t after(std::size_t slot) noexcept { return (slot + 1) % kSlots; }

  /// The key's slot, or the free one where it would stand.
  [[nodiscard]] std::size_t find(std::uint32_t key) const noexcept {
    std::size_t at = home_of(key);
    while (slots_[at].count != 0 && slots_[at].key != key) at = after(at);
    return at;
  }

  /// Moves back what stands behind a freed slot only because that was taken.
  void close_gap(std::size_t gap) noexcept {
    for (std::size_t at = after(gap); slots_[at].count != 0; at = after(at)) {
      const std::size_t from_home = (at + kSlots - home_of(slots_[at].key)) % kSlots;
      const std::size_t from_gap = (at + kSlots - gap) % kSlots;
      if (from_home < from_gap) continue;
      slots_[gap] = slots_[at];
      slots_[at].count = 0;
      gap = at;
    }
  }

  std::array<Slot, kSlots> slots_{};
};

}  // namespace adit
