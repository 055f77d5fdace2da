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
/// name; the interface behind it may go, come back with another number, or be renamed.
class LinkTable {
 public:
  explicit LinkTable(const std::vector<UnderlayPort>& ports);

  /// A new or changed interface. \return true if anything that forwarding depends on changed.
  bool update(const LinkMessage& link);
  bool remove(std::uint32_t ifindex);
  /// The whole truth, read anew.
  void replace(std::span<const LinkMessage> links);

  /// The state of a port with the configuration's MAC and MTU in place of the interface's.
  [[nodiscard]] PortState port(std::uint16_t index) const;
  [[nodiscard]] std::size_t port_count() const noexcept { return bindings_.size(); }
  [[nodiscard]] std::optional<std::uint16_t> port_of(std::uint32_t ifindex) const;
  /// The interface's name, or `#7` for one that is not known.
  [[nodiscard]] std::string name_of(std::uint32_t ifindex) const;

 private:
  struct Binding {
    std::string interface;
    std::optional<MacAddress> mac;
    std::optional<std::uint32_t> mtu;
    std::uint32_t ifindex = 0;  // 0: no such interface now
  };

  std::vector<Binding> bindings_;
  std::unordered_map<std::uint32_t, LinkMessage> links_;
};

}  // namespace adit
