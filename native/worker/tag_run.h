#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>

#include "packet/mix.h"
#include "worker/fast_frame.h"

namespace adit {

/// So many frames with the same tags one after another are a run. After a shorter one the rest of
/// the burst is looked up side by side.
inline constexpr std::size_t kLeastRun = 8;

/// TPID and VID of a tag, as they stand in memory.
inline constexpr std::uint32_t kTagMask = 0xff0fffff;

/// What tells the tags of a frame from other frames' tags, of up to two; 0: it is too short for the
/// fast path.
[[nodiscard]] inline std::uint64_t tag_word(const Packet& packet) noexcept {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint32_t kType = 0xffff;
  constexpr std::uint64_t kUntagged = 1;
  const auto is_tag = [](std::uint64_t word) {
    return (word & kType) == raw(EtherType::kVlan) ||
           (word & kType) == raw(EtherType::kServiceVlan);
  };
  if (packet.size() < kLeastInnerBytes) return 0;
  const std::uint64_t word = load64(packet.data() + kTypeOffset);
  if (!is_tag(word)) return kUntagged;
  constexpr std::uint64_t kTwo = kTagMask | (std::uint64_t{kTagMask} << 32);
  return word & (is_tag(word >> 32) ? kTwo : kTagMask);
}

/// Whether there seems to be a run, as far as some of its first frames tell, or frames are few.
[[nodiscard]] inline bool begins_run(std::span<const Packet> packets) noexcept {
  if (packets.empty()) return false;
  const std::uint64_t word = tag_word(packets[0]);
  for (std::size_t i = 1; i < std::min(kLeastRun, packets.size()); i *= 2) {
    if (tag_word(packets[i]) != word) return false;
  }
  return word != 0;
}

}  // namespace adit
