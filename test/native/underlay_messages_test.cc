// What the kernel says, read: whole, cut at every byte, and with every byte turned over.

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "netlink/rt_message.h"
#include "underlay_addresses.h"

namespace adit {
namespace {

using underlay_lab::ip;
using underlay_lab::mac;

/// A netlink message under construction, in a buffer of exactly its bytes when it is read.
struct Built {
  alignas(8) std::array<std::uint8_t, 512> bytes{};
  nlmsghdr* message = mnl_nlmsg_put_header(bytes.data());

  template <typename H>
  H& header(std::uint16_t type) {
    message->nlmsg_type = type;
    return *static_cast<H*>(mnl_nlmsg_put_extra_header(message, sizeof(H)));
  }
  Built& put(std::uint16_t type, const IpAddress& address) {
    mnl_attr_put(message, type, address.size(), address.bytes.data());
    return *this;
  }
};

/// Runs `parse` on every prefix of the message, each in heap memory of exactly that size, so that
/// a read past the end shows under AddressSanitizer, and on the message with each byte turned over.
template <typename Parse>
void parse_mangled(const Built& built, Parse parse) {
  const std::uint32_t whole = built.message->nlmsg_len;
  const auto run = [&](const std::vector<std::uint8_t>& bytes) {
    auto* memory = static_cast<std::uint8_t*>(std::malloc(bytes.size()));
    std::memcpy(memory, bytes.data(), bytes.size());
    static_cast<void>(parse(*reinterpret_cast<nlmsghdr*>(memory)));
    std::free(memory);
  };
  const std::vector<std::uint8_t> bytes(built.bytes.begin(), built.bytes.begin() + whole);
  for (std::uint32_t size = sizeof(nlmsghdr); size <= whole; ++size) {
    std::vector<std::uint8_t> cut(bytes.begin(), bytes.begin() + size);
    std::memcpy(cut.data(), &size, sizeof size);
    run(cut);
  }
  for (std::uint32_t at = sizeof(nlmsghdr); at < whole; ++at) {
    std::vector<std::uint8_t> turned = bytes;
    turned[at] = static_cast<std::uint8_t>(~turned[at]);
    run(turned);
  }
}

TEST_CASE("parse_link reads a link, and not one of the bridge family") {
  Built built;
  auto& header = built.header<ifinfomsg>(RTM_NEWLINK);
  header.ifi_index = 7;
  header.ifi_flags = IFF_UP | IFF_RUNNING;
  mnl_attr_put_strz(built.message, IFLA_IFNAME, "eth7");
  mnl_attr_put_u32(built.message, IFLA_MTU, 9000);
  mnl_attr_put(built.message, IFLA_ADDRESS, 6, mac(5).bytes.data());
  const auto link = parse_link(*built.message);
  REQUIRE(link);
  CHECK(*link == LinkMessage{7, IFF_UP | IFF_RUNNING, "eth7", 9000, mac(5)});
  parse_mangled(built, parse_link);
  // There DELLINK means that the interface left its bridge, not that it is gone.
  header.ifi_family = AF_BRIDGE;
  CHECK_FALSE(parse_link(*built.message));
}

/// What the kernel says of `eth7.100`: the message of an interface made by
/// `ip link add link eth5 name eth7.100 type vlan …`.
struct VlanLink {
  const char* kind = "vlan";
  std::uint16_t vid = 100;
  std::uint16_t protocol = ETH_P_8021Q;
  bool foreign_lower = false;

