#pragma once

#include <span>
#include <string>

#include "port/af_xdp_port.h"

namespace adit {

/// How a worker's ports move frames between driver and packet memory.
struct OpenedPorts {
  bool zero_copy = false;
  /// Why not zero copy: the port that stands against it, and the reason; empty with zero copy.
  std::string refused_by;
  std::string refusal;
};

/// Opens all ports of one worker, which share one Umem, and starts them. Zero copy is all or none:
/// it is tried first, and given up for all when one port cannot and none insists on it.
/// \throws Failure as `AfXdpPort::open`; ADIT-2109 when a port insists and another cannot. All
/// ports are closed then.
[[nodiscard]] OpenedPorts open_ports(std::span<AfXdpPort* const> ports);

}  // namespace adit
