#include "netlink/rt_message.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include <array>
#include <cstring>

namespace adit {
namespace {

/// All attributes read here have numbers below this.
constexpr std::uint16_t kAttributes = 40;
static_assert(RTA_MAX < kAttributes && NDA_FLAGS_EXT < kAttributes && IFA_MAX < kAttributes &&
              IFLA_LINK_NETNSID < kAttributes);

/// The attributes behind a family header of type `H`, by their number. The values are read through
/// getters that check the length, so that no later code can read past an attribute.
template <typename H>
class Attributes {
 public:
  /// False when the message is shorter than its family header.
  [[nodiscard]] bool read(const nlmsghdr& message) {
    if (message.nlmsg_len < MNL_NLMSG_HDRLEN) return false;
    const std::size_t payload = message.nlmsg_len - MNL_NLMSG_HDRLEN;
    if (payload < sizeof(H)) return false;
    const auto* start = static_cast<const std::uint8_t*>(mnl_nlmsg_get_payload(&message));
    std::memcpy(&header_, start, sizeof(H));
    if (payload > MNL_ALIGN(sizeof(H))) {
      mnl_attr_parse_payload(start + MNL_ALIGN(sizeof(H)), payload - MNL_ALIGN(sizeof(H)), store,
                             this);
    }
    return true;
  }
  /// The same for the attributes nested in `nest`; nothing is found if there are none.
  void read_nested(const nlattr* nest) {
    if (nest != nullptr) mnl_attr_parse_nested(nest, store, this);
  }

  [[nodiscard]] const H& header() const noexcept { return header_; }
  [[nodiscard]] const nlattr* get(std::uint16_t type) const noexcept { return found_[type]; }

  [[nodiscard]] std::optional<std::uint32_t> u32(std::uint16_t type) const {
    const nlattr* attr = found_[type];
    if (attr == nullptr || mnl_attr_validate(attr, MNL_TYPE_U32) < 0) return std::nullopt;
    return mnl_attr_get_u32(attr);
  }
  [[nodiscard]] std::optional<std::uint16_t> u16(std::uint16_t type) const {
    const nlattr* attr = found_[type];
    if (attr == nullptr || mnl_attr_validate(attr, MNL_TYPE_U16) < 0) return std::nullopt;
    return mnl_attr_get_u16(attr);
  }
  [[nodiscard]] std::optional<std::uint8_t> u8(std::uint16_t type) const {
    const nlattr* attr = found_[type];
    if (attr == nullptr || mnl_attr_validate(attr, MNL_TYPE_U8) < 0) return std::nullopt;
    return mnl_attr_get_u8(attr);
  }
  [[nodiscard]] std::optional<std::string> text(std::uint16_t type) const {
    const nlattr* attr = found_[type];
    if (attr == nullptr || mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0) return std::nullopt;
    return mnl_attr_get_str(attr);
  }
  [[nodiscard]] std::optional<MacAddress> mac(std::uint16_t type) const {
    const nlattr* attr = found_[type];
    if (attr == nullptr || mnl_attr_get_payload_len(attr) != sizeof(MacAddress))
      return std::nullopt;
    MacAddress mac;
    std::memcpy(mac.bytes.data(), mnl_attr_get_payload(attr), sizeof mac);
    return mac;
  }
  /// An address of `family` (AF_INET or AF_INET6) of exactly its length.
  [[nodiscard]] std::optional<IpAddress> address(std::uint16_t type, int family) const {
    const nlattr* attr = found_[type];
    if (attr == nullptr) return std::nullopt;
    const auto* bytes = static_cast<const std::uint8_t*>(mnl_attr_get_payload(attr));
    return address_of(bytes, mnl_attr_get_payload_len(attr), family);
  }

  [[nodiscard]] static std::optional<IpAddress> address_of(const std::uint8_t* bytes,
                                                           std::size_t length, int family) {
    if (family == AF_INET && length == 4) return IpAddress::v4(bytes);
    if (family == AF_INET6 && length == 16) return IpAddress::v6(bytes);
    return std::nullopt;
  }

 private:
  static int store(const nlattr* attr, void* self) {
    const std::uint16_t type = mnl_attr_get_type(attr);
    if (type < kAttributes) static_cast<Attributes*>(self)->found_[type] = attr;
    return MNL_CB_OK;
  }

