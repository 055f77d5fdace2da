#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "wire/address.h"

struct nlmsghdr;

namespace adit {

/// What the kernel says in rtnetlink messages, as far as we read it. Every parser checks all
/// lengths and answers nothing for a message that is malformed or not of concern.

struct LinkMessage {
  std::uint32_t ifindex = 0;
  std::uint32_t flags = 0;  // IFF_*
  std::string name;
  std::uint32_t mtu = 0;
  MacAddress mac;  // zero where the interface has none of 6 bytes
  /// Of an 802.1Q interface: its VID, 1-4094, and the interface it is on; else both 0.
  std::uint16_t vlan = 0;
  std::uint32_t lower = 0;
  [[nodiscard]] bool operator==(const LinkMessage&) const noexcept = default;
};

struct AddressMessage {
  std::uint32_t ifindex = 0;
  IpPrefix address;  // the own address, host bits kept
};

/// An entry of the kernel's neighbor table.
struct Neighbor {
  std::uint16_t state = 0;  // NUD_*
  bool managed = false;     // the kernel keeps it resolved (NTF_EXT_MANAGED)
  bool ours = false;        // made by us: it carries kNeighborProtocol
  bool external = false;    // learned and owned by another control plane (NTF_EXT_LEARNED)
  std::optional<MacAddress> mac;
  [[nodiscard]] bool operator==(const Neighbor&) const noexcept = default;
};

struct NeighborMessage {
  std::uint32_t ifindex = 0;
  IpAddress address;
  Neighbor neighbor;
};

struct RouteMessage {
  std::uint8_t type = 0;  // RTN_*
  IpPrefix destination;
  std::uint32_t oif = 0;  // 0: none, or several
  std::optional<IpAddress> gateway;
  std::uint32_t mtu = 0;      // 0: the route has no limit of its own
  bool encapsulated = false;  // the kernel would add a header (MPLS, SRv6)
};

/// The originator number that marks the neighbor entries made by us (NDA_PROTOCOL).
inline constexpr std::uint8_t kNeighborProtocol = 173;

/// Links of the AF_BRIDGE family are not of concern: there DELLINK says "left its bridge".
[[nodiscard]] std::optional<LinkMessage> parse_link(const nlmsghdr& message);
[[nodiscard]] std::optional<AddressMessage> parse_address(const nlmsghdr& message);
[[nodiscard]] std::optional<NeighborMessage> parse_neighbor(const nlmsghdr& message);
[[nodiscard]] std::optional<RouteMessage> parse_route(const nlmsghdr& message);

}  // namespace adit
