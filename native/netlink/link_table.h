#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "netlink/next_hop.h"
#include "netlink/rt_message.h"

namespace adit {

/// All interfaces of the namespace, and which of them are our ports'. A port is an interface's
/// name; the interface behind it may go, come back with another number, or be renamed. The
/// kernel's 802.1Q interfaces on a port's interface belong to it too, unless they are ports
/// themselves; tunnel packets leave by one of them or untagged.
class LinkTable {
 public:
  /// What an interface is to a port: the port's own (VID 0), or a VLAN interface on it.
  struct PortLink {
    std::uint16_t port = kNoPort;
    std::uint16_t vlan = 0;
    [[nodiscard]] bool operator==(const PortLink&) const noexcept = default;
  };

  explicit LinkTable(const std::vector<UnderlayPort>& ports);

  /// A new or changed interface. \return true if anything that forwarding depends on changed.
  bool update(const LinkMessage& link);
  bool remove(std::uint32_t ifindex);
  /// The whole truth, read anew.
  void replace(std::span<const LinkMessage> links);

  /// Finds the tags of tunnel packets that the configuration does not give. To be called after
  /// every change. \param holders ifindexes of the interfaces that hold local addresses of tunnels.
  /// \return the ports for which other VIDs were found than the last time.
  std::vector<std::uint16_t> find_vlans(std::span<const std::uint32_t> holders);
  /// The VIDs found for a port, ascending; the first one is taken.
  [[nodiscard]] const std::vector<std::uint16_t>& found_vlans(std::uint16_t port) const {
    return bindings_.at(port).found;
  }

  /// The state of a port with the configuration's MAC and MTU in place of the interface's.
  [[nodiscard]] PortState port(std::uint16_t index) const;
  [[nodiscard]] std::size_t port_count() const noexcept { return bindings_.size(); }
  /// The port whose tunnel packets leave by this interface.
  [[nodiscard]] std::optional<std::uint16_t> port_of(std::uint32_t ifindex) const;
  /// The port that this interface belongs to, with whatever tag.
  [[nodiscard]] std::optional<PortLink> port_link(std::uint32_t ifindex) const;
  [[nodiscard]] bool contains(std::uint32_t ifindex) const { return links_.contains(ifindex); }
  /// The interface's name, or `#7` for one that is not known.
  [[nodiscard]] std::string name_of(std::uint32_t ifindex) const;

 private:
  struct Binding {
    std::string interface;
    std::optional<MacAddress> mac;
    std::optional<std::uint32_t> mtu;
    std::optional<std::uint16_t> vlan;
    std::uint32_t ifindex = 0;         // 0: no such interface now
    std::vector<std::uint16_t> found;  // VIDs, ascending
    [[nodiscard]] std::uint16_t tunnel_vlan() const {
      return vlan.value_or(found.empty() ? std::uint16_t{0} : found.front());
    }
  };

  [[nodiscard]] std::optional<std::uint16_t> bound_to(std::uint32_t ifindex) const;
  void forget_vlan(const LinkMessage& link);
  /// The interface that the port's tunnel packets leave by; nullptr if the port has none.
  [[nodiscard]] const LinkMessage* tunnel_link(const Binding& binding) const;

  std::vector<Binding> bindings_;
  std::unordered_map<std::uint32_t, LinkMessage> links_;
  /// 802.1Q interfaces by the lower interface (upper bits) and VID (lower 16).
  std::unordered_map<std::uint64_t, std::uint32_t> vlans_;
};

}  // namespace adit
