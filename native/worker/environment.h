#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "packet/frame_pool.h"
#include "packet/port.h"
#include "steer/host_rules.h"
#include "table/icmp_limits.h"
#include "table/identification.h"
#include "table/learned_macs.h"
#include "table/next_hop.h"
#include "table/own_addresses.h"
#include "table/path_errors.h"
#include "table/sequence.h"
#include "worker/counters.h"
#include "worker/port_status.h"

namespace adit {

/// What one worker's packet path works with and does not own. `ports` are by port
/// index; a null port takes nothing (`port_down`).
struct PathEnvironment {
  FramePool& pool;
  std::vector<Port*> ports;
  /// By port index: bytes at the start of a received frame that a push may not
  /// use.
  std::vector<std::uint32_t> reserved;
  /// Workers change nothing of it but path MTUs.
  NextHopTable& next_hops;
  const PortStatusList& port_status;
  Counters& counters;
  SequenceTable& sequences;
  /// Tell tunnel packets from tenants' frames on ports that take both.
  const std::atomic<const HostRules*>& rules;
  LearnedMacs& learned;
  /// Asked only about sources of tunnels that take others than their remote.
  const CurrentOwnAddresses& own_addresses;
  IdentificationTable& identifications;
  IcmpLimits& icmp;
  PathErrors& path_errors;
};

}  // namespace adit
