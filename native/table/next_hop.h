#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "wire/address.h"

namespace adit {

/// Where packets to one remote leave, and with which MAC addresses; or why they
/// cannot.
struct NextHop {
  enum class Status : std::uint8_t {
    /// No route out of a port of ours.
    kNoRoute,
    /// The kernel has been asked for the neighbor's MAC; packets wait.
    kResolving,
    /// The neighbor does not answer.
    kFailed,
    kPortDown,
    kUp,
  };

  Status status = Status::kNoRoute;
  std::uint16_t port = 0;
  MacAddress destination;
  MacAddress source;
  /// Largest IP packet on this way, bytes.
  std::uint16_t mtu = 0;
};

/// The public word for a status, as `show` and `explain` print it.
[[nodiscard]] const char* next_hop_word(NextHop::Status status) noexcept;

/// All next hops, by index. One thread writes, every worker reads at any time:
/// each record is a sequence lock over a few words, so that a reader never sees
/// half of a change.
class NextHopTable {
 public:
  explicit NextHopTable(std::uint32_t count)
      : count_(count), slots_(std::make_unique<Slot[]>(count)) {}

  [[nodiscard]] std::uint32_t size() const noexcept { return count_; }

  void set(std::uint32_t index, const NextHop& hop) noexcept;
  [[nodiscard]] NextHop get(std::uint32_t index) const noexcept;

  /// Grows with every change: tells a worker that waiting packets are worth
  /// another look.
  [[nodiscard]] std::uint64_t generation() const noexcept {
    return generation_.load(std::memory_order_acquire);
  }

 private:
  struct alignas(32) Slot {
    std::atomic<std::uint32_t> sequence{0};
    std::atomic<std::uint64_t> words[2]{};
    std::atomic<std::uint32_t> status{0};
  };
  static_assert(sizeof(Slot) == 32);

  std::uint32_t count_;
  std::unique_ptr<Slot[]> slots_;
  std::atomic<std::uint64_t> generation_{0};
};

}  // namespace adit
