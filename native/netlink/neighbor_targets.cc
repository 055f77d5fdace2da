#include "netlink/neighbor_targets.h"

#include <linux/neighbour.h>
#include <sys/socket.h>

#include <algorithm>

namespace adit {
namespace {

constexpr std::chrono::seconds kMinAskInterval{1};
constexpr std::chrono::seconds kMaxAskInterval{30};

constexpr std::uint16_t kUsable =
    NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | NUD_NOARP;
constexpr std::uint16_t kFixed = NUD_PERMANENT | NUD_NOARP;

[[nodiscard]] bool acceptable(const std::optional<MacAddress>& mac, const MacAddress& own) {
  return mac && !mac->is_group() && *mac != MacAddress{} && *mac != own;
}

}  // namespace

std::uint32_t NeighborTargets::ensure(const NeighborKey& key, UnderlayTime now) {
  const auto [found, added] = ids_.try_emplace(key, 0);
  if (!added) return found->second;
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(targets_.size()));
    targets_.emplace_back();
  }
  const std::uint32_t id = free_.back();
  free_.pop_back();
  found->second = id;
  targets_[id] = Target{};
  targets_[id].key = key;
  targets_[id].live = true;
  schedule(id, now);
  return id;
}

std::optional<std::uint32_t> NeighborTargets::find(const NeighborKey& key) const {
  const auto found = ids_.find(key);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

void NeighborTargets::drop(std::uint32_t id) {
  ids_.erase(targets_[id].key);
  targets_[id].live = false;
  free_.push_back(id);
}

bool NeighborTargets::observe(std::uint32_t id, const Neighbor* entry, const MacAddress& own,
                              UnderlayTime now) {
  Target& target = targets_[id];
  const auto status = target.status;
  const MacAddress mac = target.mac;
  const bool usable = entry != nullptr && (entry->state & kUsable) != 0;
  target.bad_mac = usable && !acceptable(entry->mac, own);
  if (usable && !target.bad_mac) {
    target.status = NextHopState::kUp;
    target.mac = *entry->mac;
  } else if (usable || (entry != nullptr && (entry->state & NUD_FAILED) != 0)) {
    target.status = NextHopState::kFailed;
    target.mac = {};
  } else if (entry == nullptr && target.status == NextHopState::kFailed &&
             target.next_ask <= now + kMinAskInterval) {
    // Flushed by a person rather than found dead: the kernel tells of FAILED before it deletes.
    target.status = NextHopState::kResolving;
  }
  const bool was_settled = target.settled;
  target.settled = usable && (entry->managed || entry->external || (entry->state & kFixed) != 0);
  if (target.settled) target.tries = 0;
  if (was_settled && !target.settled) schedule(id, now);
  return status != target.status || mac != target.mac;
}

bool NeighborTargets::refused(std::uint32_t id) {
  Target& target = targets_[id];
  if (target.status != NextHopState::kResolving) return false;
  target.status = NextHopState::kFailed;
  return true;
}

std::vector<std::uint32_t> NeighborTargets::of_port(std::uint16_t port) const {
  std::vector<std::uint32_t> ids;
  for (std::uint32_t id = 0; id < targets_.size(); ++id) {
    if (targets_[id].live && targets_[id].key.port == port) ids.push_back(id);
  }
  return ids;
}

std::vector<std::uint32_t> NeighborTargets::reset_port(std::uint16_t port, UnderlayTime now) {
  std::vector<std::uint32_t> ids = of_port(port);
  for (const std::uint32_t id : ids) {
    const NeighborKey key = targets_[id].key;
    targets_[id] = Target{};
    targets_[id].key = key;
    targets_[id].live = true;
    schedule(id, now);
  }
  return ids;
}

void NeighborTargets::retry_port(std::uint16_t port, UnderlayTime now) {
  for (const std::uint32_t id : of_port(port)) {
    if (targets_[id].settled) continue;
    targets_[id].tries = 0;
    schedule(id, now);
  }
}

std::vector<std::uint32_t> NeighborTargets::take_due(UnderlayTime now, std::size_t max) {
  std::vector<std::uint32_t> ids;
  while (!due_.empty() && due_.top().time <= now && ids.size() < max) {
    const Due due = due_.top();
    due_.pop();
    Target& target = targets_[due.id];
    if (!target.live || target.next_ask != due.time || target.settled) continue;
    target.last_ask = now;
    const auto wait = std::min(kMinAskInterval * (1U << target.tries), kMaxAskInterval);
    if (wait < kMaxAskInterval) ++target.tries;
    schedule(due.id, now + wait);
    ids.push_back(due.id);
  }
  return ids;
}

std::optional<UnderlayTime> NeighborTargets::next_due() const {
  if (due_.empty()) return std::nullopt;
  return due_.top().time;
}

void NeighborTargets::schedule(std::uint32_t id, UnderlayTime time) {
  Target& target = targets_[id];
  if (target.last_ask != UnderlayTime{}) time = std::max(time, target.last_ask + kMinAskInterval);
  target.next_ask = time;
  due_.push({.time = time, .id = id});
}

}  // namespace adit
