#include "netlink/underlay_engine.h"

#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "packet/failure.h"

namespace adit {
namespace {

using std::chrono::milliseconds;

/// Changes of routes come in bunches; this long they are gathered before the kernel is asked.
constexpr milliseconds kGather{50};
/// Some changes are told by nobody (learned path MTUs, sysctls): all is asked anew this often.
constexpr std::chrono::seconds kRefresh{60};
/// Datagrams read in one go, so that a flood of changes does not keep the answers from being told.
constexpr int kMaxDatagrams = 512;

}  // namespace

UnderlayEngine::UnderlayEngine(const UnderlayOptions& options, UnderlayListener& listener,
                               const std::atomic<bool>& stopping)
    : options_(options),
      listener_(listener),
      stopping_(stopping),
      facts_(options),
      links_(options.ports),
      ports_(options.ports.size()),
      is_told_(options.ports.size(), false),
      list_(facts_, ports_, targets_),
      events_(listener) {}

void UnderlayEngine::open(const NextHopQuestions& questions) {
  monitor_ = std::make_unique<RtSocket>(options_.receive_buffer_bytes);
  requester_ = std::make_unique<RtRequester>();
  // The subscription comes first: what changes while the tables are read is told again.
  subscribe();
  take_locals(questions);
  bool read = read_links() && read_addresses();
  if (read) {
    ports_changed();
    read = read_neighbors();
  }
  if (!read) {
    throw Failure("ADIT-2203", "the kernel did not let its links, addresses and neighbors be read",
                  "See whether `ip link`, `ip address` and `ip neighbor` work in this namespace.");
  }
  neighbors_stale_ = false;
  refresh_at_ = std::chrono::steady_clock::now() + kRefresh;
  replace_next_hops(questions);
}

void UnderlayEngine::subscribe() {
  for (const unsigned group :
       {RTNLGRP_LINK, RTNLGRP_NEIGH, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
        RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE}) {
    if (monitor_->join(group)) continue;
    throw Failure(
        "ADIT-2202",
        "cannot subscribe to rtnetlink group " + std::to_string(group) + ": " + strerror(errno),
        "Run on a kernel with IPv4 and IPv6 routing.");
  }
  // Next-hop objects are of kernel 5.3 and later; without them there is nothing to hear.
  static_cast<void>(monitor_->join(RTNLGRP_NEXTHOP));
}

void UnderlayEngine::replace_next_hops(const NextHopQuestions& questions) {
  // Other local addresses may be in another VLAN.
  take_locals(questions);
  ports_changed();
  if (std::exchange(neighbors_stale_, false) && !read_neighbors()) lost_ = true;
  list_.replace(questions.pairs, std::chrono::steady_clock::now());
  listener_.on_next_hops_replaced(questions.pairs.size());
  for (const NextHopList::Entry& entry : list_.entries()) {
    if (entry.hop && entry.target != NextHopList::kNoTarget) {
      observe({entry.hop->port, entry.hop->gateway});
    }
  }
  ask_routes();
  sweep_neighbors();
  ask_neighbors();
  flush();
}

void UnderlayEngine::readable() {
  for (int i = 0; i < kMaxDatagrams; ++i) {
    const auto received = monitor_->receive([this](const nlmsghdr& message) { handle(message); });
    if (received == RtSocket::Received::kNothing) break;
    if (received != RtSocket::Received::kData) lost_ = true;
    if (received == RtSocket::Received::kFailed) break;
  }
  flush();
}

void UnderlayEngine::handle(const nlmsghdr& message) {
  switch (message.nlmsg_type) {
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return handle_link(message);
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return handle_address(message);
    case RTM_NEWNEIGH:
    case RTM_DELNEIGH:
      return handle_neighbor(message);
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      if (const auto route = parse_route(message)) {
        return changed_.add(route->destination, std::chrono::steady_clock::now());
      }
      return changed_.add_all(std::chrono::steady_clock::now());
    case RTM_NEWRULE:
    case RTM_DELRULE:
    case RTM_NEWNEXTHOP:
    case RTM_DELNEXTHOP:
      return changed_.add_all(std::chrono::steady_clock::now());
    default:
      return;
  }
}

void UnderlayEngine::handle_link(const nlmsghdr& message) {
  const auto link = parse_link(message);
  if (!link) return;
  const bool changed =
      message.nlmsg_type == RTM_NEWLINK ? links_.update(*link) : links_.remove(link->ifindex);
  if (!changed) return;
  // A link takes its IPv4 routes with it and nobody tells of each.
  changed_.add_all(std::chrono::steady_clock::now());
  ports_changed();
}

void UnderlayEngine::handle_address(const nlmsghdr& message) {
  const auto told = parse_address(message);
  if (!told) return;
  const OwnAddress own{told->address.address, told->ifindex, told->address.length};
  const bool changed =
      message.nlmsg_type == RTM_NEWADDR ? addresses_.insert(own).second : addresses_.erase(own) > 0;
  if (!changed) return;
  addresses_changed_ = true;
  changed_.add_all(std::chrono::steady_clock::now());
  if (locals_.contains(told->address.address)) ports_changed();
}

void UnderlayEngine::handle_neighbor(const nlmsghdr& message) {
  const auto told = parse_neighbor(message);
  if (!told) return;
  const auto port = links_.port_of(told->ifindex);
  if (!port) return;
  const NeighborKey key{*port, told->address};
  if (message.nlmsg_type == RTM_NEWNEIGH) {
    mirror_[key] = told->neighbor;
  } else {
    mirror_.erase(key);
  }
  observe(key);
}

void UnderlayEngine::observe(const NeighborKey& key) {
  const auto target = targets_.find(key);
  if (!target) return;
  const auto found = mirror_.find(key);
  const Neighbor* entry = found == mirror_.end() ? nullptr : &found->second;
  const UnderlayTime now = std::chrono::steady_clock::now();
  const MacAddress& own = ports_[key.port].tunnel.mac;
  if (targets_.observe(*target, entry, own, now)) list_.target_changed(*target);
}

void UnderlayEngine::tick() {
  const UnderlayTime now = std::chrono::steady_clock::now();
  if (lost_ && now >= resync_not_before_) {
    resync();
  } else if (neighbors_stale_) {
    neighbors_stale_ = false;
    if (!read_neighbors()) lost_ = true;
  }
  if (now >= refresh_at_) {
    refresh_at_ = now + kRefresh;
    changed_.add_all(now);
  }
  if (changed_.any && now >= std::max(changed_.since + kGather, routes_not_before_)) ask_routes();
  if (now >= asks_not_before_) ask_neighbors();
  events_.tick();
  flush();
}

UnderlayTime UnderlayEngine::deadline() const {
  UnderlayTime next = std::min(refresh_at_, std::chrono::steady_clock::now() + EventLimit::kWindow);
  if (lost_) next = std::min(next, resync_not_before_);
  if (neighbors_stale_) return {};
  if (changed_.any) next = std::min(next, std::max(changed_.since + kGather, routes_not_before_));
  if (const auto due = targets_.next_due()) next = std::min(next, std::max(*due, asks_not_before_));
  return next;
}

bool UnderlayEngine::has_address(const IpAddress& address) const {
  const auto found = addresses_.lower_bound({address, 0, 0});
  return found != addresses_.end() && std::get<IpAddress>(*found) == address;
}

bool UnderlayEngine::OwnAddressLess::operator()(const OwnAddress& a,
                                                const OwnAddress& b) const noexcept {
  const auto key = [](const OwnAddress& own) {
    const auto& [address, ifindex, length] = own;
    return std::tuple(address.family, address.bytes, ifindex, length);
  };
  return key(a) < key(b);
}

void UnderlayEngine::ChangedRoutes::add(const IpPrefix& prefix, UnderlayTime now) {
  // Past this many, comparing costs more than asking.
  constexpr std::size_t kMaxPrefixes = 64;
  if (!any) since = now;
  any = true;
  if (all) return;
  prefixes.push_back(prefix);
  if (prefixes.size() > kMaxPrefixes) all = true;
}

void UnderlayEngine::ChangedRoutes::add_all(UnderlayTime now) {
  if (!any) since = now;
  any = all = true;
}

bool UnderlayEngine::ChangedRoutes::concern(const IpAddress& remote) const {
  return all || std::any_of(prefixes.begin(), prefixes.end(),
                            [&](const IpPrefix& prefix) { return prefix.contains(remote); });
}

}  // namespace adit
