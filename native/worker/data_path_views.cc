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
  views.reserve(shared_.next_hops.size());
  for (std::uint32_t i = 0; i < shared_.next_hops.size(); ++i) {
    NextHopView view{.hop = shared_.next_hops.get(i), .last_error = shared_.path_errors.get(i)};
    if (const std::optional<PathMtu> path = shared_.next_hops.path_mtu(i, now_ns)) {
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

std::vector<PortView> DataPath::ports() const {
  std::vector<PortView> views;
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const OpenPort& port = ports_[i];
    PortView view;
    view.interface = port.interface;
    view.queues = port.queues;
    view.attachment = port.attachment;
    view.zero_copy = opened_.zero_copy;
    if (opened_.refused_by == options_.spec.ports[i].name) view.zero_copy_refusal = opened_.refusal;
    view.frame_size = layout_.frame_bytes;
    view.multi_buffer = layout_.max_buffers > 1;
    view.busy_poll_refusal = busy_poll_refusal(i);
    view.busy_poll = options_.spec.ports[i].busy_poll && view.busy_poll_refusal.empty();
    view.spread = port.spread;
    view.spread_faults = faults_of_spread(i);
    if (port.settings) view.features_off = port.settings->turned_off();
    for (const auto& worker : workers_) {
      const AfXdpStatistics one = worker->port(i).statistics();
      view.sockets.rx_dropped += one.rx_dropped;
      view.sockets.rx_ring_full += one.rx_ring_full;
      view.sockets.rx_fill_ring_empty += one.rx_fill_ring_empty;
      view.sockets.rx_invalid += one.rx_invalid;
      view.sockets.tx_invalid += one.tx_invalid;
      view.sockets.tx_kicks += one.tx_kicks;
    }
    const std::lock_guard lock(ports_mutex_);
    view.state = port.state;
    views.push_back(std::move(view));
  }
  return views;
}

std::string DataPath::busy_poll_refusal(std::size_t port) const {
  for (const auto& worker : workers_) {
    std::string refusal = worker->port(port).busy_poll_refusal();
    if (!refusal.empty()) return refusal;
  }
  return {};
}

std::vector<SpreadFault> DataPath::faults_of_spread(std::size_t port) const {
  return spread_faults(ports_[port].spread, ports_[port].interface.name, ports_[port].queues,
                       static_cast<std::uint32_t>(workers_.size()),
                       options_.spec.table.ports[port].takes_tunnels);
}

std::vector<MemberSize> DataPath::member_sizes() const {
  return adit::member_sizes(tables_.current(), shared_.next_hops, shared_.port_status,
                            monotonic_ns());
}

}  // namespace adit
