#pragma once

#include <cstring>
#include <span>

#include "worker/fast_burst.h"
#include "worker/fast_frame.h"
#include "worker/fast_view.h"

namespace adit {

// Where frames on the fast path come from: `frame` is one of the burst, `strip` takes off what it
// came with.

/// A member that a frame came in by.
struct FastOrigin {
  std::uint32_t member = 0;
  /// Of the other end of its cross-connect.
  std::uint32_t peer_index = 0;
  /// Where its frames go; kNone: they are of another kind.
  FastWay way = FastWay::kNone;
};

/// An attachment whose frames carry so many bytes of tags, which were found to be its own.
template <std::uint32_t kTagBytes>
class FromAttachment {
 public:
  FromAttachment(std::span<const Packet> packets, const FastBurst& burst) noexcept
      : packets_(packets.data()), burst_(burst) {}

  /// By what the frame came.
  [[nodiscard]] FastOrigin origin(const FastView& view, std::size_t i) const noexcept {
    const Attachment& attachment = view.attachment(burst_.from[i]);
    const bool is_of_kind = attachment.pops * sizeof(VlanTag) == kTagBytes;
    return {attachment.member, attachment.peer_index,
            is_of_kind ? attachment.fast_way : FastWay::kNone};
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

  [[nodiscard]] FastOrigin origin(const FastView&, std::size_t i) const noexcept {
    return {burst_.counters_in[i] / FastBurst::kCountersOfMember, burst_.peers[i], burst_.way(i)};
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
