#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "packet/drop_reason.h"

namespace adit {

/// A count that one thread adds to and others read.
class Counter {
 public:
  void add(std::uint64_t n) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
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
      : size_(size), items_(static_cast<T*>(std::calloc(size == 0 ? 1 : size, sizeof(T)))) {
    if (items_ == nullptr) throw std::bad_alloc();
  }
  [[nodiscard]] T& operator[](std::size_t i) noexcept { return items_.get()[i]; }
  [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return items_.get()[i]; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  struct Free {
    void operator()(T* items) const noexcept { std::free(items); }
  };
  std::size_t size_;
  std::unique_ptr<T, Free> items_;
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
