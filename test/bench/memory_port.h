#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "packet/frame_pool.h"
#include "packet/port.h"

namespace adit::bench {

/// A port over four rings in memory, which works as an AF_XDP socket does: frames go round from the
/// pool through the fill and receive rings, and back from the transmit ring through the completion
/// ring. The other end, a kernel's part, is `receive` and `complete`.
class MemoryPort : public Port {
 public:
  explicit MemoryPort(FramePool& pool) : pool_(pool) {}

  std::size_t rx_burst(std::span<Packet> out) noexcept override;
  std::size_t tx_burst(std::span<const Packet> packets) noexcept override;
  void flush() noexcept override;

  /// Takes a frame of the fill ring as received; `bytes` long, to be written at the place returned.
  /// Null when the ring is empty.
  [[nodiscard]] std::uint8_t* receive(std::uint32_t bytes) noexcept;
  /// Sends what is in the transmit ring; returns how many.
  std::size_t complete() noexcept;
  /// The last packet that was sent.
  [[nodiscard]] std::span<const std::uint8_t> last_sent() const noexcept;

 private:
  static constexpr std::uint32_t kSize = 256;
  static constexpr std::uint32_t kMask = kSize - 1;

  struct Descriptor {
    std::uint64_t address = 0;
    std::uint32_t bytes = 0;
    std::uint32_t options = 0;
  };
  template <typename T>
  struct Ring {
    std::array<T, kSize> entries{};
    std::uint32_t producer = 0;
    std::uint32_t consumer = 0;

    [[nodiscard]] std::uint32_t used() const noexcept { return producer - consumer; }
    [[nodiscard]] std::uint32_t room() const noexcept { return kSize - used(); }
    void push(const T& entry) noexcept { entries[producer++ & kMask] = entry; }
    [[nodiscard]] const T& pop() noexcept { return entries[consumer++ & kMask]; }
    /// Up to `count` entries from a running number on, as far as they stand in one piece.
    [[nodiscard]] std::span<T> piece(std::uint32_t number, std::size_t count) noexcept {
      const std::uint32_t at = number & kMask;
      return {entries.data() + at, std::min<std::size_t>(count, kSize - at)};
    }
  };

  FramePool& pool_;
  Ring<std::uint64_t> fill_;
  Ring<Descriptor> received_;
  Ring<Descriptor> sent_;
  Ring<std::uint64_t> completed_;
  Descriptor last_;
};

}  // namespace adit::bench
