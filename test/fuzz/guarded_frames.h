#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "packet/frame_pool.h"

/// A pool whose every frame lies between two pages that cannot be touched: a step of one byte
/// outside ends the process.
class GuardedFrames {
 public:
  enum class Place : std::uint8_t { kNormal, kAtEnd, kAtStart };

  static constexpr std::uint32_t kFrameBytes = 4096;
  /// A packet takes up to this many of the frames.
  static constexpr std::uint32_t kMaxBuffers = 4;
  static constexpr std::uint32_t kPackets = 24;
  static constexpr std::uint32_t kFrames = kPackets * kMaxBuffers;

  GuardedFrames();

  [[nodiscard]] adit::FramePool& pool() noexcept { return pool_; }
  [[nodiscard]] static std::uint32_t room(Place place) noexcept {
    return place == Place::kNormal ? kFrameBytes - adit::kKernelHeadroom : kFrameBytes;
  }

  /// A packet of `bytes` in a frame of the pool, or an empty handle when no frame is free.
  [[nodiscard]] adit::Packet receive(std::span<const std::uint8_t> bytes, Place place);
  /// The same in two to four buffers, cut at places that depend on the bytes; the last one is at
  /// the end of its frame. \pre 2 bytes or more, and no more than fit a normal place.
  [[nodiscard]] adit::Packet receive_split(std::span<const std::uint8_t> bytes, Place first);

  /// Ends the process unless the free frames and `others` (addresses) are all frames, each once.
  void check_conserved(const std::vector<std::uint64_t>& others);

 private:
  adit::FramePool pool_;
};

/// Ends the process with a message; the fuzzer then keeps the input.
[[noreturn]] void fail(const char* message);
