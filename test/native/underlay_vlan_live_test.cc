// The underlay in a VLAN: routes and neighbors by the kernel's VLAN interface on a port.
//
// Where the kernel has VLAN interfaces they are used. Elsewhere a plain interface stands in: the
// engine is told, in the kernel's own words, that it is a VLAN interface on the port; everything
// else (addresses, routes, neighbors) is the kernel's.

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <array>
#include <atomic>

#include "netlink/underlay_engine.h"
#include "underlay_lab.h"

namespace adit::underlay_lab {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// The local address on `x0`, which leads to `p2`, and a remote behind that.
constexpr const char* kLocal = "10.3.0.1";
constexpr const char* kRemote = "203.0.113.9";

/// The lab with an engine that the test itself drives.
class VlanLab {
 public:
  VlanLab() {
    lab.in_gateway("ip route add 203.0.113.0/24 via 10.3.0.2");
    const Inside inside(lab.gateway);
    u0_ = if_nametoindex("u0");
  }
  /// The namespace is the thread's when sockets are opened; they stay in it.
  void open(NextHopQuestions questions) {
    const Inside inside(lab.gateway);
    engine.emplace(lab.options, lab.told, stopping_);
    engine->open(questions);
  }
  void open() { open({.pairs = {{ip(kLocal), ip(kRemote)}}, .other_locals = {}}); }

  /// Tells the engine that `name` is a VLAN interface on `u0`; vid 0: an interface of its own.
  void tell_vlan(std::uint16_t vid, const std::string& name = "x0") {
    alignas(8) std::array<std::uint8_t, 512> bytes{};
    nlmsghdr* message = mnl_nlmsg_put_header(bytes.data());
    message->nlmsg_type = RTM_NEWLINK;
    auto* header = static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg)));
    header->ifi_index = index_of(name);
    header->ifi_flags = IFF_UP | IFF_RUNNING | (1U << 16);
    const std::uint8_t mac[6] = {2, 0, 0, 0, 0x0a, 2};
    mnl_attr_put_strz(message, IFLA_IFNAME, name.c_str());
    mnl_attr_put_u32(message, IFLA_MTU, 1496);
    mnl_attr_put(message, IFLA_ADDRESS, sizeof mac, mac);
    mnl_attr_put_u32(message, IFLA_LINK, u0_);
    nlattr* info = mnl_attr_nest_start(message, IFLA_LINKINFO);
    mnl_attr_put_strz(message, IFLA_INFO_KIND, vid == 0 ? "veth" : "vlan");
    nlattr* data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
    mnl_attr_put_u16(message, IFLA_VLAN_ID, vid);
    mnl_attr_put_u16(message, IFLA_VLAN_PROTOCOL, htons(ETH_P_8021Q));
    mnl_attr_nest_end(message, data);
    mnl_attr_nest_end(message, info);
    engine->handle(*message);
  }
  /// Lets the engine work until `holds()`.
  template <typename Condition>
  bool work_until(Condition holds) {
    const auto end = steady_clock::now() + kPatience;
    while (!holds()) {
      if (steady_clock::now() > end) return false;
      engine->readable();
      engine->tick();
      std::this_thread::sleep_for(milliseconds(5));
    }
    return true;
  }
  bool work_until_status(NextHopState::Status status) {
    return work_until([&] { return lab.told.states[0].status == status; });
  }
  std::string why() { return engine->routes()[0].why; }
  std::string neighbor(const std::string& interface, const std::string& address) {
    const Inside inside(lab.gateway);
    return output_of("ip neighbor show " + address + " dev " + interface);
  }

  Lab lab;
  std::optional<UnderlayEngine> engine;

 private:
  int index_of(const std::string& name) {
    const Inside inside(lab.gateway);
    return static_cast<int>(if_nametoindex(name.c_str()));
  }

  std::atomic<bool> stopping_ = false;
  std::uint32_t u0_ = 0;
};

