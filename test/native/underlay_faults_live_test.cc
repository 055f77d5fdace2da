// The underlay when something breaks: neighbors, links, interfaces, the netlink queue; and its
// size.

#include <algorithm>

#include "underlay_lab.h"

namespace adit::underlay_lab {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kLocal = "10.1.0.1";

bool up_at(Recorder& told, const std::string& mac) {
  return told.wait([&] {
    return told.states[0].status == NextHopState::kUp &&
           mac_text(told.states[0].destination) == mac;
  });
}

TEST_CASE("Underlay takes a peer's new MAC address from its gratuitous ARP") {
  if (skipped()) return;
  Lab lab;
  lab.start({{kLocal, "198.51.100.7"}});
  REQUIRE(lab.told.wait_status(0, NextHopState::kUp));
  lab.told.forget_history();
  lab.in_peer("echo 1 > /proc/sys/net/ipv4/conf/p0/arp_notify");
  lab.in_peer("ip link set p0 address 02:00:00:00:0c:99");
  CHECK(up_at(lab.told, "02:00:00:00:0c:99"));
  // It was never away: from the one MAC address to the other in one step.
  CHECK(lab.told.history.size() == 1);
}

TEST_CASE("Underlay finds a peer's new MAC address also when nobody announces it") {
  if (skipped()) return;
  Lab lab;
  lab.quick_neighbors("u0");
  lab.start({{kLocal, "198.51.100.7"}});
  REQUIRE(lab.told.wait_status(0, NextHopState::kUp));
  lab.in_peer("ip link set p0 address 02:00:00:00:0c:98");
  CHECK(up_at(lab.told, "02:00:00:00:0c:98"));
}

TEST_CASE("Underlay resolves a deleted neighbor again") {
  if (skipped()) return;
  Lab lab;
  lab.start({{kLocal, "198.51.100.7"}});
  REQUIRE(lab.told.wait_status(0, NextHopState::kUp));
  // Past the second in which a target is asked for but once.
  std::this_thread::sleep_for(milliseconds(1100));
  lab.told.forget_history();
  const auto start = steady_clock::now();
  lab.in_gateway("ip neighbor del 10.1.0.2 dev u0");
  // The kernel marks it failed before it deletes it; who reads both at once sees but the end.
  REQUIRE(lab.told.wait([&] { return lab.told.history.size() >= 2; }));
  CHECK(lab.told.history[0].second.status != NextHopState::kUp);
  CHECK(lab.told.wait_status(0, NextHopState::kUp));
  CHECK(steady_clock::now() - start < milliseconds(1000));
}

TEST_CASE("Underlay holds a MAC address until the neighbor is proved dead, and finds it again") {
  if (skipped()) return;
  Lab lab;
  lab.quick_neighbors("u0");
  lab.start({{kLocal, "198.51.100.7"}});
  REQUIRE(lab.told.wait_status(0, NextHopState::kUp));
  lab.told.forget_history();
  lab.in_peer("ip address del 10.1.0.2/24 dev p0");
  REQUIRE(lab.told.wait_status(0, NextHopState::kFailed));
  CHECK(lab.told.history.size() == 1);
  CHECK(lab.told.wait_event("ADIT-2222",
                            "No MAC address for 10.1.0.2, the next hop to 198.51.100.7"));
  lab.in_peer("ip address add 10.1.0.2/24 dev p0");
  CHECK(lab.told.wait_status(0, NextHopState::kUp));
}

TEST_CASE("Underlay tells of a neighbor that never answers, once") {
  if (skipped()) return;
  Lab lab;
  lab.quick_neighbors("u0");
  lab.start({{kLocal, "10.1.0.77"}});
  CHECK(lab.told.state(0).status == NextHopState::kResolving);
  REQUIRE(lab.told.wait_status(0, NextHopState::kFailed));
  // Asked for again and again, it stays failed.
  CHECK_FALSE(lab.told.wait([&] { return lab.told.history.size() > 2; }, milliseconds(2500)));
  lab.in_peer("ip address add 10.1.0.77/24 dev p0");
  CHECK(lab.told.wait_status(0, NextHopState::kUp));
}

TEST_CASE("Underlay refuses a neighbor with a group's MAC address or its own") {
  if (skipped()) return;
  Lab lab;
  lab.in_gateway("ip neighbor add 10.1.0.66 dev u0 lladdr 01:00:5e:00:00:01 nud permanent");
  lab.in_gateway("ip neighbor add 10.1.0.67 dev u0 lladdr 02:00:00:00:0a:00 nud permanent");
  lab.start({{kLocal, "10.1.0.66"}, {kLocal, "10.1.0.67"}});
  CHECK(lab.told.state(0).status == NextHopState::kFailed);
  CHECK(lab.told.state(1).status == NextHopState::kFailed);
  CHECK(lab.told.wait_event("ADIT-2222", "the one it has cannot be a neighbor's"));
}

TEST_CASE("Underlay follows its own link down and up, and the carrier") {
  if (skipped()) return;
  Lab lab;
  lab.start({{kLocal, "198.51.100.7"}});
  REQUIRE(lab.told.wait_status(0, NextHopState::kUp));
  lab.in_peer("ip link set p0 down");
  REQUIRE(lab.told.wait_status(0, NextHopState::kPortDown));
  CHECK_FALSE(lab.told.port(0).up);
  CHECK(lab.told.port(0).present);
  lab.in_peer("ip link set p0 up");
  REQUIRE(lab.told.wait_status(0, NextHopState::kUp));
  lab.told.forget_history();
  lab.in_gateway("ip link set u0 down");
  // The kernel drops the link's routes: first the port is down, then another route leads elsewhere.
  REQUIRE(lab.told.wait_status(0, NextHopState::kNoRoute));
  CHECK(lab.told.history[0].second.status == NextHopState::kPortDown);
  lab.in_gateway("ip link set u0 up");
  lab.add_ipv4_routes();
  CHECK(lab.told.wait_status(0, NextHopState::kUp));
}

TEST_CASE("Underlay follows an interface that is deleted and made again") {
  if (skipped()) return;
  Lab lab;
  lab.start({{kLocal, "198.51.100.7"}, {"10.2.0.1", "10.2.0.2"}});
  REQUIRE(lab.told.wait_status(0, NextHopState::kUp));
  REQUIRE(lab.told.wait_status(1, NextHopState::kUp));
  const std::uint32_t before = lab.told.port(0).ifindex;
  lab.told.forget_history();
  lab.in_gateway("ip link del u0");
  REQUIRE(lab.told.wait([&] { return !lab.told.ports[0].present; }));
  CHECK(lab.told.wait_event("ADIT-2211", "Port underlay is gone"));
  REQUIRE(lab.told.wait_status(0, NextHopState::kNoRoute));
  lab.link("u0", "p0", "07", "10.1.0");
  lab.add_ipv4_routes();
  REQUIRE(up_at(lab.told, "02:00:00:00:0b:07"));
  CHECK(lab.told.port(0).up);
  CHECK(lab.told.port(0).ifindex != before);
  CHECK(mac_text(lab.told.state(0).source) == "02:00:00:00:0a:07");
  // The other port saw nothing of it.
  CHECK(lab.told.state(1).status == NextHopState::kUp);
  CHECK(std::none_of(lab.told.history.begin(), lab.told.history.end(),
                     [](const auto& told) { return told.first == 1; }));
}

TEST_CASE("Underlay forgets the MAC addresses behind an interface that was made again") {
  if (skipped()) return;
  Lab lab;
  // The file's route keeps the next hop on its port while the kernel has no interface for it.
  lab.options.routes = {{{ip("198.51.100.0"), 24}, ip("10.1.0.2"), 0}};
  lab.start({{kLocal, "198.51.100.7"}});
  REQUIRE(up_at(lab.told, "02:00:00:00:0b:00"));
  lab.in_gateway("ip link del u0");
  REQUIRE(lab.told.wait_status(0, NextHopState::kPortDown));
  lab.told.forget_history();
  lab.link("u0", "p0", "07", "10.1.0");
  REQUIRE(up_at(lab.told, "02:00:00:00:0b:07"));
  CHECK(std::none_of(lab.told.history.begin(), lab.told.history.end(), [](const auto& told) {
    return mac_text(told.second.destination) == "02:00:00:00:0b:00" &&
           told.second.status == NextHopState::kUp;
  }));
}

TEST_CASE("Underlay waits for an interface that does not exist yet") {
  if (skipped()) return;
  Lab lab;
  lab.options.ports[0].interface = "late0";
  lab.start({{kLocal, "198.51.100.7"}});
  CHECK_FALSE(lab.told.port(0).present);
  CHECK(lab.told.wait_event("ADIT-2221", "leaves by u0, which is no port"));
  lab.in_gateway("ip link set u0 down && ip link set u0 name late0 && ip link set late0 up");
  lab.add_ipv4_routes();
  CHECK(lab.told.wait_status(0, NextHopState::kUp));
}

TEST_CASE("Underlay follows the interface's MTU and MAC address") {
  if (skipped()) return;
  Lab lab;
  lab.start({{kLocal, "198.51.100.7"}});
  REQUIRE(lab.told.wait_status(0, NextHopState::kUp));
  lab.in_gateway("ip link set u0 mtu 1350");
  REQUIRE(lab.told.wait([&] { return lab.told.states[0].mtu == 1350; }));
  CHECK(lab.told.port(0).mtu == 1350);
  lab.in_gateway("ip link set u0 address 02:00:00:00:0d:01");
  CHECK(lab.told.wait([&] { return mac_text(lab.told.states[0].source) == "02:00:00:00:0d:01"; }));
  CHECK(lab.told.wait_status(0, NextHopState::kUp));
}

TEST_CASE("Underlay reads everything anew when the kernel's queue ran over") {
  if (skipped()) return;
  Lab lab;
  lab.options.receive_buffer_bytes = 4096;
  lab.start({{kLocal, "198.51.100.7"}});
  REQUIRE(lab.told.wait_status(0, NextHopState::kUp));
  {
    // Its thread is kept inside a callback while more changes come than the queue holds, the last
    // of which matter.
    const std::lock_guard closed(lab.told.gate);
    lab.in_gateway("ip link set u0 mtu 1450");
    lab.in_gateway(
        "for i in $(seq 200); do echo address add 10.9.0.$i/32 dev lo; done | ip -batch -");
    lab.in_gateway("ip link set v0 mtu 1333");
    lab.in_gateway("ip route replace 198.51.100.0/24 via 10.2.0.2");
  }
  REQUIRE(lab.told.wait_event("ADIT-2231", "read anew"));
  REQUIRE(lab.told.wait([&] {
    return lab.told.states[0].port == 1 && lab.told.states[0].status == NextHopState::kUp;
  }));
  CHECK(lab.told.state(0).mtu == 1333);
  CHECK(lab.told.port(0).mtu == 1450);
  CHECK(lab.underlay->has_address(ip("10.9.0.200")));
}

/// Pairs of `count` different remotes behind the gateway.
std::vector<OuterPair> many(std::uint32_t count) {
  std::vector<OuterPair> pairs;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint8_t remote[4] = {100, static_cast<std::uint8_t>(i >> 16),
                                    static_cast<std::uint8_t>(i >> 8),
                                    static_cast<std::uint8_t>(i)};
    pairs.push_back({ip(kLocal), IpAddress::v4(remote)});
  }
  return pairs;
}

