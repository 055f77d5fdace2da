#pragma once

#include <bitset>
#include <cstdint>
#include <vector>

#include "wire/address.h"
#include "wire/ip.h"

namespace adit {

/// What the steering rules decide by; made from the same configuration as the table.
struct SteeringConfig {
  struct Port {
    MacAddress mac;
    /// Tunnel packets are taken here.
    bool takes_tunnels = false;
    /// VIDs that attachments claim, 1-4094; index 0 stands for untagged and priority-tagged.
    std::bitset<4096> vlans;
  };

  /// A local address with a protocol that tunnels of ours end at. Duplicates are fine.
  struct Endpoint {
    IpAddress local;
    IpProto proto = IpProto::kUdp;
    /// Destination port in host order; 0 for GRE.
    std::uint16_t udp_port = 0;
  };

  /// In the order of the gateway file; a port's place is its index everywhere.
  std::vector<Port> ports;
  std::vector<Endpoint> endpoints;
  /// Source prefixes to drop; they may overlap.
  std::vector<IpPrefix> block;
};

}  // namespace adit
