// Which VLAN tunnel packets are in, by the kernel's VLAN interfaces; without a kernel.

#include <doctest/doctest.h>
#include <net/if.h>

#include <array>
#include <vector>

#include "netlink/link_table.h"
#include "netlink/next_hop_list.h"
#include "netlink/static_underlay.h"
#include "underlay_addresses.h"

namespace adit {
namespace {

using underlay_lab::ip;
using underlay_lab::mac;
using Vids = std::vector<std::uint16_t>;

constexpr std::uint32_t kUsable = IFF_UP | IFF_RUNNING | (1U << 16);

UnderlayPort port(const char* name) {
  return {.name = name, .interface = name, .mac = {}, .mtu = {}, .addresses = {}};
}

/// Interface 5 is `u0`; 6 is `v0`; 51 to 53 are VLAN interfaces on 5, of VIDs 300, 100 and 200.
std::vector<LinkMessage> links() {
  return {{5, kUsable, "u0", 1500, mac(5), 0, 0},
          {6, kUsable, "v0", 1500, mac(6), 0, 0},
          {51, kUsable, "u0.300", 1400, mac(5), 300, 5},
          {52, kUsable, "u0.100", 1496, mac(52), 100, 5},
          {53, kUsable, "u0.200", 1500, mac(5), 200, 5}};
}

LinkTable table_of(const std::vector<UnderlayPort>& ports) {
  LinkTable table(ports);
  table.replace(links());
  return table;
}

std::vector<std::uint16_t> find(LinkTable& table, const std::vector<std::uint32_t>& holders) {
  return table.find_vlans(holders);
}

TEST_CASE("LinkTable finds the VLAN interface that holds a local address") {
  LinkTable table = table_of({port("u0"), port("v0")});
  CHECK(find(table, {5, 6}).empty());
  CHECK(table.port(0).tunnel == TunnelLink{5, 0, mac(5), 1500, true});
  CHECK(find(table, {5, 6, 52, 52}) == Vids{0});
  CHECK(find(table, {52}).empty());
  // MAC address and MTU are those of that interface; the port keeps its own.
  CHECK(table.port(0) == PortState{mac(5), 1500, true, true, 5, {52, 100, mac(52), 1496, true}});
  CHECK(table.port(1).tunnel == TunnelLink{6, 0, mac(6), 1500, true});
  CHECK(table.port_of(52) == 0);
  CHECK_FALSE(table.port_of(5));
  CHECK_FALSE(table.port_of(51));
  CHECK(table.port_link(51) == LinkTable::PortLink{0, 300});
  CHECK(table.port_link(5) == LinkTable::PortLink{0, 0});
  CHECK_FALSE(table.port_link(99));
}

TEST_CASE("LinkTable takes the lowest of several VIDs and tells each change") {
  LinkTable table = table_of({port("u0")});
  CHECK(find(table, {51, 53}) == Vids{0});
  CHECK(table.found_vlans(0) == Vids{200, 300});
  CHECK(table.port(0).tunnel.vlan == 200);
  CHECK(find(table, {51, 52, 53}) == Vids{0});
  CHECK(table.port(0).tunnel.vlan == 100);
  CHECK(find(table, {51}) == Vids{0});
  CHECK(table.port(0).tunnel.vlan == 300);
  CHECK(find(table, {}) == Vids{0});
  CHECK(table.port(0).tunnel == TunnelLink{5, 0, mac(5), 1500, true});
}

TEST_CASE("LinkTable holds to a configured VID, with and without an interface of that tag") {
  std::vector<UnderlayPort> ports = {port("u0")};
  ports[0].vlan = 200;
  LinkTable table = table_of(ports);
  CHECK(find(table, {52}).empty());
  CHECK(table.port(0).tunnel == TunnelLink{53, 200, mac(5), 1500, true});
  CHECK(table.port_of(53) == 0);
  CHECK_FALSE(table.port_of(5));
  // Without one, routes out of the port itself are taken and get the tag.
  table.remove(53);
  CHECK(table.port(0).tunnel == TunnelLink{5, 200, mac(5), 1500, true});
  CHECK(table.port_of(5) == 0);
  CHECK_FALSE(table.port_of(52));
  // What the configuration gives stands instead of every interface's.
  ports[0].mac = mac(9);
  ports[0].mtu = 1300;
  ports[0].vlan = 100;
  CHECK(table_of(ports).port(0).tunnel == TunnelLink{52, 100, mac(9), 1300, true});
}

TEST_CASE("LinkTable follows VLAN interfaces that go, come back and are moved") {
  LinkTable table = table_of({port("u0"), port("v0")});
  find(table, {52});
  table.remove(52);
  find(table, {52});
  CHECK(table.port(0).tunnel.vlan == 0);
  // The successor is told before its predecessor's end.
  table.replace(links());
  table.update({60, kUsable, "new", 1500, mac(60), 100, 5});
  table.remove(52);
  find(table, {60});
  CHECK(table.port(0).tunnel == TunnelLink{60, 100, mac(60), 1500, true});
  // The same interface on another port now.
  table.update({60, kUsable, "new", 1500, mac(60), 100, 6});
  CHECK(find(table, {60}) == Vids{0, 1});
  CHECK(table.port(0).tunnel.vlan == 0);
  CHECK(table.port(1).tunnel.ifindex == 60);
  // Down, it takes the tunnels' link down, not the port.
  table.update({60, IFF_UP, "new", 1500, mac(60), 100, 6});
  CHECK(table.port(1).up);
  CHECK_FALSE(table.port(1).tunnel.up);
  table.remove(6);
  find(table, {60});
  CHECK(table.port(1).tunnel == TunnelLink{});
}

TEST_CASE("LinkTable leaves a VLAN interface alone that is itself a port") {
  LinkTable table = table_of({port("u0"), port("u0.100")});
  CHECK(find(table, {52}).empty());
  CHECK(table.port(0).tunnel == TunnelLink{5, 0, mac(5), 1500, true});
  CHECK(table.port(1).tunnel == TunnelLink{52, 0, mac(52), 1496, true});
  CHECK(table.port_of(52) == 1);
}

TEST_CASE("NextHopList sends by the tunnel link's MAC address and MTU, and stops with it") {
  UnderlayOptions options;
  options.ports = {port("u0")};
  options.routes = {{{ip("0.0.0.0"), 0}, ip("192.0.2.254"), 0}};
  options.neighbors = {{ip("192.0.2.254"), mac(1), 0}};
  const StaticUnderlay facts(options);
  std::vector<PortState> ports = {{mac(5), 1500, true, true, 5, {52, 100, mac(52), 1496, true}}};
  NeighborTargets targets;
  NextHopList list(facts, ports, targets);
  NextHopState told;
  const auto flush = [&] {
    list.flush([&](const NextHopList::Entry&, const NextHopState*, const NextHopState& state) {
      told = state;
    });
  };
  list.replace({{ip("192.0.2.1"), ip("198.51.100.7")}}, UnderlayTime{});
  flush();
  CHECK(told == NextHopState{NextHopState::kUp, 0, mac(52), mac(1), 1496});
  ports[0].tunnel.up = false;
  list.port_changed(0);
  flush();
  CHECK(told.status == NextHopState::kPortDown);
}

TEST_CASE("StaticUnderlay knows a configured VID and finds none") {
  UnderlayOptions options;
  options.ports = {port("u0"), port("v0")};
  options.ports[1].vlan = 7;
  const StaticUnderlay facts(options);
  CHECK(facts.port(0).tunnel.vlan == 0);
  CHECK(facts.port(1).tunnel == TunnelLink{0, 7, {{2, 0, 0, 0, 0, 2}}, 1500, true});
}

}  // namespace
}  // namespace adit
