#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace adit {

/// The queues of a port that workers may own.
struct PortQueues {
  std::string interface;
  /// RX queues that are claimed.
  std::uint32_t rx = 0;
  std::uint32_t tx = 0;
  /// Queues are set in pairs, else RX and TX by themselves.
  bool combined = false;
};

/// How many workers there are: `asked`, or where that is 0 as many as CPUs and queues allow. Each
/// one owns an RX queue at least, and a TX queue, of every port.
/// \throws Failure ADIT-2121 when a port has fewer; its `ethtool -L` command is named.
[[nodiscard]] std::uint32_t plan_workers(std::span<const PortQueues> ports, std::uint32_t asked,
                                         std::uint32_t cpus);

/// The RX queues of a port that a worker owns, of `rx` that are claimed: all are somebody's. The
/// first is also the number of its TX queue, so no two workers share one.
[[nodiscard]] std::vector<std::uint32_t> queues_of(std::uint32_t worker, std::uint32_t workers,
                                                   std::uint32_t rx);

/// \throws Failure ADIT-2122 when this thread may not run on one of these CPUs.
void require_cpus(std::span<const std::uint32_t> cpus);

/// CPUs that this thread may run on, at least 1.
[[nodiscard]] std::uint32_t usable_cpus();

}  // namespace adit
