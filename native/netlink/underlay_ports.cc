// UnderlayEngine: the ports' interfaces, and which of them tunnel packets leave by.

#include <utility>

#include "netlink/underlay_engine.h"

namespace adit {

void UnderlayEngine::take_locals(const NextHopQuestions& questions) {
  locals_ = {questions.other_locals.begin(), questions.other_locals.end()};
  for (const OuterPair& pair : questions.pairs) locals_.insert(pair.local);
}

void UnderlayEngine::find_vlans() {
  std::vector<std::uint32_t> holders;
  for (const IpAddress& local : locals_) {
    for (auto own = addresses_.lower_bound({local, 0, 0}); own != addresses_.end(); ++own) {
      const auto& [address, ifindex, length] = *own;
      if (address != local) break;
      holders.push_back(ifindex);
    }
  }
  for (const std::uint16_t port : links_.find_vlans(holders)) tell_vlans(port);
}

void UnderlayEngine::ports_changed() {
  const UnderlayTime now = std::chrono::steady_clock::now();
  find_vlans();
  for (std::uint16_t port = 0; port < ports_.size(); ++port) {
    const PortState state = links_.port(port);
    const PortState old = std::exchange(ports_[port], state);
    if (state == old && is_told_[port]) continue;
    addresses_changed_ = true;
    const bool moved = state.tunnel.ifindex != old.tunnel.ifindex;
    if (moved) leave_link(port, old.tunnel.ifindex);
    if (state.tunnel.up && !old.tunnel.up) targets_.retry_port(port, now);
    list_.port_changed(port);
    // Packets for neighbors in the old VLAN must not get the new tag: they wait before it is told.
    if (moved) flush();
    listener_.on_port(port, state);
    tell_port(port, old, state);
    is_told_[port] = true;
  }
}

}  // namespace adit