  [[nodiscard]] Built built() const {
    Built made;
    made.header<ifinfomsg>(RTM_NEWLINK).ifi_index = 7;
    mnl_attr_put_strz(made.message, IFLA_IFNAME, "eth7.100");
    mnl_attr_put_u32(made.message, IFLA_LINK, 5);
    if (foreign_lower) mnl_attr_put_u32(made.message, IFLA_LINK_NETNSID, 0);
    nlattr* info = mnl_attr_nest_start(made.message, IFLA_LINKINFO);
    mnl_attr_put_strz(made.message, IFLA_INFO_KIND, kind);
    nlattr* data = mnl_attr_nest_start(made.message, IFLA_INFO_DATA);
    mnl_attr_put_u16(made.message, IFLA_VLAN_ID, vid);
    mnl_attr_put_u16(made.message, IFLA_VLAN_PROTOCOL, htons(protocol));
    mnl_attr_nest_end(made.message, data);
    mnl_attr_nest_end(made.message, info);
    return made;
  }
  /// VID and lower interface as read; both 0 for what is no VLAN interface of concern.
  [[nodiscard]] std::pair<int, int> read() const {
    const Built made = built();
    const auto link = parse_link(*reinterpret_cast<const nlmsghdr*>(made.bytes.data()));
    REQUIRE(link);
    REQUIRE(link->name == "eth7.100");
    return {link->vlan, static_cast<int>(link->lower)};
  }
};

TEST_CASE("parse_link reads the tag and the lower interface of a VLAN interface") {
  using Read = std::pair<int, int>;
  const Read none{0, 0};
  CHECK(VlanLink{}.read() == Read{100, 5});
  CHECK(VlanLink{.vid = 4094}.read() == Read{4094, 5});
  CHECK(VlanLink{.vid = 0}.read() == none);
  CHECK(VlanLink{.vid = 4095}.read() == none);
  CHECK(VlanLink{.protocol = ETH_P_8021AD}.read() == none);
  CHECK(VlanLink{.kind = "macvlan"}.read() == none);
  // Interface 5 of another namespace is not ours.
  CHECK(VlanLink{.foreign_lower = true}.read() == none);
  parse_mangled(VlanLink{}.built(), parse_link);
}

TEST_CASE("parse_address takes the own address of a point-to-point link, not the peer's") {
  Built built;
  auto& header = built.header<ifaddrmsg>(RTM_NEWADDR);
  header.ifa_family = AF_INET;
  header.ifa_prefixlen = 32;
  header.ifa_index = 3;
  built.put(IFA_ADDRESS, ip("10.0.0.2")).put(IFA_LOCAL, ip("10.0.0.1"));
  const auto told = parse_address(*built.message);
  REQUIRE(told);
  CHECK(told->address.address == ip("10.0.0.1"));
  CHECK(told->ifindex == 3);
  parse_mangled(built, parse_address);
  header.ifa_prefixlen = 33;
  CHECK_FALSE(parse_address(*built.message));
}

TEST_CASE("parse_neighbor reads state, MAC address and marks, and no proxy entries") {
  Built built;
  auto& header = built.header<ndmsg>(RTM_NEWNEIGH);
  header.ndm_family = AF_INET6;
  header.ndm_ifindex = 4;
  header.ndm_state = NUD_REACHABLE;
  built.put(NDA_DST, ip("2001:db8::9"));
  mnl_attr_put(built.message, NDA_LLADDR, 6, mac(9).bytes.data());
  mnl_attr_put_u32(built.message, NDA_FLAGS_EXT, NTF_EXT_MANAGED);
  mnl_attr_put_u8(built.message, NDA_PROTOCOL, kNeighborProtocol);
  const auto told = parse_neighbor(*built.message);
  REQUIRE(told);
  CHECK(told->address == ip("2001:db8::9"));
  CHECK(told->neighbor == Neighbor{NUD_REACHABLE, true, true, false, mac(9)});
  parse_mangled(built, parse_neighbor);
  header.ndm_flags = NTF_PROXY;
  CHECK_FALSE(parse_neighbor(*built.message));
}

TEST_CASE("parse_route reads gateway, interface and MTU, also an IPv6 gateway of an IPv4 route") {
  Built built;
  auto& header = built.header<rtmsg>(RTM_NEWROUTE);
  header.rtm_family = AF_INET;
  header.rtm_dst_len = 32;
  header.rtm_type = RTN_UNICAST;
  built.put(RTA_DST, ip("198.51.100.7"));
  mnl_attr_put_u32(built.message, RTA_OIF, 5);
  nlattr* metrics = mnl_attr_nest_start(built.message, RTA_METRICS);
  mnl_attr_put_u32(built.message, RTAX_MTU, 1400);
  mnl_attr_nest_end(built.message, metrics);
  auto route = parse_route(*built.message);
  REQUIRE(route);
  CHECK(route->oif == 5);
  CHECK(route->mtu == 1400);
  CHECK_FALSE(route->gateway);

  std::uint8_t via[18] = {};
  const std::uint16_t family = AF_INET6;
  std::memcpy(via, &family, sizeof family);
  std::memcpy(via + 2, ip("fe80::1").bytes.data(), 16);
  mnl_attr_put(built.message, RTA_VIA, sizeof via, via);
  route = parse_route(*built.message);
  REQUIRE(route);
  CHECK(route->gateway == ip("fe80::1"));
  parse_mangled(built, parse_route);

  // A gateway that cannot be read must not turn into "on the link".
  Built broken;
  broken.header<rtmsg>(RTM_NEWROUTE).rtm_family = AF_INET;
  mnl_attr_put_u32(broken.message, RTA_OIF, 5);
  mnl_attr_put(broken.message, RTA_GATEWAY, 3, "abc");
  CHECK_FALSE(parse_route(*broken.message));
}

}  // namespace
}  // namespace adit
