#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

#include "packet/packet.h"

namespace adit {

/// How a frame of packet memory is laid out.
struct FrameLayout {
  /// Bytes of a frame, a power of two; with AF_XDP a UMEM chunk: 2048 or 4096.
  std::uint32_t frame_bytes = 2048;
  /// Bytes that received data starts behind: the kernel's 256 and the
  /// configured headroom.
  std::uint32_t data_offset = 256;
  /// Frames that a received packet may take: 1, or up to `kMaxBuffers`.
  std::uint32_t max_buffers = 1;

  /// Bytes that the kernel receives into one frame.
  [[nodiscard]] constexpr std::uint32_t capacity() const noexcept {
    return frame_bytes > data_offset ? frame_bytes - data_offset : 0;
  }
};

/// Linux sends packets of up to this many buffers by copying, whatever its configuration
/// (Documentation/networking/af_xdp.rst: CONFIG_MAX_SKB_FRAGS, at least 17, and one).
inline constexpr std::uint32_t kMaxBuffers = 18;

/// The kernel leaves this much before received data in every frame
/// (XDP_PACKET_HEADROOM).
inline constexpr std::uint32_t kKernelHeadroom = 256;

/// All frames of one worker, and the stack of those that are free. One thread
/// uses it.
///
/// The last frame freed is the next one taken, so that the live frames stay in
/// the CPU's cache.
class FramePool {
 public:
  /// Memory is page-aligned, zeroed and belongs to the pool.
  /// \throws std::bad_alloc when the memory cannot be had.
  FramePool(std::uint32_t frames, FrameLayout layout);
  ~FramePool();
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;

  [[nodiscard]] std::uint8_t* memory() const noexcept { return memory_; }
  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return std::size_t{total_} * layout_.frame_bytes;
  }
  [[nodiscard]] const FrameLayout& layout() const noexcept { return layout_; }
  [[nodiscard]] std::uint32_t total() const noexcept { return total_; }
  [[nodiscard]] std::uint32_t free() const noexcept { return free_; }

  /// Takes up to `out.size()` free frames; `out` gets their addresses (byte
  /// offset of the frame in the memory). Returns how many were taken.
  std::size_t take(std::span<std::uint64_t> out) noexcept {
    const std::size_t taken = std::min<std::size_t>(out.size(), free_);
    const std::uint64_t* top = stack_.get() + free_;
    std::size_t i = 0;
#pragma GCC unroll 4
    for (; i + kTogether <= taken; i += kTogether) {
      AddressesTogether addresses;
      top -= kTogether;
      std::memcpy(&addresses, top, sizeof addresses);
      addresses = __builtin_shufflevector(addresses, addresses, 3, 2, 1, 0);
      std::memcpy(&out[i], &addresses, sizeof addresses);
    }
    for (; i < taken; ++i) out[i] = *--top;
    free_ -= static_cast<std::uint32_t>(taken);
    return taken;
  }

  /// Takes one frame as an empty packet at the layout's data offset; an empty
  /// handle if none is free.
  [[nodiscard]] Packet take_packet() noexcept;

  /// Gives a frame back by any address inside it.
  void give(std::uint64_t address) noexcept { stack_[free_++] = frame_of(address); }
  /// Gives frames back by any address inside each, the last of them on top.
  void give(std::span<const std::uint64_t> addresses) noexcept {
    std::uint64_t* top = stack_.get() + free_;
    const std::uint64_t frame_bits = frame_of(~std::uint64_t{0});
    std::size_t i = 0;
#pragma GCC unroll 4
    for (; i + kTogether <= addresses.size(); i += kTogether) {
      AddressesTogether together;
      std::memcpy(&together, &addresses[i], sizeof together);
      together &= frame_bits;
      std::memcpy(top + i, &together, sizeof together);
    }
    for (; i < addresses.size(); ++i) top[i] = addresses[i] & frame_bits;
    free_ += static_cast<std::uint32_t>(addresses.size());
  }
  /// Gives all frames of a packet back, those that hang behind its end too. The first is found by
  /// its lowest byte: an empty packet may start where the next frame does.
  void give(const Packet& packet) noexcept {
    if (packet.next() != nullptr) [[unlikely]] {
      give_segments(packet.next());
    }
    give(address_of(packet) - packet.headroom());
  }

