#pragma once

#include <cstring>
#include <span>

#include "worker/fast_burst.h"
#include "worker/fast_frame.h"

namespace adit {

/// Where frames on the fast path come from: attachments, whose tags stand between a frame's MAC
/// addresses and the rest of it, or tunnels.
enum class FastSource : std::uint8_t { kAttachments, kTunnels };

/// Puts the MAC addresses that stand at `from` to `to`, which may overlap.
inline void move_addresses(const std::uint8_t* from, std::uint8_t* to) noexcept {
  static_assert(2 * sizeof(MacAddress) == sizeof(std::uint64_t) + sizeof(std::uint32_t));
  const std::uint64_t first = load64(from);
  const std::uint32_t rest = load32(from + sizeof first);
  std::memcpy(to, &first, sizeof first);
  std::memcpy(to + sizeof first, &rest, sizeof rest);
}

/// The frame of a burst at a place, up to tags that are still to be taken off.
[[nodiscard]] inline FastFrame frame_at(const Packet* packets, const FastBurst& burst,
                                        std::size_t i) noexcept {
  const Packet& packet = packets[i];
  const std::uint32_t begin = burst.begin[i];
  return {&packet, packet.data() + begin, burst.size[i], burst.inner[i]};
}

}  // namespace adit
