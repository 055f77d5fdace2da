#include "netlink/link_table.h"

#include <net/if.h>

#include <algorithm>
#include <utility>

namespace adit {
namespace {

/// linux/if.h's IFF_LOWER_UP, which clashes with net/if.h: the driver sees a carrier.
constexpr std::uint32_t kLowerUp = 1U << 16;
/// IFF_RUNNING is the operational state (RFC 2863): up, or unknown to the driver.
constexpr std::uint32_t kUsable = IFF_UP | IFF_RUNNING | kLowerUp;

bool is_usable(const LinkMessage& link) { return (link.flags & kUsable) == kUsable; }

std::uint64_t vlan_key(std::uint32_t lower, std::uint16_t vlan) {
  return (std::uint64_t{lower} << 16) | vlan;
}

}  // namespace

LinkTable::LinkTable(const std::vector<UnderlayPort>& ports) {
  for (const UnderlayPort& port : ports) {
    bindings_.push_back({.interface = port.interface,
                         .mac = port.mac,
                         .mtu = port.mtu,
                         .vlan = port.vlan,
                         .ifindex = 0,
                         .found = {}});
  }
}

bool LinkTable::update(const LinkMessage& link) {
  LinkMessage& known = links_[link.ifindex];
  if (known == link) return false;
  forget_vlan(known);
  known = link;
  if (link.vlan != 0) vlans_[vlan_key(link.lower, link.vlan)] = link.ifindex;
  for (Binding& binding : bindings_) {
    if (binding.interface == link.name) {
      binding.ifindex = link.ifindex;
    } else if (binding.ifindex == link.ifindex) {
      binding.ifindex = 0;  // renamed away
    }
  }
  return true;
}

bool LinkTable::remove(std::uint32_t ifindex) {
  const auto known = links_.find(ifindex);
  if (known == links_.end()) return false;
  forget_vlan(known->second);
  links_.erase(known);
  for (Binding& binding : bindings_) {
    if (binding.ifindex == ifindex) binding.ifindex = 0;
  }
  return true;
}

void LinkTable::replace(std::span<const LinkMessage> links) {
  links_.clear();
  vlans_.clear();
  for (Binding& binding : bindings_) binding.ifindex = 0;
  for (const LinkMessage& link : links) update(link);
}

void LinkTable::forget_vlan(const LinkMessage& link) {
  // Its successor with the same tag may have been told before it went.
  const auto known = vlans_.find(vlan_key(link.lower, link.vlan));
  if (known != vlans_.end() && known->second == link.ifindex) vlans_.erase(known);
}

std::vector<std::uint16_t> LinkTable::find_vlans(std::span<const std::uint32_t> holders) {
  std::vector<std::vector<std::uint16_t>> found(bindings_.size());
  for (const std::uint32_t holder : holders) {
    const auto link = port_link(holder);
    if (link && link->vlan != 0) found[link->port].push_back(link->vlan);
  }
  std::vector<std::uint16_t> changed;
  for (std::uint16_t port = 0; port < bindings_.size(); ++port) {
    std::vector<std::uint16_t>& vids = found[port];
    if (bindings_[port].vlan) continue;
    std::sort(vids.begin(), vids.end());
    vids.erase(std::unique(vids.begin(), vids.end()), vids.end());
    if (bindings_[port].found == vids) continue;
    bindings_[port].found = std::move(vids);
    changed.push_back(port);
  }
  return changed;
}

PortState LinkTable::port(std::uint16_t index) const {
  const Binding& binding = bindings_.at(index);
  PortState state{.mac = binding.mac.value_or(MacAddress{}),
                  .mtu = binding.mtu.value_or(0),
                  .up = false,
                  .present = false,
                  .ifindex = binding.ifindex,
                  .tunnel = {}};
  state.tunnel = {
      .ifindex = 0, .vlan = binding.tunnel_vlan(), .mac = state.mac, .mtu = state.mtu, .up = false};
  const LinkMessage* tunnel = tunnel_link(binding);
  if (tunnel == nullptr) return state;
  const LinkMessage& own = links_.at(binding.ifindex);
  state.present = true;
  state.up = is_usable(own);
  state.tunnel.ifindex = tunnel->ifindex;
  state.tunnel.up = state.up && is_usable(*tunnel);
  if (!binding.mac) state.mac = own.mac;
  if (!binding.mtu) state.mtu = own.mtu;
  if (!binding.mac) state.tunnel.mac = tunnel->mac;
  if (!binding.mtu) state.tunnel.mtu = tunnel->mtu;
  return state;
}

const LinkMessage* LinkTable::tunnel_link(const Binding& binding) const {
  const auto own = links_.find(binding.ifindex);
  if (binding.ifindex == 0 || own == links_.end()) return nullptr;
  const auto vlan = vlans_.find(vlan_key(binding.ifindex, binding.tunnel_vlan()));
  if (vlan == vlans_.end() || bound_to(vlan->second)) return &own->second;
  return &links_.at(vlan->second);
}

std::optional<std::uint16_t> LinkTable::port_of(std::uint32_t ifindex) const {
  const auto link = port_link(ifindex);
  if (!link) return std::nullopt;
  const LinkMessage* tunnel = tunnel_link(bindings_[link->port]);
  if (tunnel == nullptr || tunnel->ifindex != ifindex) return std::nullopt;
  return link->port;
}

std::optional<LinkTable::PortLink> LinkTable::port_link(std::uint32_t ifindex) const {
  if (const auto port = bound_to(ifindex)) return PortLink{.port = *port, .vlan = 0};
  const auto found = links_.find(ifindex);
  if (found == links_.end() || found->second.vlan == 0) return std::nullopt;
  const auto port = bound_to(found->second.lower);
  if (!port) return std::nullopt;
  return PortLink{.port = *port, .vlan = found->second.vlan};
}

std::optional<std::uint16_t> LinkTable::bound_to(std::uint32_t ifindex) const {
  if (ifindex == 0) return std::nullopt;
  for (std::uint16_t port = 0; port < bindings_.size(); ++port) {
    if (bindings_[port].ifindex == ifindex) return port;
  }
  return std::nullopt;
}

std::string LinkTable::name_of(std::uint32_t ifindex) const {
  const auto found = links_.find(ifindex);
  return found == links_.end() ? "#" + std::to_string(ifindex) : found->second.name;
}

}  // namespace adit
