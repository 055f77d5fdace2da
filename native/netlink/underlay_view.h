#pragma once

#include <optional>
#include <string>
#include <vector>

#include "netlink/next_hop.h"

namespace adit {

/// Copies of what the underlay knows, for the commands that show it.

struct UnderlayRouteView {
  OuterPair pair;
  NextHopState state;
  std::optional<IpAddress> gateway;  // the address that is resolved; the remote itself on a link
  bool from_file = false;
  std::string why;  // one sentence without a period where there is no hop, else empty
};

struct UnderlayNeighborView {
  std::uint16_t port = kNoPort;
  IpAddress address;
  std::optional<MacAddress> mac;
  const char* state = "";  // the kernel's word in lower case, such as `reachable`; or `static`
  bool used = false;       // some next hop needs it
  bool managed = false;    // the kernel keeps it resolved
};

struct UnderlayPortView {
  std::string name;
  std::string interface;
  PortState state;
  std::vector<IpPrefix> addresses;  // the interface's own and its tunnel link's, host bits kept
};

}  // namespace adit
