// UnderlayEngine: the kernel is asked to resolve neighbors, and what was asked is taken back.

#include <linux/neighbour.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>

#include "netlink/address_text.h"
#include "netlink/underlay_engine.h"

namespace adit {
namespace {

using std::chrono::milliseconds;

/// Neighbors are asked for in this rhythm, and so many at most each time.
constexpr milliseconds kAskRhythm{100};
constexpr std::size_t kMaxAsks = 1024;
/// Giving entries back when closing may take this long.
constexpr milliseconds kCloseTime{500};

/// The request that undoes what we did for a target; nothing where another's will stands.
std::optional<NeighborRequest> undo_of(const NeighborTargets::Target* target, const Neighbor* entry,
                                       const NeighborKey& key, std::uint32_t ifindex) {
  using Action = NeighborRequest::Action;
  // A permanent entry was put there by a person, whoever made it first.
  const bool is_free =
      entry == nullptr || ((entry->state & NUD_PERMANENT) == 0 && !entry->external);
  const bool is_ours = entry == nullptr ? target != nullptr && target->made : entry->ours;
  if (ifindex == 0 || !is_free) return std::nullopt;
  if (is_ours) return NeighborRequest{Action::kRemove, ifindex, key.address};
  const bool is_adopted =
      target != nullptr && target->adopted && entry != nullptr && entry->managed;
  if (!is_adopted) return std::nullopt;
  return NeighborRequest{Action::kUnmanage, ifindex, key.address};
}

std::string refusal_text(const IpAddress& address, const std::string& port, int error) {
  std::string text = "The kernel refuses to resolve " + address_text(address) + " on port " + port +
                     ": " + strerror(error);
  if (error == ENOBUFS) {
    text += "; its neighbor table is full, raise the sysctl net.";
    text += address.family == IpFamily::kIpv4 ? "ipv4" : "ipv6";
    text += ".neigh.default.gc_thresh3";
  } else if (error == EPERM) {
    text += "; give the process CAP_NET_ADMIN";
  }
  return text;
}

}  // namespace

void UnderlayEngine::ask_neighbors() {
  const UnderlayTime now = std::chrono::steady_clock::now();
  std::vector<NeighborRequest> requests;
  std::vector<std::uint32_t> asked;
  for (const std::uint32_t id : targets_.take_due(now, kMaxAsks)) {
    const NeighborTargets::Target& target = targets_.at(id);
    const TunnelLink& link = ports_[target.key.port].tunnel;
    if (!link.up) continue;
    const auto found = mirror_.find(target.key);
    const Neighbor* entry = found == mirror_.end() ? nullptr : &found->second;
    // Our request would take the "external" mark off another control plane's entry.
    if (entry != nullptr && entry->external) continue;
    const bool is_others = entry != nullptr && !entry->ours;
    requests.push_back(
        {.action = is_others ? NeighborRequest::Action::kAdopt : NeighborRequest::Action::kManage,
         .ifindex = link.ifindex,
         .address = target.key.address});
    asked.push_back(id);
  }
  if (requests.empty()) return;
  asks_not_before_ = now + kAskRhythm;
  send_neighbor_requests(requests, [&](std::size_t i, int error) {
    if (error != 0) {
      neighbor_refused(asked[i], error);
      // The table is one for the whole machine: asking on would only push others' entries out.
      if (error == ENOBUFS) asks_not_before_ = now + kRetry;
      return error != ENOBUFS;
    }
    NeighborTargets::Target& target = targets_.at(asked[i]);
    if (requests[i].action == NeighborRequest::Action::kManage) {
      target.made = true;
    } else if (!mirror_.at(target.key).managed) {
      target.adopted = true;
    }
    return true;
  });
}

void UnderlayEngine::neighbor_refused(std::uint32_t id, int error) {
  const NeighborKey key = targets_.at(id).key;
  if (targets_.refused(id)) list_.target_changed(id);
  events_.tell(UnderlayEvent::Level::kWarn, "ADIT-2224", [&] {
    return EventLimit::Words{
        refusal_text(key.address, port_name(key.port), error),
        {{"port", port_name(key.port)}, {"address", address_text(key.address)}}};
  });
}

void UnderlayEngine::drop_unused_targets() {
  std::vector<NeighborRequest> requests;
  for (const std::uint32_t id : list_.take_unused_targets()) {
    const NeighborKey key = targets_.at(id).key;
    const auto found = mirror_.find(key);
    const Neighbor* entry = found == mirror_.end() ? nullptr : &found->second;
    const auto undo = undo_of(&targets_.at(id), entry, key, ports_[key.port].tunnel.ifindex);
    if (undo) requests.push_back(*undo);
    if (undo && undo->action == NeighborRequest::Action::kRemove) mirror_.erase(key);
    targets_.drop(id);
  }
  send_neighbor_requests(requests, [](std::size_t, int) { return true; });
}

void UnderlayEngine::sweep_neighbors() {
  std::vector<NeighborRequest> requests;
  for (const auto& [key, entry] : mirror_) {
    if (!entry.ours || targets_.find(key)) continue;
    const auto undo = undo_of(nullptr, &entry, key, ports_[key.port].tunnel.ifindex);
    if (undo) requests.push_back(*undo);
  }
  send_neighbor_requests(requests, [](std::size_t, int) { return true; });
}

void UnderlayEngine::leave_link(std::uint16_t port, std::uint32_t ifindex) {
  const UnderlayTime now = std::chrono::steady_clock::now();
  std::vector<NeighborRequest> requests;
  for (const std::uint32_t id : targets_.of_port(port)) {
    // An interface that is gone took its neighbors with it.
    if (!links_.contains(ifindex)) break;
    const NeighborTargets::Target& target = targets_.at(id);
    const auto found = mirror_.find(target.key);
    const Neighbor* entry = found == mirror_.end() ? nullptr : &found->second;
    if (const auto undo = undo_of(&target, entry, target.key, ifindex)) requests.push_back(*undo);
  }
  send_neighbor_requests(requests, [](std::size_t, int) { return true; });
  std::erase_if(mirror_, [port](const auto& item) { return item.first.port == port; });
  for (const std::uint32_t id : targets_.reset_port(port, now)) list_.target_changed(id);
  neighbors_stale_ = true;
  changed_.add_all(now);
}

void UnderlayEngine::send_neighbor_requests(std::span<const NeighborRequest> requests,
                                            const std::function<bool(std::size_t, int)>& answer) {
  bool more = true;
  for (std::size_t at = 0; at < requests.size(); at += kRequestBatch) {
    const auto batch = requests.subspan(at, std::min(kRequestBatch, requests.size() - at));
    const bool done = requester_->neighbors(
        batch, [&](std::size_t i, int error) { more = answer(at + i, error) && more; });
    if (!done || !more || std::chrono::steady_clock::now() >= give_up_at_) return;
  }
}

void UnderlayEngine::close() noexcept {
  if (!is_open()) return;
  try {
    const UnderlayTime now = std::chrono::steady_clock::now();
    give_up_at_ = now + kCloseTime;
    list_.replace({}, now);
    drop_unused_targets();
    sweep_neighbors();
  } catch (const std::exception&) {
    // Out of memory: the entries stay, marked as ours, and the next start takes them over.
  }
  requester_.reset();
  monitor_.reset();
}

}  // namespace adit