TEST_CASE("Underlay follows the VLAN interface that holds a local address") {
  if (skipped()) return;
  VlanLab vlan;
  vlan.open();
  CHECK(vlan.why() == "the kernel's route leaves by x0, which is no port");
  CHECK(vlan.lab.told.port(0).tunnel.vlan == 0);
  vlan.tell_vlan(100);
  CHECK(vlan.lab.told.port(0).tunnel.vlan == 100);
  REQUIRE(vlan.work_until_status(NextHopState::kUp));
  const NextHopState state = vlan.lab.told.state(0);
  CHECK(state.port == 0);
  CHECK(mac_text(state.source) == "02:00:00:00:0a:02");
  CHECK(mac_text(state.destination) == "02:00:00:00:0b:02");
  CHECK(state.mtu == 1496);
  CHECK(vlan.lab.told.port(0).mtu == 1500);
  CHECK(vlan.lab.told.wait_event("ADIT-2213", "tunnel packets in VLAN 100 by x0"));
  CHECK(vlan.neighbor("x0", "10.3.0.2").find("proto 173") != std::string::npos);
  // The address goes, and with it the reason for the tag.
  vlan.lab.in_gateway("ip address del 10.3.0.1/24 dev x0 && ip address add 10.3.0.9/24 dev x0");
  vlan.lab.in_gateway("ip route replace 203.0.113.0/24 via 10.3.0.2");
  REQUIRE(vlan.work_until([&] { return vlan.lab.told.ports[0].tunnel.vlan == 0; }));
  REQUIRE(vlan.work_until_status(NextHopState::kNoRoute));
  CHECK(vlan.why() ==
        "the kernel's route leaves by x0, in VLAN 100, but tunnel packets of port underlay are "
        "untagged");
  CHECK(vlan.neighbor("x0", "10.3.0.2").find("proto 173") == std::string::npos);
  // It comes back.
  vlan.lab.in_gateway("ip address add 10.3.0.1/24 dev x0");
  REQUIRE(vlan.work_until_status(NextHopState::kUp));
  CHECK(vlan.lab.told.port(0).tunnel.vlan == 100);
}

TEST_CASE("Underlay sends nothing untagged out of a port whose tunnels are in a VLAN") {
  if (skipped()) return;
  VlanLab vlan;
  vlan.open({.pairs = {{ip("10.1.0.1"), ip("198.51.100.7")}}, .other_locals = {ip(kLocal)}});
  REQUIRE(vlan.work_until_status(NextHopState::kUp));
  // A tunnel that only receives has its address there: its packets are in that VLAN.
  vlan.tell_vlan(100);
  CHECK(vlan.lab.told.port(0).tunnel.vlan == 100);
  // Nothing goes to the old neighbor with the new tag.
  CHECK(vlan.lab.told.state(0).status == NextHopState::kResolving);
  REQUIRE(vlan.work_until_status(NextHopState::kNoRoute));
  CHECK(vlan.why() ==
        "the kernel's route leaves by u0, untagged, but tunnel packets of port underlay are in "
        "VLAN 100");
  // What was asked of the kernel for the way that is no more is taken back.
  CHECK(vlan.neighbor("u0", "10.1.0.2").find("proto 173") == std::string::npos);
  CHECK(vlan.neighbor("x0", "10.1.0.2").find("proto 173") == std::string::npos);
  vlan.tell_vlan(0);
  CHECK(vlan.work_until_status(NextHopState::kUp));
  CHECK(vlan.lab.told.port(0).tunnel.vlan == 0);
}

TEST_CASE("Underlay holds to the configured VLAN, whatever the kernel's interface") {
  if (skipped()) return;
  VlanLab vlan;
  vlan.lab.options.ports[0].vlan = 300;
  vlan.open();
  vlan.tell_vlan(100);
  CHECK(vlan.lab.told.port(0).tunnel.vlan == 300);
  REQUIRE(vlan.work_until([&] { return vlan.why().find("VLAN") != std::string::npos; }));
  CHECK(vlan.why() ==
        "the kernel's route leaves by x0, in VLAN 100, but tunnel packets of port underlay are in "
        "VLAN 300");
  vlan.tell_vlan(300);
  REQUIRE(vlan.work_until_status(NextHopState::kUp));
  CHECK(mac_text(vlan.lab.told.state(0).destination) == "02:00:00:00:0b:02");
}

