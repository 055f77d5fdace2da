#include <algorithm>

#include "worker/clock.h"
#include "worker/data_path.h"

namespace adit {

std::vector<NextHopView> DataPath::next_hops() const {
  constexpr std::uint64_t kNsPerMs = 1'000'000;
  constexpr std::uint64_t kMsPerSecond = 1000;
  const std::uint64_t now_ns = monotonic_ns();
  const std::uint64_t now_ms = now_ns / kNsPerMs;
  std::vector<NextHopView> views;
  views.reserve(next_hops_.size());
  for (std::uint32_t i = 0; i < next_hops_.size(); ++i) {
    NextHopView view{.hop = next_hops_.get(i), .last_error = path_errors_.get(i)};
    if (const std::optional<PathMtu> path = next_hops_.path_mtu(i, now_ns)) {
      view.path_mtu = path->mtu;
      view.path_mtu_seconds_left = (path->expires_ms - now_ms) / kMsPerSecond;
    }
    // A worker may have written after the clock was read.
    const std::uint64_t at_ms = std::min(view.last_error.at_ms, now_ms);
    view.last_error_seconds_ago = (now_ms - at_ms) / kMsPerSecond;
    views.push_back(view);
  }
  return views;
}

std::vector<MemberSize> DataPath::member_sizes() const {
  if (!table_) return {};
  return adit::member_sizes(*table_, next_hops_, port_status_, monotonic_ns());
}

}  // namespace adit
