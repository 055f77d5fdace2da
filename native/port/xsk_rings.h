#pragma once

#include <xdp/xsk.h>

#include <cstddef>
#include <cstdint>

namespace adit {

/// Shared memory of one AF_XDP ring, mapped from its socket.
class RingMemory {
 public:
  RingMemory() noexcept = default;
  /// \throws Failure ADIT-2106 when the kernel does not map it.
  RingMemory(int fd, std::uint64_t page_offset, std::size_t bytes);
  ~RingMemory();
  RingMemory(RingMemory&& other) noexcept;
  RingMemory& operator=(RingMemory&& other) noexcept;

  [[nodiscard]] std::uint8_t* start() const noexcept { return start_; }

 private:
  std::uint8_t* start_ = nullptr;
  std::size_t bytes_ = 0;
};

/// Which of a socket's rings, by the socket option that makes it.
enum class RingKind : int {
  kRx = XDP_RX_RING,
  kTx = XDP_TX_RING,
  kFill = XDP_UMEM_FILL_RING,
  kCompletion = XDP_UMEM_COMPLETION_RING,
};

/// Makes a ring of `entries` (a power of two) on the socket, maps it, and points `ring` at it.
/// \throws Failure ADIT-2106.
[[nodiscard]] RingMemory make_ring(int fd, RingKind kind, std::uint32_t entries,
                                   xsk_ring_prod& ring);
[[nodiscard]] RingMemory make_ring(int fd, RingKind kind, std::uint32_t entries,
                                   xsk_ring_cons& ring);

/// A ring's entries by their running number. A copy of what stays the same, so that a loop that
/// writes memory need not read it from the ring each time.
template <typename Entry>
class RingEntries {
 public:
  template <typename Ring>
  explicit RingEntries(const Ring& ring) noexcept
      : entries_(static_cast<Entry*>(ring.ring)), mask_(ring.mask) {}
  [[nodiscard]] Entry& operator[](std::uint32_t index) const noexcept {
    return entries_[index & mask_];
  }

 private:
  Entry* entries_;
  std::uint32_t mask_;
};

/// Entries that the kernel has not consumed yet.
[[nodiscard]] inline std::uint32_t unconsumed(const xsk_ring_prod& ring) noexcept {
  return ring.cached_prod - __atomic_load_n(ring.consumer, __ATOMIC_ACQUIRE);
}
/// Entries that the kernel has produced and we have not taken yet.
[[nodiscard]] inline std::uint32_t untaken(const xsk_ring_cons& ring) noexcept {
  return __atomic_load_n(ring.producer, __ATOMIC_ACQUIRE) - ring.cached_cons;
}

}  // namespace adit