TEST_CASE("Underlay takes routes out of the port itself for a configured VLAN without interface") {
  if (skipped()) return;
  Lab lab;
  lab.options.ports[0].vlan = 300;
  lab.options.neighbors = {{ip("10.1.0.2"), MacAddress{{2, 0, 0, 0, 0x77, 1}}, 0}};
  lab.start({{"10.1.0.1", "198.51.100.7"}});
  CHECK(lab.told.state(0).status == NextHopState::kUp);
  CHECK(lab.told.port(0).tunnel.vlan == 300);
  CHECK(lab.told.port(0).tunnel.ifindex == lab.told.port(0).ifindex);
}

TEST_CASE("Underlay warns of local addresses in several VLANs of a port") {
  if (skipped()) return;
  VlanLab vlan;
  vlan.lab.link("y0", "p3", "03", "10.9.0");
  vlan.open(
      {.pairs = {{ip(kLocal), ip(kRemote)}, {ip("10.9.0.1"), ip("10.9.0.2")}}, .other_locals = {}});
  vlan.tell_vlan(100);
  CHECK(vlan.lab.told.port(0).tunnel.vlan == 100);
  vlan.tell_vlan(50, "y0");
  CHECK(vlan.lab.told.port(0).tunnel.vlan == 50);
  CHECK(vlan.work_until([&] { return vlan.lab.told.states[1].status == NextHopState::kUp; }));
  REQUIRE(vlan.work_until_status(NextHopState::kNoRoute));
  CHECK(vlan.lab.told.wait_event("ADIT-2214", "several VLANs of port underlay (50, 100)"));
}

TEST_CASE("Underlay uses the kernel's VLAN interfaces, made and unmade while it runs") {
  if (skipped()) return;
  Lab lab;
  {
    const Inside inside(lab.gateway);
    if (std::system("ip link add link u0 name u0.100 type vlan id 100 2> /dev/null") != 0) {
      std::fprintf(stderr,
                   "SKIP: this kernel has no VLAN interfaces (8021q): an underlay in a real one "
                   "is not tested\n");
      return;
    }
  }
  lab.in_peer("ip link add link p0 name p0.100 type vlan id 100");
  lab.in_peer("ip address add 10.4.0.2/24 dev p0.100 && ip link set p0.100 up");
  lab.in_gateway("ip address add 10.4.0.1/24 dev u0.100 && ip link set u0.100 mtu 1400 up");
  lab.in_gateway("ip route add 203.0.113.0/24 via 10.4.0.2");
  lab.start({{"10.4.0.1", kRemote}});
  CHECK(lab.told.port(0).tunnel.vlan == 100);
  REQUIRE(lab.told.wait_status(0, NextHopState::kUp));
  CHECK(mac_text(lab.told.state(0).destination) == "02:00:00:00:0b:00");
  CHECK(lab.told.state(0).mtu == 1400);
  lab.in_gateway("ip link del u0.100");
  CHECK(lab.told.wait([&] { return lab.told.ports[0].tunnel.vlan == 0; }));
  CHECK(lab.told.wait_status(0, NextHopState::kNoRoute));
  lab.in_gateway("ip link add link u0 name again type vlan id 200");
  lab.in_peer("ip link add link p0 name p0.200 type vlan id 200");
  lab.in_peer("ip address del 10.4.0.2/24 dev p0.100");
  lab.in_peer("ip address add 10.4.0.2/24 dev p0.200 && ip link set p0.200 up");
  lab.in_gateway("ip address add 10.4.0.1/24 dev again && ip link set again up");
  lab.in_gateway("ip route add 203.0.113.0/24 via 10.4.0.2");
  CHECK(lab.told.wait([&] { return lab.told.ports[0].tunnel.vlan == 200; }));
  CHECK(lab.told.wait_status(0, NextHopState::kUp));
}

}  // namespace
}  // namespace adit::underlay_lab
