#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "scene.h"

namespace adit::bench {

/// Scenes whose tunnels are changed while their packets are forwarded.
[[nodiscard]] std::vector<Scene> update_scenes();

/// What forwarding cost turn by turn, and what was changed in every other one.
struct UpdateRun {
  /// TSC ticks a packet, one a turn: without updates, and with them in the turn after.
  std::vector<double> still;
  std::vector<double> updated;
  double ticks_per_ns = 0;
  /// Reached, of those that were asked for.
  double updates_per_second = 0;
  double publications_per_second = 0;
  /// From records to a table that forwards, mean.
  double build_ms = 0;
  /// Tables that waited to be freed, at most.
  std::size_t most_retired = 0;
};

/// Forwards on one processor, and on another one changes 100,000 tunnels a second in every other
/// turn, a tenth of all at a time, each time by a table that is made and published. Ten pairs of
/// turns at least.
/// \throws std::logic_error where a packet was not sent, or a table not published.
[[nodiscard]] UpdateRun run_updates(const Scene& scene, std::chrono::seconds about);

}  // namespace adit::bench
