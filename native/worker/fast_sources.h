#pragma once

#include <cstring>
#include <span>

#include "worker/fast_burst.h"
#include "worker/fast_frame.h"
#include "worker/fast_view.h"

namespace adit {

// Where frames on the fast path come from: `frame` is one of the burst, `strip` takes off what it
// came with.

/// An attachment whose frames carry so many bytes of tags, which were found to be its own.
template <std::uint32_t kTagBytes>
class FromAttachment {
 public:
  FromAttachment(std::span<const Packet> packets, const FastBurst& burst) noexcept
      : packets_(packets.data()), burst_(burst) {}

  [[nodiscard]] static const Attachment& entry(const FastView& view, std::uint32_t index) noexcept {
    return view.attachment(index);
  }
  /// Whether what comes by the attachment is of this kind, and goes that way.
  template <FastWay kWay>
  [[nodiscard]] static bool is_of(const Attachment& attachment) noexcept {
    return attachment.pops * sizeof(VlanTag) == kTagBytes && attachment.fast_way == kWay;
  }
  [[nodiscard]] FastFrame frame(std::size_t i) const noexcept {
    const Packet& packet = packets_[i];
    return {&packet, packet.data() + kTagBytes, packet.size() - kTagBytes, burst_.inner[i]};
  }
  static void strip(const FastFrame& frame) noexcept {
    if constexpr (kTagBytes == 0) return;
    // The MAC addresses go on to where the tags end.
    const std::uint8_t* from = frame.data - kTagBytes;
    const std::uint64_t first = load64(from);
    const std::uint32_t rest = load32(from + sizeof first);
    std::memcpy(frame.data, &first, sizeof first);
    std::memcpy(frame.data + sizeof first, &rest, sizeof rest);
  }

 private:
  const Packet* packets_;
  const FastBurst& burst_;
};

/// A tunnel.
class FromTunnel {
 public:
  FromTunnel(std::span<const Packet> packets, const FastBurst& burst) noexcept
      : packets_(packets.data()), burst_(burst) {}

  [[nodiscard]] static const Tunnel& entry(const FastView& view, std::uint32_t index) noexcept {
    return view.tunnel(index);
  }
  template <FastWay kWay>
  [[nodiscard]] static bool is_of(const Tunnel& tunnel) noexcept {
    return tunnel.fast_way == kWay;
  }
  [[nodiscard]] FastFrame frame(std::size_t i) const noexcept {
    const Packet& packet = packets_[i];
    const std::uint32_t begin = burst_.begin[i];
    return {&packet, packet.data() + begin, burst_.end[i] - begin, burst_.inner[i]};
  }
  static void strip(const FastFrame&) noexcept {}

 private:
  const Packet* packets_;
  const FastBurst& burst_;
};

}  // namespace adit