  H header_{};
  std::array<const nlattr*, kAttributes> found_{};
};

[[nodiscard]] bool is_ip(int family) { return family == AF_INET || family == AF_INET6; }

/// The gateway, which IPv4 routes may name by an IPv6 address (RFC 8950, RTA_VIA).
std::optional<IpAddress> gateway_of(const Attributes<rtmsg>& attrs) {
  if (attrs.get(RTA_GATEWAY) != nullptr) {
    return attrs.address(RTA_GATEWAY, attrs.header().rtm_family);
  }
  const nlattr* via = attrs.get(RTA_VIA);
  if (via == nullptr) return std::nullopt;
  std::uint16_t family = 0;
  const std::size_t length = mnl_attr_get_payload_len(via);
  if (length < sizeof family) return std::nullopt;
  const auto* bytes = static_cast<const std::uint8_t*>(mnl_attr_get_payload(via));
  std::memcpy(&family, bytes, sizeof family);
  return Attributes<rtmsg>::address_of(bytes + sizeof family, length - sizeof family, family);
}

/// Fills in `vlan` and `lower` of an 802.1Q interface.
void read_vlan(const Attributes<ifinfomsg>& attrs, LinkMessage& link) {
  constexpr std::uint16_t kLastVid = 4094;
  Attributes<ifinfomsg> info;
  info.read_nested(attrs.get(IFLA_LINKINFO));
  if (info.text(IFLA_INFO_KIND) != "vlan") return;
  // The lower interface is in another namespace, where its number means nothing to us.
  if (attrs.get(IFLA_LINK_NETNSID) != nullptr) return;
  Attributes<ifinfomsg> data;
  data.read_nested(info.get(IFLA_INFO_DATA));
  const auto lower = attrs.u32(IFLA_LINK);
  const auto vid = data.u16(IFLA_VLAN_ID);
  if (!lower || !vid || *vid == 0 || *vid > kLastVid) return;
  if (data.u16(IFLA_VLAN_PROTOCOL) != htons(ETH_P_8021Q)) return;
  link.vlan = *vid;
  link.lower = *lower;
}

}  // namespace

std::optional<LinkMessage> parse_link(const nlmsghdr& message) {
  Attributes<ifinfomsg> attrs;
  if (!attrs.read(message) || attrs.header().ifi_family != AF_UNSPEC) return std::nullopt;
  const auto name = attrs.text(IFLA_IFNAME);
  if (!name || attrs.header().ifi_index <= 0) return std::nullopt;
  LinkMessage link{.ifindex = static_cast<std::uint32_t>(attrs.header().ifi_index),
                   .flags = attrs.header().ifi_flags,
                   .name = *name,
                   .mtu = attrs.u32(IFLA_MTU).value_or(0),
                   .mac = attrs.mac(IFLA_ADDRESS).value_or(MacAddress{})};
  read_vlan(attrs, link);
  return link;
}

std::optional<AddressMessage> parse_address(const nlmsghdr& message) {
  Attributes<ifaddrmsg> attrs;
  if (!attrs.read(message) || !is_ip(attrs.header().ifa_family)) return std::nullopt;
  const int family = attrs.header().ifa_family;
  // On a point-to-point link IFA_ADDRESS is the peer's; IFA_LOCAL, where given, is always ours.
  auto address = attrs.address(IFA_LOCAL, family);
  if (!address) address = attrs.address(IFA_ADDRESS, family);
  const std::uint8_t length = attrs.header().ifa_prefixlen;
  if (!address || length > 8 * address->size()) return std::nullopt;
  return AddressMessage{.ifindex = attrs.header().ifa_index,
                        .address = {.address = *address, .length = length}};
}

std::optional<NeighborMessage> parse_neighbor(const nlmsghdr& message) {
  Attributes<ndmsg> attrs;
  if (!attrs.read(message) || !is_ip(attrs.header().ndm_family)) return std::nullopt;
  const ndmsg& header = attrs.header();
  const auto address = attrs.address(NDA_DST, header.ndm_family);
  if (!address || header.ndm_ifindex <= 0) return std::nullopt;
  // A proxy entry says for whom we answer, not where somebody is.
  if ((header.ndm_flags & NTF_PROXY) != 0) return std::nullopt;
  NeighborMessage result{.ifindex = static_cast<std::uint32_t>(header.ndm_ifindex),
                         .address = *address,
                         .neighbor = {}};
  result.neighbor.state = header.ndm_state;
  result.neighbor.managed = (attrs.u32(NDA_FLAGS_EXT).value_or(0) & NTF_EXT_MANAGED) != 0;
  result.neighbor.ours = attrs.u8(NDA_PROTOCOL).value_or(0) == kNeighborProtocol;
  result.neighbor.external = (header.ndm_flags & NTF_EXT_LEARNED) != 0;
  result.neighbor.mac = attrs.mac(NDA_LLADDR);
  return result;
}

std::optional<RouteMessage> parse_route(const nlmsghdr& message) {
  Attributes<rtmsg> attrs;
  if (!attrs.read(message) || !is_ip(attrs.header().rtm_family)) return std::nullopt;
  const rtmsg& header = attrs.header();
  RouteMessage route;
  route.type = header.rtm_type;
  route.destination.address.family =
      header.rtm_family == AF_INET ? IpFamily::kIpv4 : IpFamily::kIpv6;
  // A default route has no RTA_DST.
  if (attrs.get(RTA_DST) != nullptr) {
    const auto destination = attrs.address(RTA_DST, header.rtm_family);
    if (!destination) return std::nullopt;
    route.destination.address = *destination;
  }
  route.destination.length = header.rtm_dst_len;
  if (route.destination.length > 8 * route.destination.address.size()) return std::nullopt;
  route.oif = attrs.u32(RTA_OIF).value_or(0);
  route.gateway = gateway_of(attrs);
  // A gateway that cannot be read must not pass for "on the link".
  const bool has_gateway = attrs.get(RTA_GATEWAY) != nullptr || attrs.get(RTA_VIA) != nullptr;
  if (has_gateway && !route.gateway) return std::nullopt;
  route.encapsulated = attrs.get(RTA_ENCAP) != nullptr;
  Attributes<rtmsg> metrics;
  metrics.read_nested(attrs.get(RTA_METRICS));
  route.mtu = metrics.u32(RTAX_MTU).value_or(0);
  return route;
}

}  // namespace adit