TEST_CASE("Underlay answers for 10,000 next hops within a second, changes included") {
  if (skipped()) return;
  constexpr std::uint32_t kCount = 10'000;
  Lab lab;
  lab.in_gateway("ip route replace default via 10.1.0.2");
  const auto all_at = [&](std::uint16_t port) {
    return lab.told.wait([&] {
      return lab.told.states.size() == kCount &&
             std::all_of(lab.told.states.begin(), lab.told.states.end(), [&](const auto& item) {
               return item.second.status == NextHopState::kUp && item.second.port == port;
             });
    });
  };
  const auto took = [](auto since) {
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - since).count();
  };
  auto start = steady_clock::now();
  lab.start(many(kCount));
  const auto started = took(start);
  REQUIRE(all_at(0));
  const auto resolved = took(start);
  start = steady_clock::now();
  lab.in_gateway("ip route replace default via 10.2.0.2");
  REQUIRE(all_at(1));
  const auto moved = took(start);
  start = steady_clock::now();
  lab.underlay->stop();
  const auto stopped = took(start);
  MESSAGE("10,000 next hops: start ", started, " ms, all up ", resolved, " ms, all moved ", moved,
          " ms, stop ", stopped, " ms");
  CHECK(started < 1000);
  CHECK(stopped < 1000);
  // One route changed; those are the only requests for neighbors.
  CHECK(lab.told.told <= 4 * kCount);
}

}  // namespace
}  // namespace adit::underlay_lab
