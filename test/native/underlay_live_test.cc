// The underlay against the kernel: routes, neighbors and their changes, in namespaces of its own.

#include <algorithm>

#include "underlay_lab.h"

namespace adit::underlay_lab {
namespace {

using std::chrono::milliseconds;

constexpr const char* kLocal = "10.1.0.1";

TEST_CASE("Underlay finds next hops by gateway and on the link, IPv4 and IPv6") {
  if (skipped()) return;
  Lab lab;
  lab.start({{kLocal, "198.51.100.7"},
             {kLocal, "10.1.0.3"},
             {"fd00:1::1", "2001:db8:100::7"},
             {"fd00:1::1", "fd00:1::2"},
             {"10.2.0.1", "10.2.0.2"},
             {kLocal, "198.51.100.7"}});
  CHECK(lab.told.list_size == 6);
  CHECK(lab.told.port(0).up);
  CHECK(mac_text(lab.told.port(0).mac) == "02:00:00:00:0a:00");
  for (std::uint32_t index = 0; index < 6; ++index) {
    CAPTURE(index);
    REQUIRE(lab.told.wait_status(index, NextHopState::kUp));
    const NextHopState state = lab.told.state(index);
    const bool second = index == 4;
    CHECK(state.port == (second ? 1 : 0));
    CHECK(mac_text(state.source) == (second ? "02:00:00:00:0a:01" : "02:00:00:00:0a:00"));
    CHECK(mac_text(state.destination) == (second ? "02:00:00:00:0b:01" : "02:00:00:00:0b:00"));
    CHECK(state.mtu == 1500);
  }
  // Nothing was known when it started, so each was first told as being resolved.
  CHECK(lab.told.wait(
      [&] { return lab.told.history.front().second.status == NextHopState::kResolving; }));
  CHECK(lab.underlay->has_address(ip(kLocal)));
  CHECK(lab.underlay->has_address(ip("10.3.0.1")));
  CHECK_FALSE(lab.underlay->has_address(ip("10.1.0.2")));
  CHECK(lab.underlay->routes().size() == 5);
  CHECK(lab.underlay->routes()[0].gateway == ip("10.1.0.2"));
  CHECK(lab.underlay->ports()[1].addresses.front().address == ip("10.2.0.1"));
}

TEST_CASE("Underlay tells the addresses of its ports, and of each that comes or goes") {
  if (skipped()) return;
  Lab lab;
  lab.options.ports[1].addresses = {{ip("192.0.2.1"), 24}};
  lab.start({{kLocal, "10.1.0.3"}});
  const auto is_told = [&](const char* address, std::uint8_t length, bool wanted = true) {
    return lab.told.wait([&] {
      const auto same = [&](const IpPrefix& own) {
        return own.address == ip(address) && own.length == length;
      };
      return std::ranges::any_of(lab.told.addresses, same) == wanted;
    });
  };
  CHECK(is_told(kLocal, 24));
  CHECK(is_told("10.2.0.1", 24));
  CHECK(is_told("fd00:1::1", 64));
  CHECK(is_told("192.0.2.1", 24));
  // An interface that is no port's.
  CHECK(is_told("10.3.0.1", 24, false));
  lab.in_gateway("ip address add 10.7.0.1/16 dev u0");
  CHECK(is_told("10.7.0.1", 16));
  lab.in_gateway("ip address del 10.7.0.1/16 dev u0");
  CHECK(is_told("10.7.0.1", 16, false));
  lab.in_gateway("ip link del v0");
  CHECK(is_told("10.2.0.1", 24, false));
  CHECK(is_told("192.0.2.1", 24));
}

TEST_CASE("Underlay follows an IPv4 route over an IPv6 gateway") {
  if (skipped()) return;
  Lab lab;
  lab.in_gateway("ip route add 203.0.113.0/24 via inet6 fd00:1::2 dev u0");
  lab.start({{kLocal, "203.0.113.9"}});
  REQUIRE(lab.told.wait_status(0, NextHopState::kUp));
  CHECK(mac_text(lab.told.state(0).destination) == "02:00:00:00:0b:00");
  CHECK(lab.underlay->routes()[0].gateway == ip("fd00:1::2"));
}

TEST_CASE("Underlay asks without the local address where it is not configured") {
  if (skipped()) return;
  Lab lab;
  lab.start({{"192.0.2.77", "198.51.100.7"}});
  REQUIRE(lab.told.wait_status(0, NextHopState::kUp));
  CHECK(lab.told.state(0).port == 0);
  CHECK_FALSE(lab.underlay->has_address(ip("192.0.2.77")));
  lab.in_gateway("ip address add 192.0.2.77/32 dev lo");
  const auto configured = [&] { return lab.underlay->has_address(ip("192.0.2.77")); };
  for (int i = 0; i < 100 && !configured(); ++i) std::this_thread::sleep_for(milliseconds(20));
  CHECK(configured());
}

TEST_CASE("Underlay says why there is no route") {
  if (skipped()) return;
  Lab lab;
  lab.in_gateway("ip route add unreachable 203.0.113.0/24");
  lab.in_gateway("ip -6 route add blackhole 2001:db8:dead::/48");
  lab.start({{kLocal, "203.0.113.5"},
             {kLocal, "8.8.8.8"},
             {"fd00:1::1", "2001:db8:beef::1"},
             {"fd00:1::1", "2001:db8:dead::1"},
             {kLocal, "10.2.0.1"}});
  for (std::uint32_t index = 0; index < 5; ++index) {
    CAPTURE(index);
    CHECK(lab.told.state(index) == NextHopState{});
  }
  CHECK(lab.told.wait_event("ADIT-2221", "203.0.113.5: a route of the kernel's forbids it"));
  CHECK(lab.told.wait_event("ADIT-2221",
                            "8.8.8.8: the kernel's route leaves by x0, which is no port"));
  CHECK(lab.told.wait_event("ADIT-2221", "2001:db8:beef::1: the kernel has no route"));
  CHECK(lab.told.wait_event("ADIT-2221", "2001:db8:dead::1: a route of the kernel's forbids it"));
  CHECK(lab.told.wait_event("ADIT-2221", "10.2.0.1: it is an address of this machine"));
  // A route appears: found without being asked.
  lab.in_gateway("ip route replace 203.0.113.0/24 via 10.1.0.2");
  REQUIRE(lab.told.wait_status(0, NextHopState::kUp));
  lab.in_gateway("ip route del 203.0.113.0/24 via 10.1.0.2 && ip route del default");
  REQUIRE(lab.told.wait_status(0, NextHopState::kNoRoute));
}

TEST_CASE("Underlay follows a route to another port, its MTU, and a rule") {
  if (skipped()) return;
  Lab lab;
  lab.start({{kLocal, "198.51.100.7"}});
  REQUIRE(lab.told.wait_status(0, NextHopState::kUp));
  lab.in_gateway("ip route replace 198.51.100.0/24 via 10.2.0.2");
  REQUIRE(lab.told.wait([&] {
    return lab.told.states[0].port == 1 && lab.told.states[0].status == NextHopState::kUp;
  }));
  CHECK(mac_text(lab.told.state(0).source) == "02:00:00:00:0a:01");
  CHECK(mac_text(lab.told.state(0).destination) == "02:00:00:00:0b:01");
  lab.in_gateway("ip route replace 198.51.100.0/24 via 10.2.0.2 mtu 1400");
  CHECK(lab.told.wait([&] { return lab.told.states[0].mtu == 1400; }));
  lab.in_gateway("ip route add default via 10.1.0.3 table 77");
  lab.in_gateway("ip rule add from 10.1.0.1 lookup 77 priority 100");
  CHECK(lab.told.wait([&] { return lab.told.states[0].port == 0; }));
  CHECK(lab.told.wait_status(0, NextHopState::kUp));
  CHECK(lab.underlay->routes()[0].gateway == ip("10.1.0.3"));
}

TEST_CASE("Underlay takes static facts before the kernel's") {
  if (skipped()) return;
  Lab lab;
  const MacAddress given{{2, 0, 0, 0, 0x77, 1}};
  lab.options.routes = {{{ip("8.8.0.0"), 16}, ip("10.1.0.3"), 0}};
  lab.options.neighbors = {{ip("10.1.0.2"), given, 0}, {ip("9.9.9.9"), given, 1}};
  lab.options.ports[1].mac = MacAddress{{2, 0, 0, 0, 0x66, 6}};
  lab.options.ports[1].mtu = 1200;
  lab.start({{kLocal, "198.51.100.7"}, {kLocal, "9.9.9.9"}, {kLocal, "8.8.8.8"}});
  CHECK(lab.told.state(0).status == NextHopState::kUp);
  CHECK(lab.told.state(0).destination == given);
  CHECK(lab.told.state(1) ==
        NextHopState{NextHopState::kUp, 1, {{2, 0, 0, 0, 0x66, 6}}, given, 1200});
  // The route is the file's, the neighbor the kernel's.
  REQUIRE(lab.told.wait_status(2, NextHopState::kUp));
  CHECK(mac_text(lab.told.state(2).destination) == "02:00:00:00:0b:00");
  CHECK(lab.underlay->routes()[2].from_file);
}

TEST_CASE("Underlay takes a new list while it runs and keeps what it knows") {
  if (skipped()) return;
  Lab lab;
  lab.start({{kLocal, "198.51.100.7"}});
  REQUIRE(lab.told.wait_status(0, NextHopState::kUp));
  lab.told.forget_history();
  lab.underlay->set_next_hops(
      {.pairs = {{ip("10.2.0.1"), ip("10.2.0.2")}, {ip(kLocal), ip("198.51.100.7")}},
       .other_locals = {}});
  // Told before the call returns: the known one is up without a gap, the other is asked for.
  CHECK(lab.told.list_size == 2);
  CHECK(lab.told.state(1).status == NextHopState::kUp);
  CHECK(lab.told.state(0).status != NextHopState::kNoRoute);
  REQUIRE(lab.told.wait_status(0, NextHopState::kUp));
  lab.underlay->set_next_hops({});
  CHECK(lab.told.list_size == 0);
}

TEST_CASE("Underlay has neighbors managed by the kernel and gives them back when it stops") {
  if (skipped()) return;
  Lab lab;
  // Known before, by traffic of the kernel's own.
  lab.in_gateway("ping -c1 -W2 10.2.0.2 > /dev/null");
  lab.start({{kLocal, "198.51.100.7"}, {"10.2.0.1", "10.2.0.2"}});
  CHECK(lab.told.state(1).status == NextHopState::kUp);
  REQUIRE(lab.told.wait_status(0, NextHopState::kUp));
  const auto neighbors = [&](const std::string& address) {
    const Inside inside(lab.gateway);
    return output_of("ip neighbor show " + address);
  };
  const auto settled = [&] {
    for (const UnderlayNeighborView& view : lab.underlay->neighbors()) {
      if (view.address == ip("10.2.0.2") && view.managed) return true;
    }
    return false;
  };
  for (int i = 0; i < 50 && !settled(); ++i) std::this_thread::sleep_for(milliseconds(50));
  CHECK(neighbors("10.1.0.2").find("managed") != std::string::npos);
  CHECK(neighbors("10.1.0.2").find("proto 173") != std::string::npos);
  CHECK(neighbors("10.2.0.2").find("managed") != std::string::npos);
  const auto start = std::chrono::steady_clock::now();
  lab.underlay->stop();
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
  // Ours is gone; the other's stays, no longer managed.
  CHECK(neighbors("10.1.0.2").empty());
  CHECK(neighbors("10.2.0.2").find("lladdr 02:00:00:00:0b:01") != std::string::npos);
  CHECK(neighbors("10.2.0.2").find("managed") == std::string::npos);
}

TEST_CASE("Underlay clears entries that a killed predecessor left, and no person's") {
  if (skipped()) return;
  Lab lab;
  lab.in_gateway("ip neighbor add 10.1.0.99 dev u0 nud none managed protocol 173");
  lab.in_gateway(
      "ip neighbor add 10.1.0.98 dev u0 lladdr 02:00:00:00:01:98 nud permanent "
      "protocol 173");
  lab.start({{kLocal, "10.1.0.98"}});
  CHECK(mac_text(lab.told.state(0).destination) == "02:00:00:00:01:98");
  lab.underlay->stop();
  const Inside inside(lab.gateway);
  CHECK(output_of("ip neighbor show 10.1.0.99").empty());
  CHECK(output_of("ip neighbor show 10.1.0.98").find("PERMANENT") != std::string::npos);
}

TEST_CASE("Underlay starts again after a stop") {
  if (skipped()) return;
  Lab lab;
  lab.start({{kLocal, "198.51.100.7"}});
  REQUIRE(lab.told.wait_status(0, NextHopState::kUp));
  lab.underlay->stop();
  lab.underlay->stop();
  lab.told.forget_history();
  {
    const Inside inside(lab.gateway);
    lab.underlay->start();
  }
  REQUIRE(lab.told.wait([&] { return !lab.told.history.empty(); }));
  CHECK(lab.told.wait_status(0, NextHopState::kUp));
}

}  // namespace
}  // namespace adit::underlay_lab
