#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "netlink/address_hash.h"
#include "netlink/next_hop.h"
#include "netlink/prefix_table.h"

namespace adit {

/// Where a packet goes next: out of `port`, to the MAC address of `gateway`.
struct Hop {
  std::uint16_t port = kNoPort;
  IpAddress gateway;
  std::uint32_t route_mtu = 0;  // the route's own limit in bytes; 0: none
  bool from_file = false;       // by the configuration, not by the kernel
  [[nodiscard]] bool operator==(const Hop&) const noexcept = default;
};

/// The underlay as far as the configuration gives it: no socket, no kernel, nothing that changes.
/// It alone answers for `replay`; live, it is asked before the kernel.
class StaticUnderlay {
 public:
  /// \throws Failure ADIT-2204 when a route or a neighbor names a port that does not exist, or
  /// ADIT-2205 when a static neighbor's MAC address is a group's or zero.
  explicit StaticUnderlay(const UnderlayOptions& options);

  /// The way to `remote` by the longest of the static and the connected prefixes (static ones first
  /// among equals); else a static neighbor of that very address is on its port's link.
  [[nodiscard]] std::optional<Hop> hop(const IpAddress& remote) const;

  /// The MAC address of a static neighbor; nullptr if the configuration gives none.
  [[nodiscard]] const MacAddress* neighbor(std::uint16_t port, const IpAddress& address) const;

  /// The answer without a kernel: `kUp`, `kNoRoute`, or `kFailed` where no static neighbor is the
  /// gateway. The local address does not matter to static facts.
  [[nodiscard]] NextHopState resolve(const OuterPair& pair) const;

  /// The port without an interface: given MAC address and MTU, else 02:00:00:00:00:NN with NN the
  /// 1-based position, and 1500.
  [[nodiscard]] const PortState& port(std::uint16_t index) const { return ports_.at(index); }
  [[nodiscard]] std::size_t port_count() const noexcept { return ports_.size(); }

  [[nodiscard]] const std::vector<StaticNeighbor>& neighbors() const noexcept {
    return neighbor_list_;
  }

 private:
  struct Way {
    std::optional<IpAddress> via;
    std::uint16_t port;
  };

  void check_port(std::uint16_t port, const std::string& subject) const;

  std::vector<PortState> ports_;
  PrefixTable<Way> ways_;
  std::vector<StaticNeighbor> neighbor_list_;
  std::unordered_map<NeighborKey, MacAddress, NeighborKeyHash> neighbors_;
  std::unordered_map<IpAddress, std::uint16_t, AddressHash> neighbor_ports_;
};

}  // namespace adit
