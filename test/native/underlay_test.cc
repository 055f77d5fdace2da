// The underlay without a kernel: static facts, and the logic of ports, neighbors and next hops.

#include "netlink/static_underlay.h"

#include <doctest/doctest.h>
#include <linux/neighbour.h>
#include <net/if.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "netlink/address_text.h"
#include "netlink/event_limit.h"
#include "netlink/link_table.h"
#include "netlink/neighbor_targets.h"
#include "netlink/next_hop_list.h"
#include "netlink/prefix_table.h"
#include "netlink/rt_message.h"
#include "packet/failure.h"
#include "underlay_addresses.h"

namespace adit {
namespace {

using underlay_lab::ip;
using underlay_lab::mac;

using std::chrono::milliseconds;
using std::chrono::seconds;

UnderlayPort port(const char* name) {
  return {.name = name, .interface = name, .mac = {}, .mtu = {}, .addresses = {}};
}

UnderlayOptions two_ports() {
  UnderlayOptions options;
  options.ports = {port("u"), port("v")};
  options.ports[0].addresses = {{ip("192.0.2.1"), 24}, {ip("2001:db8::1"), 64}};
  options.ports[1].mtu = 9000;
  options.ports[1].mac = mac(0xee);
  return options;
}

TEST_CASE("StaticUnderlay gives ports without an interface their MAC address by position") {
  const StaticUnderlay facts(two_ports());
  CHECK(mac_text(facts.port(0).mac) == "02:00:00:00:00:01");
  CHECK(facts.port(0).mtu == 1500);
  CHECK(mac_text(facts.port(1).mac) == "02:00:00:00:09:ee");
  CHECK(facts.port(1).mtu == 9000);
}

TEST_CASE("StaticUnderlay resolves by the longest prefix, static before connected") {
  UnderlayOptions options = two_ports();
  options.routes = {{{ip("0.0.0.0"), 0}, ip("192.0.2.254"), 0},
                    {{ip("198.51.100.0"), 24}, ip("203.0.113.1"), 1},
                    {{ip("198.51.100.7"), 32}, std::nullopt, 1},
                    {{ip("192.0.2.0"), 24}, std::nullopt, 1}};
  options.neighbors = {{ip("192.0.2.254"), mac(1), 0},
                       {ip("203.0.113.1"), mac(2), 1},
                       {ip("198.51.100.7"), mac(3), 1},
                       {ip("192.0.2.9"), mac(4), 1}};
  const StaticUnderlay facts(options);
  const auto resolve = [&](const char* remote) {
    return facts.resolve({ip("192.0.2.1"), ip(remote)});
  };
  CHECK(resolve("8.8.8.8") ==
        NextHopState{NextHopState::kUp, 0, {{2, 0, 0, 0, 0, 1}}, mac(1), 1500});
  CHECK(resolve("198.51.100.8") == NextHopState{NextHopState::kUp, 1, mac(0xee), mac(2), 9000});
  CHECK(resolve("198.51.100.7").destination == mac(3));
  CHECK(resolve("192.0.2.9").destination == mac(4));
  CHECK(resolve("192.0.2.10").status == NextHopState::kFailed);
  CHECK(resolve("192.0.2.10").port == 1);
  CHECK(resolve("2001:db8:1::1").status == NextHopState::kNoRoute);
  CHECK(resolve("2001:db8:1::1").port == kNoPort);
  // Connected, but nobody is known there.
  CHECK(resolve("2001:db8::2").status == NextHopState::kFailed);
  CHECK(resolve("2001:db8::2").port == 0);
}

TEST_CASE("StaticUnderlay takes a static neighbor's own address for on-link, after every route") {
  UnderlayOptions options = two_ports();
  options.neighbors = {{ip("198.51.100.7"), mac(7), 1}, {ip("192.0.2.7"), mac(8), 1}};
  const StaticUnderlay facts(options);
  const NextHopState far = facts.resolve({ip("192.0.2.1"), ip("198.51.100.7")});
  CHECK(far == NextHopState{NextHopState::kUp, 1, mac(0xee), mac(7), 9000});
  // The connected route leads out of port 0, where that neighbor is not.
  const NextHopState near = facts.resolve({ip("192.0.2.1"), ip("192.0.2.7")});
  CHECK(near.status == NextHopState::kFailed);
  CHECK(near.port == 0);
}

TEST_CASE("StaticUnderlay refuses facts that cannot be") {
  UnderlayOptions options = two_ports();
  options.routes = {{{ip("0.0.0.0"), 0}, std::nullopt, 2}};
  try {
    const StaticUnderlay facts(options);
    FAIL("a route out of a port that does not exist was taken");
  } catch (const Failure& failure) {
    CHECK(failure.code() == "ADIT-2204");
    CHECK(std::string(failure.what()) == "static route 0.0.0.0/0 names port number 2 of 2");
  }
  options.routes.clear();
  for (const MacAddress& bad : {MacAddress{}, MacAddress{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}}) {
    options.neighbors = {{ip("192.0.2.7"), bad, 0}};
    CHECK_THROWS_AS(StaticUnderlay{options}, Failure);
  }
}

TEST_CASE("PrefixTable agrees with a slow search over random prefixes") {
  std::mt19937 random(7);
  PrefixTable<int> table;
  std::vector<std::pair<IpPrefix, int>> slow;
  const auto any = [&] {
    const bool is_v4 = random() % 2 == 0;
    std::uint8_t bytes[16];
    // Few different bits, so that prefixes overlap often.
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random() & 0x81);
    return is_v4 ? IpAddress::v4(bytes) : IpAddress::v6(bytes);
  };
  for (int i = 0; i < 3000; ++i) {
    IpPrefix prefix{any(), 0};
    prefix.length = static_cast<std::uint8_t>(random() % (8 * prefix.address.size() + 1));
    table.add(prefix, i);
    slow.emplace_back(prefix, i);
  }
  int found = 0;
  for (int i = 0; i < 3000; ++i) {
    const IpAddress address = any();
    const std::pair<IpPrefix, int>* best = nullptr;
    for (const auto& row : slow) {
      if (!row.first.contains(address)) continue;
      if (best == nullptr || row.first.length > best->first.length) best = &row;
    }
    const int* value = table.find(address);
    REQUIRE((value == nullptr) == (best == nullptr));
    if (value == nullptr) continue;
    ++found;
    REQUIRE(*value == best->second);
  }
  CHECK(found > 1000);
}

/// A port that is up and whose tunnel packets are untagged.
PortState plain_port(std::uint32_t ifindex, const MacAddress& own, std::uint32_t mtu = 1500) {
  return {own, mtu, true, true, ifindex, {ifindex, 0, own, mtu, true}};
}

constexpr std::uint32_t kUsableLink = IFF_UP | IFF_RUNNING | (1U << 16);

TEST_CASE("LinkTable follows a port's interface by name") {
  std::vector<UnderlayPort> ports = {port("u0")};
  LinkTable links(ports);
  CHECK_FALSE(links.port(0).present);
  CHECK(links.update({5, kUsableLink, "u0", 1500, mac(1)}));
  CHECK(links.port(0) == plain_port(5, mac(1)));
  CHECK_FALSE(links.update({5, kUsableLink, "u0", 1500, mac(1)}));
  CHECK(links.update({5, kUsableLink & ~std::uint32_t{IFF_RUNNING}, "u0", 1500, mac(1)}));
  CHECK_FALSE(links.port(0).up);
  CHECK(links.update({5, kUsableLink, "renamed", 1500, mac(1)}));
  CHECK_FALSE(links.port(0).present);
  CHECK(links.update({6, kUsableLink, "u0", 1400, mac(2)}));
  CHECK(links.port_of(6) == 0);
  CHECK_FALSE(links.port_of(5));
  CHECK(links.remove(5));
  CHECK(links.port(0).ifindex == 6);
  CHECK(links.remove(6));
  CHECK_FALSE(links.port(0).present);
  // What the configuration gives stands instead of the interface's.
  ports[0].mac = mac(9);
  ports[0].mtu = 1280;
  LinkTable given(ports);
  given.update({5, kUsableLink, "u0", 1500, mac(1)});
  CHECK(given.port(0) == plain_port(5, mac(9), 1280));
}

Neighbor entry(std::uint16_t state, std::optional<MacAddress> address, bool managed = true) {
  return {.state = state, .managed = managed, .ours = managed, .external = false, .mac = address};
}

TEST_CASE("NeighborTargets holds a MAC address until the kernel has proved it dead") {
  NeighborTargets targets;
  const UnderlayTime now{seconds(100)};
  const std::uint32_t id = targets.ensure({0, ip("10.0.0.2")}, now);
  CHECK(targets.ensure({0, ip("10.0.0.2")}, now) == id);
  const auto see = [&](const std::optional<Neighbor>& seen) {
    return targets.observe(id, seen ? &*seen : nullptr, mac(0xaa), now);
  };
  CHECK(targets.at(id).status == NextHopState::kResolving);
  CHECK_FALSE(see(entry(NUD_INCOMPLETE, std::nullopt)));
  CHECK(see(entry(NUD_REACHABLE, mac(1))));
  CHECK(targets.at(id).status == NextHopState::kUp);
  CHECK_FALSE(see(entry(NUD_STALE, mac(1))));
  CHECK_FALSE(see(std::nullopt));
  CHECK_FALSE(see(entry(NUD_INCOMPLETE, std::nullopt)));
  CHECK(targets.at(id).mac == mac(1));
  CHECK(see(entry(NUD_PROBE, mac(2))));
  CHECK(targets.at(id).mac == mac(2));
  CHECK(see(entry(NUD_FAILED, std::nullopt)));
  CHECK(targets.at(id).status == NextHopState::kFailed);
  // Being asked for anew is no news.
  CHECK_FALSE(see(entry(NUD_INCOMPLETE, std::nullopt)));
  CHECK(see(entry(NUD_REACHABLE, mac(3))));
  CHECK(targets.at(id).status == NextHopState::kUp);
}

TEST_CASE("NeighborTargets refuses group, zero and own MAC addresses") {
  for (const MacAddress& bad : {MacAddress{}, MacAddress{{1, 0, 0x5e, 0, 0, 1}}, mac(0xaa),
                                MacAddress{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}}) {
    NeighborTargets targets;
    const UnderlayTime now{seconds(100)};
    const std::uint32_t id = targets.ensure({0, ip("10.0.0.2")}, now);
    const Neighbor seen = entry(NUD_PERMANENT, bad);
    CHECK(targets.observe(id, &seen, mac(0xaa), now));
    CHECK(targets.at(id).status == NextHopState::kFailed);
    CHECK(targets.at(id).bad_mac);
    CHECK(targets.at(id).mac == MacAddress{});
  }
}

TEST_CASE("NeighborTargets asks at most once a second, ever more rarely, until settled") {
  NeighborTargets targets;
  const UnderlayTime start{seconds(100)};
  const std::uint32_t id = targets.ensure({0, ip("10.0.0.2")}, start);
  std::vector<long> asked;
  for (milliseconds at{0}; at < seconds(100); at += milliseconds(100)) {
    // Failing again and again must not make it ask more often.
    const Neighbor failed = entry(NUD_FAILED, std::nullopt);
    targets.observe(id, &failed, {}, start + at);
    if (!targets.take_due(start + at, 10).empty()) asked.push_back(at.count() / 1000);
  }
  CHECK(asked == std::vector<long>{0, 1, 3, 7, 15, 31, 61, 91});
  const Neighbor found = entry(NUD_REACHABLE, mac(1));
  targets.observe(id, &found, {}, start + seconds(100));
  CHECK(targets.take_due(start + seconds(1000), 10).empty());
  // Lost again: at once, since the last request is long ago; then a second later, not sooner.
  const UnderlayTime later = start + seconds(1000);
  targets.observe(id, nullptr, {}, later);
  CHECK(targets.take_due(later, 10) == std::vector{id});
  targets.observe(id, &found, {}, later);
  targets.observe(id, nullptr, {}, later + milliseconds(10));
  CHECK(targets.take_due(later + milliseconds(990), 10).empty());
  CHECK(targets.take_due(later + milliseconds(1000), 10) == std::vector{id});
}

TEST_CASE("NeighborTargets goes on asking where the kernel does not manage the entry") {
  NeighborTargets targets;
  const UnderlayTime start{seconds(100)};
  const std::uint32_t id = targets.ensure({0, ip("10.0.0.2")}, start);
  const Neighbor found = entry(NUD_STALE, mac(1), false);
  targets.observe(id, &found, {}, start);
  CHECK(targets.take_due(start, 10).size() == 1);
  CHECK(targets.take_due(start + seconds(40), 10).size() == 1);
  CHECK(targets.at(id).status == NextHopState::kUp);
}

/// Told states by index of a list.
struct Told {
  std::map<std::uint32_t, NextHopState> states;
  int calls = 0;
  void flush(NextHopList& list) {
    calls = 0;
    list.flush([&](const NextHopList::Entry& told, const NextHopState*, const NextHopState& state) {
      ++calls;
      list.for_each_index(told, [&](std::uint32_t index) { states[index] = state; });
    });
  }
};

TEST_CASE("NextHopList holds each pair once and tells every index of it") {
  UnderlayOptions options = two_ports();
  const StaticUnderlay facts(options);
  std::vector<PortState> ports = {plain_port(5, mac(0xa0)), plain_port(6, mac(0xa1))};
  NeighborTargets targets;
  NextHopList list(facts, ports, targets);
  const UnderlayTime now{seconds(1)};
  const OuterPair a{ip("10.0.0.1"), ip("198.51.100.1")};
  const OuterPair b{ip("10.0.0.1"), ip("198.51.100.2")};
  list.replace({a, b, a, a}, now);
  REQUIRE(list.entries().size() == 2);
  Told told;
  told.flush(list);
  CHECK(told.calls == 2);
  CHECK(told.states.size() == 4);
  CHECK(told.states[3].status == NextHopState::kNoRoute);

  // Two next hops behind one gateway share the neighbor.
  const Hop hop{.port = 1, .gateway = ip("10.0.0.254"), .route_mtu = 1400, .from_file = false};
  list.set_hop(0, hop, now);
  list.set_hop(1, hop, now);
  told.flush(list);
  CHECK(told.states[2] == NextHopState{NextHopState::kResolving, 1, mac(0xa1), {}, 1400});
  const std::uint32_t target = list.entries()[0].target;
  CHECK(list.entries()[1].target == target);
  const Neighbor found = entry(NUD_REACHABLE, mac(1));
  CHECK(targets.observe(target, &found, {}, now));
  list.target_changed(target);
  told.flush(list);
  CHECK(told.calls == 2);
  CHECK(told.states[1] == NextHopState{NextHopState::kUp, 1, mac(0xa1), mac(1), 1400});

  // A new list keeps what is known of pairs that stay, under their new indexes.
  list.replace({b}, now);
  CHECK(list.take_unused_targets().empty());
  told.states.clear();
  told.flush(list);
  CHECK(told.states.size() == 1);
  CHECK(told.states[0].status == NextHopState::kUp);

  ports[1].tunnel.up = false;
  list.port_changed(1);
  told.flush(list);
  CHECK(told.states[0].status == NextHopState::kPortDown);
  CHECK(told.states[0].destination == mac(1));

  list.set_no_hop(0, {.why = NoHop::Why::kNoRoute, .detail = 101});
  CHECK(list.take_unused_targets() == std::vector{target});
  told.flush(list);
  CHECK(told.states[0] == NextHopState{});
}

/// Counts events.
struct EventCounter : UnderlayListener {
  std::vector<std::string> texts;
  void on_next_hops_replaced(std::size_t) noexcept override {}
  void on_next_hop(std::uint32_t, const NextHopState&) noexcept override {}
  void on_port(std::uint16_t, const PortState&) noexcept override {}
  void on_addresses(const std::vector<IpPrefix>&) noexcept override {}
  void on_event(const UnderlayEvent& event) noexcept override { texts.push_back(event.text); }
};

TEST_CASE("EventLimit passes a burst of each code and holds the rest back") {
  EventCounter counter;
  EventLimit limit(counter);
  for (int i = 0; i < 1000; ++i) {
    limit.tell(UnderlayEvent::Level::kWarn, "A", [] { return EventLimit::Words{"a"}; });
  }
  limit.tell(UnderlayEvent::Level::kWarn, "B", [] { return EventLimit::Words{"b"}; });
  CHECK(counter.texts.size() == EventLimit::kBurst + 1);
  CHECK(counter.texts.back() == "b");
}

}  // namespace
}  // namespace adit
