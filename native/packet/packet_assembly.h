#pragma once

#include <atomic>
#include <cstdint>

#include "packet/frame_pool.h"

namespace adit {

/// Puts the buffers that a port receives together to packets. A packet may come in over any number
/// of calls; what came so far is held here. The first buffer of what comes out holds all headers,
/// or the whole packet where that is shorter.
class PacketAssembly {
 public:
  /// A first buffer is brought to this many bytes. Longer than any headers that are read in place:
  /// Ethernet, two tags, IPv6, UDP, Geneve with all options, and the inner frame's down to its
  /// ports.
  static constexpr std::uint32_t kHeaderBytes = 512;

  /// \param pool outlives this; packets of more buffers than its layout allows are refused.
  explicit PacketAssembly(FramePool& pool) noexcept : pool_(pool) {}
  ~PacketAssembly() { abandon(); }
  PacketAssembly(const PacketAssembly&) = delete;
  PacketAssembly& operator=(const PacketAssembly&) = delete;

  /// Takes the next buffer, `bytes` bytes at a UMEM address; `more` when the packet goes on behind
  /// it. True when `out` is a packet now, which is the caller's.
  [[nodiscard]] bool add(std::uint64_t address, std::uint32_t bytes, bool more,
                         Packet& out) noexcept {
    if (!more && !is_open_) [[likely]] {
      out = pool_.packet_at(address, bytes);
      return true;
    }
    return add_to_chain(address, bytes, more, out);
  }

  /// Gives what is held back to the pool.
  void abandon() noexcept;

  /// Frames held.
  [[nodiscard]] std::uint32_t frames() const noexcept { return frames_; }
  /// Packets that were given back because they took too many buffers; from any thread.
  [[nodiscard]] std::uint64_t refused() const noexcept {
    return refused_.load(std::memory_order_relaxed);
  }

 private:
  [[nodiscard]] bool add_to_chain(std::uint64_t address, std::uint32_t bytes, bool more,
                                  Packet& out) noexcept;
  void append(std::uint64_t address, std::uint32_t bytes) noexcept;
  void pull_headers_up() noexcept;

  FramePool& pool_;
  /// A packet has begun and not ended; it is thrown away where `frames_` is 0.
  bool is_open_ = false;
  std::uint32_t frames_ = 0;
  std::atomic<std::uint64_t> refused_{0};
  Packet packet_;
  Segment* first_ = nullptr;
  Segment* last_ = nullptr;
};

}  // namespace adit
