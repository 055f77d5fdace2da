// UnderlayEngine: the kernel's tables of links, addresses and neighbors, read whole.

#include <linux/rtnetlink.h>

#include <utility>

#include "netlink/underlay_engine.h"

namespace adit {
namespace {

constexpr int kMaxDumpTries = 5;

}  // namespace

bool UnderlayEngine::dump(std::uint16_t type, const std::function<void()>& restart,
                          const std::function<void(const nlmsghdr&)>& visit) {
  for (int tries = 0; tries < kMaxDumpTries; ++tries) {
    restart();
    const auto result = requester_->dump(type, visit);
    if (result == RtRequester::Dump::kComplete) return true;
    if (result == RtRequester::Dump::kFailed) return false;
  }
  // The table changes faster than it can be read. What was read serves until the next try.
  lost_ = true;
  resync_not_before_ = std::chrono::steady_clock::now() + kRetry;
  return true;
}

bool UnderlayEngine::read_links() {
  std::vector<LinkMessage> links;
  const bool read = dump(
      RTM_GETLINK, [&] { links.clear(); },
      [&](const nlmsghdr& message) {
        if (message.nlmsg_type != RTM_NEWLINK) return;
        if (auto link = parse_link(message)) links.push_back(std::move(*link));
      });
  if (read) links_.replace(links);
  return read;
}

bool UnderlayEngine::read_addresses() {
  std::set<OwnAddress, OwnAddressLess> addresses;
  const bool read = dump(
      RTM_GETADDR, [&] { addresses.clear(); },
      [&](const nlmsghdr& message) {
        if (message.nlmsg_type != RTM_NEWADDR) return;
        const auto told = parse_address(message);
        if (told) addresses.emplace(told->address.address, told->ifindex, told->address.length);
      });
  if (!read) return false;
  addresses_changed_ = addresses_changed_ || addresses_ != addresses;
  addresses_.swap(addresses);
  return true;
}

bool UnderlayEngine::read_neighbors() {
  Mirror mirror;
  const bool read = dump(
      RTM_GETNEIGH, [&] { mirror.clear(); },
      [&](const nlmsghdr& message) {
        if (message.nlmsg_type != RTM_NEWNEIGH) return;
        const auto told = parse_neighbor(message);
        const auto port = told ? links_.port_of(told->ifindex) : std::nullopt;
        if (port) mirror[{*port, told->address}] = told->neighbor;
      });
  if (!read) return false;
  mirror_.swap(mirror);
  for (const auto& [key, entry] : mirror_) observe(key);
  for (const auto& [key, entry] : mirror) {
    if (!mirror_.contains(key)) observe(key);
  }
  return true;
}

bool UnderlayEngine::resync() {
  const UnderlayTime start = std::chrono::steady_clock::now();
  lost_ = false;
  neighbors_stale_ = false;
  bool read = read_links() && read_addresses();
  if (read) {
    ports_changed();
    neighbors_stale_ = false;
    read = read_neighbors();
  }
  const UnderlayTime now = std::chrono::steady_clock::now();
  resync_not_before_ = now + (read ? kRestFactor * (now - start) : kRetry);
  if (!read) lost_ = true;
  changed_.add_all(now);
  if (read) {
    events_.tell(UnderlayEvent::Level::kInfo, "ADIT-2231", [] {
      return EventLimit::Words{
          "Changes came faster than they could be read; links, addresses and "
          "neighbors were read anew"};
    });
  } else {
    events_.tell(UnderlayEvent::Level::kError, "ADIT-2232", [] {
      return EventLimit::Words{
          "The kernel did not let its links, addresses and neighbors be read; "
          "trying again in a second"};
    });
  }
  return read;
}

}  // namespace adit