  /// Byte offset of the packet's data in the memory: a UMEM address.
  [[nodiscard]] std::uint64_t address_of(const Packet& packet) const noexcept {
    return static_cast<std::uint64_t>(packet.data() - memory_);
  }
  [[nodiscard]] std::uint64_t address_of(const Segment& segment) const noexcept {
    return static_cast<std::uint64_t>(segment.data - memory_);
  }
  /// Frames that the packet owns: each that holds or held some of it.
  [[nodiscard]] static std::uint32_t frames_of(const Packet& packet) noexcept;
  /// The buffer of `bytes` bytes at a UMEM address, to continue a packet; each frame has one such
  /// record. \param bytes at least 1.
  [[nodiscard]] Segment* segment_at(std::uint64_t address, std::uint32_t bytes) noexcept;
  /// Where the frames are: a copy of what stays the same, so that a loop that writes memory need
  /// not read it from the pool each time.
  class Frames {
   public:
    Frames(std::uint8_t* memory, std::uint32_t frame_bytes) noexcept
        : memory_(memory), frame_bytes_(frame_bytes), frame_(memory, frame_bytes, 0, 0) {}
    /// Makes `packet` the one that a descriptor in a ring of AF_XDP names: 16 bytes, the UMEM
    /// address, then the size, then options, which are not looked at.
    template <typename Descriptor>
    [[gnu::always_inline]] void take(const Descriptor& descriptor, Packet& packet) const noexcept {
      static_assert(std::endian::native == std::endian::little);
      static_assert(sizeof descriptor == sizeof(Packet::Place));
      using Long [[gnu::vector_size(16)]] = std::uint64_t;
      const Packet::Place bits = {~0U, ~0U, frame_bytes_ - 1, ~0U};
      const Long memory = {reinterpret_cast<std::uintptr_t>(memory_), 0};
      Packet::Place words;
      std::memcpy(&words, &descriptor, sizeof words);
      words = __builtin_shufflevector(words, words, 0, 1, 0, 2) & bits;
      packet.become(frame_, std::bit_cast<Packet::Place>(std::bit_cast<Long>(words) + memory));
    }
    /// Writes a descriptor, as `take` reads it, of a packet in one buffer.
    template <typename Descriptor>
    [[gnu::always_inline]] void put(const Packet& packet, Descriptor& descriptor) const noexcept {
      static_assert(std::is_trivially_copyable_v<Descriptor>);
      using Long [[gnu::vector_size(16)]] = std::uint64_t;
      const Long memory = {reinterpret_cast<std::uintptr_t>(memory_), 0};
      // Out of the second word goes the offset, which makes options of 0.
      const Long words = (std::bit_cast<Long>(packet.place()) - memory) >> Long{0, 32};
      static_assert(sizeof descriptor == sizeof words);
      std::memcpy(static_cast<void*>(&descriptor), &words, sizeof words);
    }

   private:
    std::uint8_t* memory_;
    std::uint32_t frame_bytes_;
    Packet frame_;
  };
  [[nodiscard]] Frames frames() const noexcept { return {memory_, layout_.frame_bytes}; }
  /// The packet of `size` bytes at a UMEM address.
  [[nodiscard]] Packet packet_at(std::uint64_t address, std::uint32_t size) const noexcept {
    const auto offset = static_cast<std::uint32_t>(address) & (layout_.frame_bytes - 1);
    return {memory_ + (address - offset), layout_.frame_bytes, offset, size};
  }

 private:
  static constexpr std::size_t kTogether = 4;
  using AddressesTogether [[gnu::vector_size(kTogether * sizeof(std::uint64_t))]] = std::uint64_t;

  void give_segments(const Segment* segment) noexcept;
  [[nodiscard]] std::uint64_t frame_of(std::uint64_t address) const noexcept {
    return address & ~std::uint64_t{layout_.frame_bytes - 1};
  }

  FrameLayout layout_;
  std::uint32_t total_;
  std::uint32_t free_;
  std::uint8_t* memory_;
  std::unique_ptr<std::uint64_t[]> stack_;
  /// By number of the frame.
  std::unique_ptr<Segment[]> segments_;
};

}  // namespace adit
