#include "port/rx_spread.h"

#include <doctest/doctest.h>

namespace {

using adit::RxSpread;
using adit::spread_faults;

}  // namespace

TEST_CASE("a spread over all queues, with UDP ports, is no fault") {
  const RxSpread spread{.queues = {0, 1, 2, 3}, .udp4_ports = true, .udp6_ports = true};
  CHECK(spread_faults(spread, "eth0", 4, 2, true).empty());
  CHECK(spread_faults(spread, "eth0", 4, 4, true).empty());
}

TEST_CASE("a spread that a driver does not tell is no fault") {
  CHECK(spread_faults(RxSpread{}, "eth0", 4, 4, true).empty());
}

TEST_CASE("a spread that leaves a worker out is named, with the command that mends it") {
  const auto faults = spread_faults({.queues = {1}}, "eth0", 4, 2, true);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].what ==
        "received packets go to queues 1 alone, so that not every worker gets some");
  CHECK(faults[0].fix == "ethtool -X eth0 equal 4");
  // Queues 0 and 2 are both the first worker's, 0 and 3 are not.
  CHECK(spread_faults({.queues = {0, 2}}, "eth0", 4, 2, true).size() == 1);
  CHECK(spread_faults({.queues = {0, 3}}, "eth0", 4, 2, true).empty());
}

TEST_CASE("a single worker takes all, however it is spread") {
  const RxSpread spread{.queues = {0}, .udp4_ports = false, .udp6_ports = false};
  CHECK(spread_faults(spread, "eth0", 4, 1, true).empty());
}

TEST_CASE("UDP ports that take no part are a fault where tunnel packets come in") {
  const RxSpread spread{.queues = {0, 1}, .udp4_ports = false, .udp6_ports = false};
  const auto faults = spread_faults(spread, "eth0", 2, 2, true);
  REQUIRE(faults.size() == 2);
  CHECK(faults[0].what ==
        "UDP ports take no part in the spreading of udp4, so that all tunnel packets from one peer "
        "go to one queue");
  CHECK(faults[0].fix == "ethtool -N eth0 rx-flow-hash udp4 sdfn");
  CHECK(faults[1].fix == "ethtool -N eth0 rx-flow-hash udp6 sdfn");
  CHECK(spread_faults(spread, "eth0", 2, 2, false).empty());
}
