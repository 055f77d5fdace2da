#pragma once

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace adit {

/// The last ICMP error about packets to a remote, beside "too big", and how many there were.
struct PathError {
  std::uint64_t count = 0;
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  /// When the last one came, milliseconds of the data path's clock.
  std::uint64_t at_ms = 0;
};

/// Such errors, by next hop index: they tell a person why a peer does not answer, and change
/// nothing (RFC 2003 §5). Shared by all workers as relaxed atomics.
class PathErrors {
 public:
  explicit PathErrors(std::size_t next_hops)
      : slots_(static_cast<Slot*>(std::calloc(next_hops == 0 ? 1 : next_hops, sizeof(Slot)))) {
    // Pages of next hops without errors are never taken.
    if (slots_ == nullptr) throw std::bad_alloc();
  }

  void add(std::uint32_t index, std::uint8_t type, std::uint8_t code,
           std::uint64_t now_ns) noexcept {
    Slot& slot = slots_.get()[index];
    slot.last.store((std::uint64_t{type} << kTypeShift) | (std::uint64_t{code} << kCodeShift) |
                        now_ns / kNsPerMs,
                    std::memory_order_relaxed);
    slot.count.fetch_add(1, std::memory_order_relaxed);
  }

  [[nodiscard]] PathError get(std::uint32_t index) const noexcept {
    const Slot& slot = slots_.get()[index];
    const std::uint64_t last = slot.last.load(std::memory_order_relaxed);
    return {.count = slot.count.load(std::memory_order_relaxed),
            .type = static_cast<std::uint8_t>(last >> kTypeShift),
            .code = static_cast<std::uint8_t>(last >> kCodeShift),
            .at_ms = last & ((1ULL << kCodeShift) - 1)};
  }

 private:
  static constexpr unsigned kTypeShift = 56;
  static constexpr unsigned kCodeShift = 48;
  static constexpr std::uint64_t kNsPerMs = 1'000'000;

  struct Slot {
    std::atomic<std::uint64_t> last;
    std::atomic<std::uint64_t> count;
  };
  struct Free {
    void operator()(Slot* slots) const noexcept { std::free(slots); }
  };

  std::unique_ptr<Slot, Free> slots_;
};

}  // namespace adit
