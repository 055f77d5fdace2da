#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "netlink/address_hash.h"
#include "netlink/next_hop.h"
#include "netlink/rt_message.h"

namespace adit {

using UnderlayTime = std::chrono::steady_clock::time_point;

/// The neighbors that next hops need, what is known of each, and when the kernel is asked again.
///
/// An address that was resolved stays so until the kernel has proved it dead (NUD_FAILED): an entry
/// that is deleted or being asked for anew changes nothing. One that failed stays failed until
/// it is resolved, or until its entry is deleted while it is about to be asked for again. Logic
/// only: messages come from and go to the caller.
class NeighborTargets {
 public:
  struct Target {
    NeighborKey key;
    NextHopState::Status status = NextHopState::kResolving;  // or kFailed or kUp
    MacAddress mac;                                          // while kUp
    bool live = false;
    /// The kernel keeps the entry resolved by itself, or it needs no resolving.
    bool settled = false;
    bool made = false;     // we made the kernel's entry; to be removed
    bool adopted = false;  // we made another's entry managed; to be undone
    bool bad_mac = false;  // failed because its MAC address is a group's, zero or our own
    std::uint8_t tries = 0;
    UnderlayTime last_ask{};
    UnderlayTime next_ask{};
  };

  /// The number of the target for `key`, made and to be asked at once if there is none.
  std::uint32_t ensure(const NeighborKey& key, UnderlayTime now);
  [[nodiscard]] std::optional<std::uint32_t> find(const NeighborKey& key) const;
  /// Forgets a target; its number may be given to another.
  void drop(std::uint32_t id);
  [[nodiscard]] Target& at(std::uint32_t id) { return targets_[id]; }
  [[nodiscard]] const Target& at(std::uint32_t id) const { return targets_[id]; }

  /// Takes in what the kernel's table says now: nullptr for no entry. A group, zero or own (`own`)
  /// MAC address is refused and counts as failed.
  /// \return true if status or MAC address changed.
  bool observe(std::uint32_t id, const Neighbor* entry, const MacAddress& own, UnderlayTime now);

  /// The kernel refused to resolve the target; true if that changed its status.
  bool refused(std::uint32_t id);

  /// The numbers of the port's targets.
  [[nodiscard]] std::vector<std::uint32_t> of_port(std::uint16_t port) const;
  /// The port's tunnel link is another one now: nothing known before holds. \return the numbers
  /// of its targets.
  std::vector<std::uint32_t> reset_port(std::uint16_t port, UnderlayTime now);
  /// The port works again: its targets are asked again without back-off.
  void retry_port(std::uint16_t port, UnderlayTime now);

  /// Takes up to `max` targets whose time has come. Each is counted as asked: at most one
  /// request a second goes out for a target, and its next one is put off (1, 2, 4 … 30 s).
  std::vector<std::uint32_t> take_due(UnderlayTime now, std::size_t max);
  /// When the next one is due.
  [[nodiscard]] std::optional<UnderlayTime> next_due() const;

 private:
  struct Due {
    UnderlayTime time;
    std::uint32_t id;
    [[nodiscard]] bool operator>(const Due& other) const noexcept { return time > other.time; }
  };

  void schedule(std::uint32_t id, UnderlayTime time);

  std::vector<Target> targets_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<NeighborKey, std::uint32_t, NeighborKeyHash> ids_;
  /// May hold outdated times: only an entry equal to its target's `next_ask` counts.
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
};

}  // namespace adit
