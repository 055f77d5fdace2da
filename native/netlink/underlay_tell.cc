// UnderlayEngine: what the listener is told, and copies of what is known.

#include <linux/neighbour.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "netlink/address_text.h"
#include "netlink/underlay_engine.h"

namespace adit {
namespace {

const char* neighbor_word(std::uint16_t state) {
  switch (state) {
    case NUD_INCOMPLETE:
      return "incomplete";
    case NUD_REACHABLE:
      return "reachable";
    case NUD_STALE:
      return "stale";
    case NUD_DELAY:
      return "delay";
    case NUD_PROBE:
      return "probe";
    case NUD_FAILED:
      return "failed";
    case NUD_NOARP:
      return "noarp";
    case NUD_PERMANENT:
      return "permanent";
    default:
      return "none";
  }
}

}  // namespace

void UnderlayEngine::flush() {
  if (std::exchange(addresses_changed_, false)) tell_addresses();
  list_.flush([this](const NextHopList::Entry& entry, const NextHopState* old,
                     const NextHopState& state) {
    list_.for_each_index(entry, [&](std::uint32_t index) { listener_.on_next_hop(index, state); });
    tell(entry, old, state);
  });
}

void UnderlayEngine::tell_addresses() {
  std::vector<IpPrefix> told = port_addresses(options_);
  for (const auto& [address, ifindex, length] : addresses_) {
    for (std::uint16_t port = 0; port < ports_.size(); ++port) {
      if (is_ports_own(port, ifindex)) told.push_back({address, length});
    }
  }
  listener_.on_addresses(told);
}

bool UnderlayEngine::is_ports_own(std::uint16_t port, std::uint32_t ifindex) const {
  return ifindex == ports_[port].ifindex || ifindex == ports_[port].tunnel.ifindex;
}

void UnderlayEngine::tell_port(std::uint16_t port, const PortState& old, const PortState& state) {
  using Level = UnderlayEvent::Level;
  const UnderlayPort& given = options_.ports[port];
  const bool is_first = !is_told_[port];
  const auto words = [&](const std::string& what) {
    return EventLimit::Words{"Port " + given.name + " is " + what,
                             {{"port", given.name}, {"interface", given.interface}}};
  };
  if (state.up) {
    events_.tell(Level::kInfo, "ADIT-2213", [&] {
      const std::string tunnels =
          state.tunnel.vlan == 0 ? ""
                                 : ", tunnel packets in VLAN " + std::to_string(state.tunnel.vlan) +
                                       " by " + links_.name_of(state.tunnel.ifindex);
      return words("up: interface " + given.interface + ", MAC address " + mac_text(state.mac) +
                   ", MTU " + std::to_string(state.mtu) + tunnels);
    });
  } else if (!state.present && (is_first || old.present)) {
    events_.tell(Level::kWarn, "ADIT-2211",
                 [&] { return words("gone: there is no interface " + given.interface); });
  } else if (state.present && (is_first || !old.present || old.up)) {
    events_.tell(Level::kWarn, "ADIT-2212", [&] {
      return words("down: interface " + given.interface + " is not up or has no carrier");
    });
  }
}

void UnderlayEngine::tell_vlans(std::uint16_t port) {
  const std::vector<std::uint16_t>& vids = links_.found_vlans(port);
  if (vids.size() < 2) return;
  events_.tell(UnderlayEvent::Level::kWarn, "ADIT-2214", [&] {
    std::string all;
    for (const std::uint16_t vid : vids) all += (all.empty() ? "" : ", ") + std::to_string(vid);
    return EventLimit::Words{
        "Tunnels have local addresses in several VLANs of port " + port_name(port) + " (" + all +
            "), which takes and sends their packets in one: VLAN " + std::to_string(vids.front()) +
            "; the port's \"vlan\" says otherwise",
        {{"port", port_name(port)}, {"vlan", std::to_string(vids.front())}}};
  });
}

void UnderlayEngine::tell(const NextHopList::Entry& entry, const NextHopState* old,
                          const NextHopState& state) {
  using Level = UnderlayEvent::Level;
  if (old != nullptr && *old == state) return;
  const auto words = [&](const std::string& text) {
    EventLimit::Words told{
        text,
        {{"local", address_text(entry.pair.local)}, {"remote", address_text(entry.pair.remote)}}};
    if (!entry.hop) return told;
    told.fields.emplace_back("gateway", address_text(entry.hop->gateway));
    told.fields.emplace_back("port", port_name(entry.hop->port));
    return told;
  };
  const bool same_status = old != nullptr && old->status == state.status;
  if (state.status == NextHopState::kNoRoute) {
    events_.tell(Level::kWarn, "ADIT-2221", [&] {
      return words("No way to " + address_text(entry.pair.remote) + ": " + why_text(entry));
    });
  } else if (state.status == NextHopState::kFailed && !same_status) {
    events_.tell(Level::kWarn, "ADIT-2222", [&] { return words(failed_text(entry)); });
  } else if (state.status == NextHopState::kUp) {
    events_.tell(Level::kInfo, "ADIT-2223", [&] {
      return words("The next hop to " + address_text(entry.pair.remote) + " is " +
                   address_text(entry.hop->gateway) + " at " + mac_text(state.destination) +
                   " on port " + port_name(state.port) + ", MTU " + std::to_string(state.mtu));
    });
  }
}

std::string UnderlayEngine::failed_text(const NextHopList::Entry& entry) const {
  const bool bad_mac = entry.target != NextHopList::kNoTarget && targets_.at(entry.target).bad_mac;
  return "No MAC address for " + address_text(entry.hop->gateway) + ", the next hop to " +
         address_text(entry.pair.remote) + ", on port " + port_name(entry.hop->port) + ": " +
         (bad_mac ? "the one it has cannot be a neighbor's" : "nobody answers");
}

std::string UnderlayEngine::why_text(const NextHopList::Entry& entry) const {
  switch (entry.no_hop.why) {
    case NoHop::Why::kNotAsked:
      return "the kernel was not asked yet";
    case NoHop::Why::kNoRoute:
      return std::string("the kernel has no route (") +
             strerror(static_cast<int>(entry.no_hop.detail)) + ")";
    case NoHop::Why::kUnreachable:
      return "a route of the kernel's forbids it";
    case NoHop::Why::kNotUnicast:
      return "it is an address of this machine, or a broadcast or multicast one";
    case NoHop::Why::kEncapsulated:
      return "the kernel's route adds a header of its own";
    case NoHop::Why::kOtherLink:
      return other_link_text(entry.no_hop.detail);
    case NoHop::Why::kUnreadable:
      return "the kernel's answer could not be read";
  }
  return "";
}

std::string UnderlayEngine::other_link_text(std::uint32_t ifindex) const {
  const std::string leaves = "the kernel's route leaves by " + links_.name_of(ifindex);
  const auto link = links_.port_link(ifindex);
  if (!link) return leaves + ", which is no port";
  const std::uint16_t vlan = ports_[link->port].tunnel.vlan;
  const auto tag_text = [](std::uint16_t vid) {
    return vid == 0 ? std::string("untagged") : "in VLAN " + std::to_string(vid);
  };
  return leaves + ", " + tag_text(link->vlan) + ", but tunnel packets of port " +
         port_name(link->port) + " are " + tag_text(vlan);
}

std::vector<UnderlayRouteView> UnderlayEngine::routes() const {
  std::vector<UnderlayRouteView> views;
  views.reserve(list_.entries().size());
  for (const NextHopList::Entry& entry : list_.entries()) {
    UnderlayRouteView view{.pair = entry.pair, .state = entry.told, .gateway = {}, .why = {}};
    if (entry.hop) {
      view.gateway = entry.hop->gateway;
      view.from_file = entry.hop->from_file;
    } else {
      view.why = why_text(entry);
    }
    views.push_back(std::move(view));
  }
  return views;
}

std::vector<UnderlayNeighborView> UnderlayEngine::neighbors() const {
  std::vector<UnderlayNeighborView> views;
  for (const StaticNeighbor& given : facts_.neighbors()) {
    views.push_back({.port = given.port,
                     .address = given.address,
                     .mac = given.mac,
                     .state = "static",
                     .used = true});
  }
  for (const auto& [key, entry] : mirror_) {
    if (facts_.neighbor(key.port, key.address) != nullptr) continue;
    views.push_back({.port = key.port,
                     .address = key.address,
                     .mac = entry.mac,
                     .state = neighbor_word(entry.state),
                     .used = targets_.find(key).has_value(),
                     .managed = entry.managed});
  }
  return views;
}

std::vector<UnderlayPortView> UnderlayEngine::ports() const {
  std::vector<UnderlayPortView> views;
  for (std::uint16_t port = 0; port < ports_.size(); ++port) {
    const UnderlayPort& given = options_.ports[port];
    UnderlayPortView view{
        .name = given.name, .interface = given.interface, .state = ports_[port], .addresses = {}};
    for (const auto& [address, ifindex, length] : addresses_) {
      if (is_ports_own(port, ifindex)) view.addresses.push_back({address, length});
    }
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace adit
