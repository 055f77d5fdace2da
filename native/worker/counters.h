#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "packet/drop_reason.h"
#include "packet/large_pages.h"

namespace adit {

/// A count that one thread adds to and others read.
class Counter {
 public:
  void add(std::uint64_t n) noexcept {
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
    // One instruction, which compilers do not make of a load and a store that are atomic.
    asm("addq %1, %0" : "+m"(value_) : "er"(n) : "cc");
#else
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
#endif
  }
  /// Of what was added before.
  void take_back(std::uint64_t n) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t get() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_{0};
};
static_assert(sizeof(Counter) == 8);

/// Bytes are those of Ethernet frames without tunnel headers and without the
/// attachment's tag; of a tunnel that carries IP packets, those of the packets.
struct MemberCounters {
  Counter rx_packets;
  Counter rx_bytes;
  Counter tx_packets;
  Counter tx_bytes;
};

struct PortCounters {
  Counter received;
  Counter sent;
};

using DropCounters = std::array<Counter, kDropReasonCount>;

/// An array of counters that are 0 until touched: memory is taken page by page
/// as they are counted.
template <typename T>
class CounterArray {
 public:
  explicit CounterArray(std::size_t size)
      : size_(size), items_(static_cast<T*>(take(size * sizeof(T))), Give{size * sizeof(T)}) {}
  [[nodiscard]] T& operator[](std::size_t i) noexcept { return items_.get()[i]; }
  [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return items_.get()[i]; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  /// Items that fill a part of a cache line stand in one.
  static constexpr std::align_val_t kLine{64};

  struct Give {
    std::size_t bytes;
    void operator()(T* items) const noexcept {
      if (bytes >= kLargePageBytes) return give_large_pages(items, bytes);
      ::operator delete(items, kLine);
    }
  };
  [[nodiscard]] static void* take(std::size_t bytes) {
    if (bytes >= kLargePageBytes) return take_large_pages(bytes);
    return std::memset(::operator new(bytes, kLine), 0, bytes);
  }

  std::size_t size_;
  std::unique_ptr<T, Give> items_;
};

/// What one worker counts. Each frame it took or generated is counted in exactly
/// one of sent, consumed or dropped, once it is out of its hands.
struct Counters {
  Counters(std::size_t port_count, std::size_t member_count, std::size_t tenant_count)
      : ports(port_count), members(member_count), tenant_drops(tenant_count) {}

  CounterArray<PortCounters> ports;
  CounterArray<MemberCounters> members;
  DropCounters drops;
  /// Frames that the gateway made itself.
  Counter generated;
  /// Frames meant for the gateway itself, or answered in a tenant's place.
  Counter consumed;
  /// The part of `drops` that happened to a known tenant's frames.
  CounterArray<DropCounters> tenant_drops;
};

}  // namespace adit
