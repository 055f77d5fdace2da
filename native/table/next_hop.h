#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

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
  /// What ICMP errors told of the rest of it; 0: nothing, or its time is over.
  std::uint16_t path_mtu = 0;
};

/// What an ICMP error told of the way to a remote.
struct PathMtu {
  /// Bytes of IP packet.
  std::uint16_t mtu = 0;
  /// Milliseconds of the clock that `lower_path_mtu` was told.
  std::uint64_t expires_ms = 0;
};

/// The public word for a status, as `show` and `explain` print it.
[[nodiscard]] const char* next_hop_word(NextHop::Status status) noexcept;

/// All next hops, by index. One thread writes, every worker reads at any time:
/// each record is a sequence lock over a few words, so that a reader never sees
/// half of a change. The path MTU beside it is a word of its own that every
/// worker may lower; it stands here because who reads the one reads the other.
class NextHopTable {
 public:
  explicit NextHopTable(std::uint32_t count)
      : count_(count), slots_(std::make_unique<Slot[]>(count)) {}

  [[nodiscard]] std::uint32_t size() const noexcept { return count_; }

  void set(std::uint32_t index, const NextHop& hop) noexcept;
  /// The record, without `path_mtu`.
  [[nodiscard]] NextHop get(std::uint32_t index) const noexcept;
  /// The record, and the path MTU in force.
  [[nodiscard]] NextHop get(std::uint32_t index, std::uint64_t now_ns) const noexcept {
    NextHop hop = get(index);
    if (const std::optional<PathMtu> path = path_mtu(index, now_ns)) hop.path_mtu = path->mtu;
    return hop;
  }

  /// How long a path MTU lasts before larger packets are tried again (RFC 8201 §4 and RFC 1191
  /// §6.3: at least 5 minutes, 10 recommended).
  static constexpr std::uint64_t kPathMtuMs = 600'000;

  /// Takes what an ICMP error told, unless it raises the path MTU in force or is not below the
  /// `mtu` of the record. \returns whether it was taken.
  bool lower_path_mtu(std::uint32_t index, std::uint16_t mtu, std::uint64_t now_ns) noexcept;
  /// The path MTU in force; none where none was told, or its time is over.
  [[nodiscard]] std::optional<PathMtu> path_mtu(std::uint32_t index,
                                                std::uint64_t now_ns) const noexcept {
    const std::uint64_t word = slots_[index].path.load(std::memory_order_relaxed);
    if (word == 0) [[likely]] {
      return std::nullopt;
    }
    return in_force(word, now_ns);
  }

  /// A record as it is sent to: up, and nothing told of the rest of the way.
  struct Plain {
    /// The MAC addresses, destination and source, in the six lower bytes.
    std::uint64_t destination;
    std::uint64_t source;

    [[nodiscard]] std::uint16_t port() const noexcept {
      return static_cast<std::uint16_t>(destination >> kMacBits);
    }
    [[nodiscard]] std::uint16_t mtu() const noexcept {
      return static_cast<std::uint16_t>(source >> kMacBits);
    }
  };
  /// Grows with every change: tells a worker that waiting packets are worth
  /// another look.
  [[nodiscard]] std::uint64_t generation() const noexcept {
    return generation_.load(std::memory_order_acquire);
  }

 private:
  static constexpr unsigned kMacBits = 48;

  // A state: how often the record was set, and behind that one bit while it is, and the status.
  static constexpr std::uint64_t kStatus = 0xff;
  static constexpr std::uint64_t kIsBeingSet = 0x100;
  static constexpr std::uint64_t kOneTime = 0x200;

  struct alignas(32) Slot {
    std::atomic<std::uint64_t> state{0};
    std::atomic<std::uint64_t> words[2]{};
    /// MTU above the milliseconds when it expires; 0: none.
    std::atomic<std::uint64_t> path{0};
  };
  static_assert(sizeof(Slot) == 32);

 public:
  /// Where the records are, by value, for a burst.
  class Reader {
   public:
    /// False where the record is not as `Plain` says, or changes just now.
    [[nodiscard, gnu::always_inline]] bool read_plain(std::uint32_t index,
                                                      Plain& hop) const noexcept {
      const Slot& slot = slots_[index];
      const std::uint64_t before = slot.state.load(std::memory_order_acquire);
      hop.destination = slot.words[0].load(std::memory_order_relaxed);
      hop.source = slot.words[1].load(std::memory_order_relaxed);
      const std::uint64_t path = slot.path.load(std::memory_order_relaxed);
      std::atomic_thread_fence(std::memory_order_acquire);
      constexpr auto kUp = static_cast<std::uint64_t>(NextHop::Status::kUp);
      return (before & (kIsBeingSet | kStatus)) == kUp && path == 0 &&
             slot.state.load(std::memory_order_relaxed) == before;
    }

   private:
    friend class NextHopTable;
    explicit Reader(const Slot* slots) noexcept : slots_(slots) {}
    const Slot* slots_;
  };
  [[nodiscard]] Reader reader() const noexcept { return Reader(slots_.get()); }

 private:
  [[nodiscard]] static std::optional<PathMtu> in_force(std::uint64_t word,
                                                       std::uint64_t now_ns) noexcept;

  std::uint32_t count_;
  std::unique_ptr<Slot[]> slots_;
  std::atomic<std::uint64_t> generation_{0};
};

}  // namespace adit
