#include "netlink/next_hop_list.h"

#include <algorithm>
#include <utility>

namespace adit {
namespace {

/// Ends the chain of an entry's indexes.
constexpr std::uint32_t kEnd = 0xffffffff;

}  // namespace

NextHopList::NextHopList(const StaticUnderlay& facts, const std::vector<PortState>& ports,
                         NeighborTargets& targets)
    : facts_(facts), ports_(ports), targets_(targets) {}

void NextHopList::replace(const std::vector<OuterPair>& pairs, UnderlayTime now) {
  std::unordered_map<OuterPair, std::uint32_t, OuterPairHash> old_ids;
  old_ids.reserve(entries_.size());
  for (std::uint32_t id = 0; id < entries_.size(); ++id) {
    old_ids.emplace(entries_[id].pair, id);
    detach(id);
  }
  const std::vector<Entry> old = std::exchange(entries_, {});
  dirty_.clear();
  next_index_.assign(pairs.size(), kEnd);

  std::unordered_map<OuterPair, std::uint32_t, OuterPairHash> ids;
  ids.reserve(pairs.size());
  for (std::uint32_t index = 0; index < pairs.size(); ++index) {
    const auto [found, added] =
        ids.try_emplace(pairs[index], static_cast<std::uint32_t>(entries_.size()));
    if (!added) {
      next_index_[index] = std::exchange(entries_[found->second].first_index, index);
      continue;
    }
    Entry entry{.pair = pairs[index],
                .hop = facts_.hop(pairs[index].remote),
                .no_hop = {},
                .told = {},
                .first_index = index,
                .target = kNoTarget};
    if (const auto found_old = old_ids.find(entry.pair); found_old != old_ids.end()) {
      const Entry& known = old[found_old->second];
      entry.told = known.told;
      entry.was_told = known.was_told;
      if (!entry.hop) entry.hop = known.hop;
      entry.no_hop = known.no_hop;
    }
    entries_.push_back(entry);
    attach(found->second, now);
    mark(found->second);
  }
}

void NextHopList::set_hop(std::uint32_t id, const Hop& hop, UnderlayTime now) {
  Entry& entry = entries_[id];
  entry.no_hop = {};
  if (entry.hop == hop) return;
  const bool same_target =
      entry.hop && entry.hop->port == hop.port && entry.hop->gateway == hop.gateway;
  if (!same_target) detach(id);
  entry.hop = hop;
  if (!same_target) attach(id, now);
  mark(id);
}

void NextHopList::set_no_hop(std::uint32_t id, NoHop why) {
  Entry& entry = entries_[id];
  if (!entry.hop && entry.no_hop == why) return;
  detach(id);
  entry.hop.reset();
  entry.no_hop = why;
  mark(id);
}

void NextHopList::port_changed(std::uint16_t port) {
  for (std::uint32_t id = 0; id < entries_.size(); ++id) {
    if (entries_[id].hop && entries_[id].hop->port == port) mark(id);
  }
}

void NextHopList::target_changed(std::uint32_t target) {
  if (target >= users_.size()) return;
  for (const std::uint32_t id : users_[target]) mark(id);
}

std::vector<std::uint32_t> NextHopList::take_unused_targets() {
  std::vector<std::uint32_t> unused = std::exchange(maybe_unused_, {});
  std::sort(unused.begin(), unused.end());
  unused.erase(std::unique(unused.begin(), unused.end()), unused.end());
  std::erase_if(unused, [this](std::uint32_t target) { return !users_[target].empty(); });
  return unused;
}

void NextHopList::flush(
    const std::function<void(const Entry&, const NextHopState*, const NextHopState&)>& tell) {
  const std::vector<std::uint32_t> dirty = std::exchange(dirty_, {});
  for (const std::uint32_t id : dirty) {
    Entry& entry = entries_[id];
    entry.dirty = false;
    const NextHopState state = state_of(entry);
    if (entry.was_told && !entry.is_new && entry.told == state) continue;
    tell(entry, entry.was_told ? &entry.told : nullptr, state);
    entry.told = state;
    entry.was_told = true;
    entry.is_new = false;
  }
}

void NextHopList::for_each_index(const Entry& entry,
                                 const std::function<void(std::uint32_t)>& visit) const {
  for (std::uint32_t index = entry.first_index; index != kEnd; index = next_index_[index]) {
    visit(index);
  }
}

void NextHopList::mark(std::uint32_t id) {
  if (std::exchange(entries_[id].dirty, true)) return;
  dirty_.push_back(id);
}

void NextHopList::attach(std::uint32_t id, UnderlayTime now) {
  Entry& entry = entries_[id];
  if (!entry.hop || facts_.neighbor(entry.hop->port, entry.hop->gateway) != nullptr) return;
  entry.target = targets_.ensure({entry.hop->port, entry.hop->gateway}, now);
  if (entry.target >= users_.size()) users_.resize(entry.target + 1);
  entry.target_slot = static_cast<std::uint32_t>(users_[entry.target].size());
  users_[entry.target].push_back(id);
}

void NextHopList::detach(std::uint32_t id) {
  Entry& entry = entries_[id];
  if (entry.target == kNoTarget) return;
  std::vector<std::uint32_t>& users = users_[entry.target];
  users[entry.target_slot] = users.back();
  entries_[users.back()].target_slot = entry.target_slot;
  users.pop_back();
  if (users.empty()) maybe_unused_.push_back(entry.target);
  entry.target = kNoTarget;
}

NextHopState NextHopList::state_of(const Entry& entry) const {
  if (!entry.hop) return {};
  const TunnelLink& link = ports_[entry.hop->port].tunnel;
  NextHopState state{.status = NextHopState::kUp,
                     .port = entry.hop->port,
                     .source = link.mac,
                     .destination = {},
                     .mtu = link.mtu};
  const std::uint32_t route_mtu = entry.hop->route_mtu;
  if (route_mtu != 0) state.mtu = std::min(state.mtu, route_mtu);
  if (const MacAddress* mac = facts_.neighbor(entry.hop->port, entry.hop->gateway)) {
    state.destination = *mac;
  } else {
    const NeighborTargets::Target& target = targets_.at(entry.target);
    state.status = target.status;
    state.destination = target.mac;
  }
  if (!link.up) state.status = NextHopState::kPortDown;
  return state;
}

}  // namespace adit
