#pragma once

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace adit {

/// GRE sequence numbers (RFC 2890 §2.2), by member index: the next to send, and
/// the next expected. Shared by all workers as relaxed atomics; beside the
/// table, so that they outlive it. Nothing is buffered: a gap is accepted, what
/// comes late is dropped.
class SequenceTable {
 public:
  explicit SequenceTable(std::size_t members)
      : slots_(static_cast<Slot*>(std::calloc(members == 0 ? 1 : members, sizeof(Slot)))) {
    // Pages that no tunnel with sequence numbers touches are never taken.
    if (slots_ == nullptr) throw std::bad_alloc();
  }

  /// The number of the next packet to send; the first is 0.
  [[nodiscard]] std::uint32_t next(std::uint32_t member) noexcept {
    return slots_.get()[member].send.fetch_add(1, std::memory_order_relaxed);
  }

  /// Whether a received number is the last accepted one or one of the 2^31 - 1
  /// before it.
  [[nodiscard]] bool is_late(std::uint32_t member, std::uint32_t sequence) const noexcept {
    return is_behind(sequence, slots_.get()[member].expected.load(std::memory_order_relaxed));
  }

  /// Makes a received number the last accepted one; false when it is late by
  /// now.
  [[nodiscard]] bool accept(std::uint32_t member, std::uint32_t sequence) noexcept {
    std::atomic<std::uint32_t>& expected = slots_.get()[member].expected;
    std::uint32_t before = expected.load(std::memory_order_relaxed);
    do {
      if (is_behind(sequence, before)) return false;
    } while (!expected.compare_exchange_weak(before, sequence + 1, std::memory_order_relaxed));
    return true;
  }

 private:
  struct Slot {
    std::atomic<std::uint32_t> send;
    std::atomic<std::uint32_t> expected;
  };
  struct Free {
    void operator()(Slot* slots) const noexcept { std::free(slots); }
  };

  static bool is_behind(std::uint32_t sequence, std::uint32_t expected) noexcept {
    return sequence - expected >= 0x80000000U;
  }

  std::unique_ptr<Slot, Free> slots_;
};

}  // namespace adit
