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
  static constexpr std::uint32_t kFrames = 24;

  GuardedFrames();

  [[nodiscard]] adit::FramePool& pool() noexcept { return pool_; }
  [[nodiscard]] static std::uint32_t room(Place place) noexcept {
    return place == Place::kNormal ? kFrameBytes - adit::kKernelHeadroom : kFrameBytes;
  }

  /// A packet of `bytes` in a frame of the pool, or an empty handle when no frame is free.
  [[nodiscard]] adit::Packet receive(std::span<const std::uint8_t> bytes, Place place);

  /// Ends the process unless the free frames and `others` (addresses) are all frames, each once.
  void check_conserved(const std::vector<std::uint64_t>& others);

 private:
  adit::FramePool pool_;
};

/// Ends the process with a message; the fuzzer then keeps the input.
[[noreturn]] void fail(const char* message);
