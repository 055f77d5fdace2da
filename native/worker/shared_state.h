#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "steer/host_rules.h"
#include "table/icmp_limits.h"
#include "table/identification.h"
#include "table/learned_macs.h"
#include "table/next_hop.h"
#include "table/own_addresses.h"
#include "table/path_errors.h"
#include "table/sequence.h"
#include "table/table_spec.h"
#include "worker/port_status.h"

namespace adit {

/// What the packet paths of all workers share beside the table, without locks. Next hops but for
/// their path MTUs, ports, own addresses and rules are written by one thread, that of the underlay;
/// the rest by all workers.
struct SharedState {
  /// For tables of that specification.
  explicit SharedState(const TableSpec& spec)
      : next_hops(spec.next_hops),
        port_status(spec.ports.size()),
        sequences(spec.members.size()),
        learned(spec.members.size()),
        identifications(spec.next_hops, spec.seed),
        icmp(spec.tenants),
        path_errors(spec.next_hops) {}

  NextHopTable next_hops;
  PortStatusList port_status;
  SequenceTable sequences;
  LearnedMacs learned;
  /// Asked only about sources of tunnels that take others than their remote.
  CurrentOwnAddresses own_addresses;
  IdentificationTable identifications;
  IcmpLimits icmp;
  PathErrors path_errors;
  /// Tell tunnel packets from tenants' frames; not asked, and may be null, where no port takes
  /// both.
  std::atomic<const HostRules*> rules{nullptr};
};

}  // namespace adit
