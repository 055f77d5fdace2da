// UnderlayEngine: the kernel is asked for the route of every next hop it decides.

#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "netlink/underlay_engine.h"

namespace adit {

void UnderlayEngine::ask_routes() {
  const UnderlayTime start = std::chrono::steady_clock::now();
  const ChangedRoutes changed = std::exchange(changed_, {});
  std::vector<std::uint32_t> asked;
  for (std::uint32_t id = 0; id < list_.entries().size(); ++id) {
    const NextHopList::Entry& entry = list_.entries()[id];
    const bool is_new = !entry.hop && entry.no_hop.why == NoHop::Why::kNotAsked;
    if (list_.asks_kernel(id) && (is_new || changed.concern(entry.pair.remote))) {
      asked.push_back(id);
    }
  }
  bool answered = true;
  for (std::size_t at = 0; at < asked.size() && answered && !stopping_; at += kRequestBatch) {
    const std::span<const std::uint32_t> rest = std::span(asked).subspan(at);
    answered = ask_routes_of(rest.first(std::min(rest.size(), kRequestBatch)));
  }
  drop_unused_targets();
  const UnderlayTime now = std::chrono::steady_clock::now();
  routes_not_before_ = now + kRestFactor * (now - start);
  if (!answered) {
    changed_.add_all(now + kRetry);
    events_.tell(UnderlayEvent::Level::kError, "ADIT-2233", [] {
      return EventLimit::Words{
          "The kernel did not answer all questions for routes; asking again in a second"};
    });
  } else if (!asked.empty()) {
    events_.tell(UnderlayEvent::Level::kDebug, "ADIT-2234", [&] {
      const auto took = std::chrono::duration_cast<std::chrono::microseconds>(now - start);
      return EventLimit::Words{"Asked the kernel for routes",
                               {{"routes", std::to_string(asked.size())},
                                {"microseconds", std::to_string(took.count())}}};
    });
  }
}

bool UnderlayEngine::ask_routes_of(std::span<const std::uint32_t> entries) {
  std::vector<RouteRequest> requests;
  for (const std::uint32_t id : entries) {
    const OuterPair& pair = list_.entries()[id].pair;
    const bool is_own = has_address(pair.local);
    requests.push_back({.remote = pair.remote, .local = is_own ? &pair.local : nullptr});
  }
  std::vector<std::uint32_t> again;
  bool answered =
      requester_->routes(requests, [&](std::size_t i, int error, const nlmsghdr* message) {
        // IPv4 refuses a source address that has just gone.
        if (error == EINVAL && requests[i].local != nullptr) return again.push_back(entries[i]);
        take_route(entries[i], error, message);
      });
  if (again.empty() || !answered) return answered;
  requests.clear();
  for (const std::uint32_t id : again) {
    requests.push_back({.remote = list_.entries()[id].pair.remote, .local = nullptr});
  }
  return requester_->routes(requests, [&](std::size_t i, int error, const nlmsghdr* message) {
    take_route(again[i], error, message);
  });
}

void UnderlayEngine::take_route(std::uint32_t id, int error, const nlmsghdr* message) {
  using Why = NoHop::Why;
  const auto refuse = [&](Why why, std::uint32_t detail) {
    list_.set_no_hop(id, {.why = why, .detail = detail});
  };
  if (message == nullptr) {
    // Such routes answer with these errors in IPv4: unreachable, prohibit, blackhole, throw.
    const bool is_route =
        error == EHOSTUNREACH || error == EACCES || error == EINVAL || error == EAGAIN;
    return refuse(is_route ? Why::kUnreachable : Why::kNoRoute, static_cast<std::uint32_t>(error));
  }
  const auto route = parse_route(*message);
  if (!route || message->nlmsg_type != RTM_NEWROUTE) return refuse(Why::kUnreadable, 0);
  switch (route->type) {
    case RTN_UNICAST:
      break;
    case RTN_UNREACHABLE:
    case RTN_PROHIBIT:
    case RTN_BLACKHOLE:
    case RTN_THROW:
      return refuse(Why::kUnreachable, 0);
    default:
      return refuse(Why::kNotUnicast, 0);
  }
  if (route->encapsulated) return refuse(Why::kEncapsulated, 0);
  const auto port = links_.port_of(route->oif);
  if (!port) return refuse(Why::kOtherLink, route->oif);
  const Hop hop{.port = *port,
                .gateway = route->gateway.value_or(list_.entries()[id].pair.remote),
                .route_mtu = route->mtu,
                .from_file = false};
  const std::uint32_t old_target = list_.entries()[id].target;
  list_.set_hop(id, hop, std::chrono::steady_clock::now());
  if (list_.entries()[id].target != old_target) observe({hop.port, hop.gateway});
}

}  // namespace adit
