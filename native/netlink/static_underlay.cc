#include "netlink/static_underlay.h"

#include <string>

#include "netlink/address_text.h"
#include "packet/failure.h"

namespace adit {
namespace {

constexpr std::uint32_t kDefaultMtu = 1500;

/// 02:00:00:00:00:NN: locally administered, by the port's 1-based position.
MacAddress default_mac(std::size_t index) {
  const std::size_t position = index + 1;
  return {
      {2, 0, 0, 0, static_cast<std::uint8_t>(position >> 8), static_cast<std::uint8_t>(position)}};
}

}  // namespace

std::vector<IpPrefix> port_addresses(const UnderlayOptions& options) {
  std::vector<IpPrefix> addresses;
  for (const UnderlayPort& port : options.ports) {
    addresses.insert(addresses.end(), port.addresses.begin(), port.addresses.end());
  }
  return addresses;
}

StaticUnderlay::StaticUnderlay(const UnderlayOptions& options) : neighbor_list_(options.neighbors) {
  if (options.ports.size() >= kNoPort) {
    throw Failure("ADIT-2204", "there are " + std::to_string(options.ports.size()) + " ports",
                  "Configure at most " + std::to_string(kNoPort - 1) + ".");
  }
  for (const UnderlayPort& port : options.ports) {
    const MacAddress mac = port.mac.value_or(default_mac(ports_.size()));
    const std::uint32_t mtu = port.mtu.value_or(kDefaultMtu);
    ports_.push_back(
        {.mac = mac,
         .mtu = mtu,
         .up = true,
         .present = true,
         .ifindex = 0,
         .tunnel = {
             .ifindex = 0, .vlan = port.vlan.value_or(0), .mac = mac, .mtu = mtu, .up = true}});
  }
  for (const StaticRoute& route : options.routes) {
    check_port(route.port, "static route " + prefix_text(route.prefix));
    ways_.add(route.prefix, {.via = route.via, .port = route.port});
  }
  for (std::uint16_t port = 0; port < options.ports.size(); ++port) {
    for (const IpPrefix& address : options.ports[port].addresses) {
      ways_.add(address, {.via = std::nullopt, .port = port});
    }
  }
  for (const StaticNeighbor& neighbor : neighbor_list_) {
    check_port(neighbor.port, "static neighbor " + address_text(neighbor.address));
    if (neighbor.mac.is_group() || neighbor.mac == MacAddress{}) {
      throw Failure("ADIT-2205",
                    "static neighbor " + address_text(neighbor.address) + " has the MAC address " +
                        mac_text(neighbor.mac) + ", which no single station can have",
                    "Give the neighbor's own MAC address.");
    }
    neighbors_.try_emplace({neighbor.port, neighbor.address}, neighbor.mac);
    neighbor_ports_.try_emplace(neighbor.address, neighbor.port);
  }
}

void StaticUnderlay::check_port(std::uint16_t port, const std::string& subject) const {
  if (port < ports_.size()) return;
  throw Failure("ADIT-2204",
                subject + " names port number " + std::to_string(port) + " of " +
                    std::to_string(ports_.size()),
                "Name a port that is configured.");
}

std::optional<Hop> StaticUnderlay::hop(const IpAddress& remote) const {
  if (const Way* way = ways_.find(remote)) {
    return Hop{.port = way->port, .gateway = way->via.value_or(remote), .from_file = true};
  }
  const auto found = neighbor_ports_.find(remote);
  if (found == neighbor_ports_.end()) return std::nullopt;
  return Hop{.port = found->second, .gateway = remote, .from_file = true};
}

const MacAddress* StaticUnderlay::neighbor(std::uint16_t port, const IpAddress& address) const {
  const auto found = neighbors_.find({port, address});
  return found == neighbors_.end() ? nullptr : &found->second;
}

NextHopState StaticUnderlay::resolve(const OuterPair& pair) const {
  const std::optional<Hop> way = hop(pair.remote);
  if (!way) return {};
  const TunnelLink& out = ports_[way->port].tunnel;
  NextHopState state{.status = NextHopState::kFailed,
                     .port = way->port,
                     .source = out.mac,
                     .destination = {},
                     .mtu = out.mtu};
  if (const MacAddress* mac = neighbor(way->port, way->gateway)) {
    state.status = NextHopState::kUp;
    state.destination = *mac;
  }
  return state;
}

}  // namespace adit
