#pragma once

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "packet/frame_pool.h"
#include "packet/port.h"
#include "worker/counters.h"
#include "worker/shared_state.h"

namespace adit {

/// What one worker's packet path works with and does not own.
struct PathEnvironment {
  /// \param with_ports by port index; a null port takes nothing (`port_down`).
  /// \param with_reserved by port index: bytes at the start of a received frame that a push may not
  /// use.
  PathEnvironment(FramePool& with_pool, std::vector<Port*> with_ports,
                  std::vector<std::uint32_t> with_reserved, Counters& with_counters,
                  SharedState& shared)
      : pool(with_pool),
        ports(std::move(with_ports)),
        reserved(std::move(with_reserved)),
        counters(with_counters),
        next_hops(shared.next_hops),
        port_status(shared.port_status),
        sequences(shared.sequences),
        rules(shared.rules),
        learned(shared.learned),
        own_addresses(shared.own_addresses),
        identifications(shared.identifications),
        icmp(shared.icmp),
        path_errors(shared.path_errors) {}

  FramePool& pool;
  std::vector<Port*> ports;
  std::vector<std::uint32_t> reserved;
  Counters& counters;
  // Of `SharedState`.
  NextHopTable& next_hops;
  const PortStatusList& port_status;
  SequenceTable& sequences;
  const std::atomic<const HostRules*>& rules;
  LearnedMacs& learned;
  const CurrentOwnAddresses& own_addresses;
  IdentificationTable& identifications;
  IcmpLimits& icmp;
  PathErrors& path_errors;
};

}  // namespace adit
