#include "netlink/link_table.h"

#include <net/if.h>

namespace adit {
namespace {

/// linux/if.h's IFF_LOWER_UP, which clashes with net/if.h: the driver sees a carrier.
constexpr std::uint32_t kLowerUp = 1U << 16;
/// IFF_RUNNING is the operational state (RFC 2863): up, or unknown to the driver.
constexpr std::uint32_t kUsable = IFF_UP | IFF_RUNNING | kLowerUp;

}  // namespace

LinkTable::LinkTable(const std::vector<UnderlayPort>& ports) {
  for (const UnderlayPort& port : ports) {
    bindings_.push_back(
        {.interface = port.interface, .mac = port.mac, .mtu = port.mtu, .ifindex = 0});
  }
}

bool LinkTable::update(const LinkMessage& link) {
  LinkMessage& known = links_[link.ifindex];
  if (known == link) return false;
  known = link;
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
  if (links_.erase(ifindex) == 0) return false;
  for (Binding& binding : bindings_) {
    if (binding.ifindex == ifindex) binding.ifindex = 0;
  }
  return true;
}

void LinkTable::replace(std::span<const LinkMessage> links) {
  links_.clear();
  for (Binding& binding : bindings_) binding.ifindex = 0;
  for (const LinkMessage& link : links) update(link);
}

PortState LinkTable::port(std::uint16_t index) const {
  const Binding& binding = bindings_.at(index);
  PortState state{.mac = binding.mac.value_or(MacAddress{}),
                  .mtu = binding.mtu.value_or(0),
                  .up = false,
                  .present = false,
                  .ifindex = binding.ifindex};
  const auto found = links_.find(binding.ifindex);
  if (binding.ifindex == 0 || found == links_.end()) return state;
  const LinkMessage& link = found->second;
  state.present = true;
  state.up = (link.flags & kUsable) == kUsable;
  if (!binding.mac) state.mac = link.mac;
  if (!binding.mtu) state.mtu = link.mtu;
  return state;
}

std::optional<std::uint16_t> LinkTable::port_of(std::uint32_t ifindex) const {
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
