#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "netlink/event_limit.h"
#include "netlink/link_table.h"
#include "netlink/neighbor_targets.h"
#include "netlink/next_hop_list.h"
#include "netlink/rt_request.h"
#include "netlink/static_underlay.h"
#include "netlink/underlay_view.h"

namespace adit {

/// The underlay without its thread: sockets, what they told, and the answers made of it. Every call
/// is made by one thread at a time; the sockets belong to the namespace of the one that called
/// `open`. Nothing here waits longer than a second.
class UnderlayEngine {
 public:
  /// \param stopping once true, long passes end early.
  UnderlayEngine(const UnderlayOptions& options, UnderlayListener& listener,
                 const std::atomic<bool>& stopping);

  /// Subscribes, then reads everything, tells of every port, and takes the first list.
  /// \throws Failure ADIT-2201, ADIT-2202, ADIT-2203.
  void open(const NextHopQuestions& questions);
  [[nodiscard]] bool is_open() const noexcept { return monitor_ != nullptr; }
  [[nodiscard]] int fd() const noexcept { return monitor_->fd(); }

  /// Takes a new list and finds its answers.
  void replace_next_hops(const NextHopQuestions& questions);
  /// Reads what the kernel sent.
  void readable();
  /// Takes in one message of the kernel's; `readable` does so with all that have come.
  void handle(const nlmsghdr& message);
  /// Does what is due by now.
  void tick();
  /// What is known may be wrong: the next `tick` reads everything anew.
  void distrust() noexcept { lost_ = true; }
  /// When `tick` has something to do next.
  [[nodiscard]] UnderlayTime deadline() const;
  /// Gives back what was asked of the kernel's neighbor table, and closes.
  void close() noexcept;

  [[nodiscard]] bool has_address(const IpAddress& address) const;
  [[nodiscard]] std::vector<UnderlayRouteView> routes() const;
  [[nodiscard]] std::vector<UnderlayNeighborView> neighbors() const;
  [[nodiscard]] std::vector<UnderlayPortView> ports() const;

 private:
  /// Which destinations a change of routes may concern.
  struct ChangedRoutes {
    bool any = false;
    bool all = false;
    std::vector<IpPrefix> prefixes;
    UnderlayTime since;
    void add(const IpPrefix& prefix, UnderlayTime now);
    void add_all(UnderlayTime now);
    [[nodiscard]] bool concern(const IpAddress& remote) const;
  };
  using Mirror = std::unordered_map<NeighborKey, Neighbor, NeighborKeyHash>;
  using OwnAddress = std::tuple<IpAddress, std::uint32_t, std::uint8_t>;
  struct OwnAddressLess {
    bool operator()(const OwnAddress& a, const OwnAddress& b) const noexcept;
  };

  void subscribe();
  void handle_link(const nlmsghdr& message);
  void handle_address(const nlmsghdr& message);
  void handle_neighbor(const nlmsghdr& message);
  void take_locals(const NextHopQuestions& questions);
  void ports_changed();
  void find_vlans();
  [[nodiscard]] bool is_ports_own(std::uint16_t port, std::uint32_t ifindex) const;
  void observe(const NeighborKey& key);

  /// Reads links, addresses and neighbors anew; false if the kernel did not let us.
  bool resync();
  bool read_links();
  bool read_addresses();
  bool read_neighbors();
  bool dump(std::uint16_t type, const std::function<void()>& restart,
            const std::function<void(const nlmsghdr&)>& visit);

  void ask_routes();
  bool ask_routes_of(std::span<const std::uint32_t> entries);
  void take_route(std::uint32_t entry, int error, const nlmsghdr* message);
  void ask_neighbors();
  void drop_unused_targets();
  void sweep_neighbors();
  /// The port's packets leave by another interface now: nothing known of its neighbors holds.
  void leave_link(std::uint16_t port, std::uint32_t ifindex);
  /// Sends until all are sent or `answer` wants no more: it gets an index and an errno, or 0.
  void send_neighbor_requests(std::span<const NeighborRequest> requests,
                              const std::function<bool(std::size_t, int)>& answer);
  void neighbor_refused(std::uint32_t target, int error);

  void flush();
  void tell_addresses();
  void tell_port(std::uint16_t port, const PortState& old, const PortState& state);
  void tell_vlans(std::uint16_t port);
  void tell(const NextHopList::Entry& entry, const NextHopState* old, const NextHopState& state);
  [[nodiscard]] std::string why_text(const NextHopList::Entry& entry) const;
  [[nodiscard]] std::string other_link_text(std::uint32_t ifindex) const;
  [[nodiscard]] std::string failed_text(const NextHopList::Entry& entry) const;
  [[nodiscard]] std::string port_name(std::uint16_t port) const {
    return options_.ports[port].name;
  }

  /// Work that is caused by a flood of changes rests as long as it took: half a CPU at most.
  static constexpr int kRestFactor = 1;
  /// What the kernel refused is tried again so much later.
  static constexpr std::chrono::milliseconds kRetry{1000};

  UnderlayOptions options_;
  UnderlayListener& listener_;
  const std::atomic<bool>& stopping_;
  StaticUnderlay facts_;
  LinkTable links_;
  std::vector<PortState> ports_;
  std::vector<bool> is_told_;  // by port: the listener has its state
  std::set<OwnAddress, OwnAddressLess> addresses_;
  bool addresses_changed_ = false;                     // since the listener was told of them
  std::unordered_set<IpAddress, AddressHash> locals_;  // tunnels' own addresses
  Mirror mirror_;
  NeighborTargets targets_;
  NextHopList list_;
  EventLimit events_;
  std::unique_ptr<RtSocket> monitor_;
  std::unique_ptr<RtRequester> requester_;

  ChangedRoutes changed_;
  UnderlayTime routes_not_before_{};  // keeps the asking to a fraction of the time
  UnderlayTime refresh_at_{};
  UnderlayTime asks_not_before_{};
  UnderlayTime give_up_at_ = UnderlayTime::max();  // when closing: no more requests past this
  bool lost_ = false;                              // messages were lost: read everything anew
  UnderlayTime resync_not_before_{};
  bool neighbors_stale_ = false;  // a port has another tunnel link: read the neighbors anew
};

}  // namespace adit
