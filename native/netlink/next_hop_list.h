#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "netlink/neighbor_targets.h"
#include "netlink/next_hop.h"
#include "netlink/static_underlay.h"

namespace adit {

/// Why the kernel's routes lead to no hop of ours.
struct NoHop {
  enum class Why : std::uint8_t {
    kNotAsked,
    kNoRoute,       // `detail` is the errno
    kUnreachable,   // an unreachable, prohibit, blackhole or throw route
    kNotUnicast,    // the remote is an address of this machine, or a broadcast or multicast one
    kEncapsulated,  // the route adds a header of its own
    kOtherLink,     // `detail` is the ifindex, which is no port's tunnel link
    kUnreadable,    // the answer makes no sense to us
  };
  Why why = Why::kNotAsked;
  std::uint32_t detail = 0;
  [[nodiscard]] bool operator==(const NoHop&) const noexcept = default;
};

/// The next hops of one list, each different pair of addresses held once: its hop, the target
/// whose MAC address it needs, and what the listener was told last. Logic only, no sockets.
class NextHopList {
 public:
  struct Entry {
    OuterPair pair;
    std::optional<Hop> hop;
    NoHop no_hop;
    NextHopState told;
    bool was_told = false;  // `told` is valid
    bool is_new = true;     // its indexes are new: to be told whatever they were before
    bool dirty = false;
    std::uint32_t first_index = 0;  // of the list's, chained through next_index_
    std::uint32_t target = 0;       // kNoTarget unless the kernel is to give the MAC address
    std::uint32_t target_slot = 0;  // position among the target's users
  };
  static constexpr std::uint32_t kNoTarget = 0xffffffff;

  /// \param ports current state by port index; referred to, kept by the caller.
  NextHopList(const StaticUnderlay& facts, const std::vector<PortState>& ports,
              NeighborTargets& targets);

  /// Takes a new list; what is known of pairs that were in the old one stays. Pairs that the
  /// configuration decides get their hop at once. Everything is dirty afterwards.
  void replace(const std::vector<OuterPair>& pairs, UnderlayTime now);

  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }
  [[nodiscard]] std::size_t index_count() const noexcept { return next_index_.size(); }
  /// True if the kernel's routes decide this entry.
  [[nodiscard]] bool asks_kernel(std::uint32_t entry) const noexcept {
    return !(entries_[entry].hop && entries_[entry].hop->from_file);
  }

  void set_hop(std::uint32_t entry, const Hop& hop, UnderlayTime now);
  void set_no_hop(std::uint32_t entry, NoHop why);

  void port_changed(std::uint16_t port);
  void target_changed(std::uint32_t target);

  /// Targets that lost their last user since the last call; they are not dropped here.
  std::vector<std::uint32_t> take_unused_targets();

  /// Calls `tell(entry, old, state)` for every dirty entry whose state is another than was told
  /// (`old`, nullptr if none) or whose indexes are new. `for_each_index` gives the entry's indexes.
  void flush(
      const std::function<void(const Entry&, const NextHopState*, const NextHopState&)>& tell);
  void for_each_index(const Entry& entry, const std::function<void(std::uint32_t)>& visit) const;

 private:
  void mark(std::uint32_t entry);
  void attach(std::uint32_t entry, UnderlayTime now);
  void detach(std::uint32_t entry);
  [[nodiscard]] NextHopState state_of(const Entry& entry) const;

  const StaticUnderlay& facts_;
  const std::vector<PortState>& ports_;
  NeighborTargets& targets_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> next_index_;          // chain of the indexes of one entry
  std::vector<std::vector<std::uint32_t>> users_;  // entries by target
  std::vector<std::uint32_t> maybe_unused_;
  std::vector<std::uint32_t> dirty_;
};

}  // namespace adit
