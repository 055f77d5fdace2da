#pragma once

#include <memory>
#include <vector>

#include "netlink/next_hop.h"
#include "netlink/underlay_view.h"

namespace adit {

/// Keeps the answer to "which port, which MAC addresses, which MTU, or why not" current for every
/// next hop, with a thread of its own that hears the kernel over rtnetlink. Static facts of
/// the configuration come first. Every member may be called by any thread, but not by the
/// listener, from its callbacks.
class Underlay {
 public:
  /// The listener must outlive the underlay.
  /// \throws Failure ADIT-2204, ADIT-2205 for static facts that cannot be.
  Underlay(UnderlayOptions options, UnderlayListener& listener);
  /// Stops.
  ~Underlay();
  Underlay(const Underlay&) = delete;
  Underlay& operator=(const Underlay&) = delete;

  /// Gives the list of next hops, and tells where else tunnels end. Once started, the routes are
  /// asked and every answer is told before this returns, on the calling thread; before, that is
  /// done by `start`. Cost: linear; 100,000 different pairs take under a second.
  void set_next_hops(NextHopQuestions questions);

  /// Reads the kernel's tables in the network namespace of the calling thread, tells of every port
  /// and next hop on it, then starts the thread. May be called again after `stop`.
  /// \throws Failure ADIT-2201 to ADIT-2203, ADIT-2206; nothing runs then.
  void start();

  /// Ends the thread and takes back what was asked of the kernel's neighbor table, within a second.
  void stop() noexcept;

  /// True if the address is configured in the namespace, on whatever interface.
  [[nodiscard]] bool has_address(const IpAddress& address) const;

  /// One row per different pair, one per neighbor on our ports, one per port.
  [[nodiscard]] std::vector<UnderlayRouteView> routes() const;
  [[nodiscard]] std::vector<UnderlayNeighborView> neighbors() const;
  [[nodiscard]] std::vector<UnderlayPortView> ports() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace adit
