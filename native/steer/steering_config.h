#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <vector>

#include "wire/address.h"
#include "wire/ip.h"

namespace adit {

/// What the steering rules decide by; made from the same configuration as the table.
struct SteeringConfig {
  /// Exactly two tags: the outer, and an inner of TPID 0x8100. VIDs are 1-4094.
  struct DoubleTag {
    /// The outer TPID: 0x88a8, or 0x8100.
    bool service_tpid = false;
    std::uint16_t outer = 0;
    std::uint16_t inner = 0;
  };

  /// What a port takes. Claims may overlap: a frame of any of them is taken, whose it is the
  /// table says.
  struct Port {
    MacAddress mac;
    /// Tunnel packets are taken here.
    bool takes_tunnels = false;
    /// VID of the one 0x8100 tag that tunnel packets carry here, 1-4094; 0: they are untagged.
    std::uint16_t tunnel_vlan = 0;
    /// Every frame is claimed.
    bool any = false;
    /// VIDs that attachments claim as the only tag, of TPID 0x8100, 1-4094; index 0 stands for
    /// untagged and priority-tagged.
    std::bitset<4096> vlans;
    /// VIDs, 1-4094, that are claimed as the outer tag, whatever follows it, by the tag's TPID:
    /// 0x8100, 0x88a8.
    std::array<std::bitset<4096>, 2> outer_vlans;
    /// Duplicates are fine.
    std::vector<DoubleTag> doubles;
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
