#include <doctest/doctest.h>

#include "bytes.h"
#include "table/endpoint_map.h"

namespace {

using adit::Endpoint;
using adit::EndpointMap;
using adit::HashSeed;
using adit::IpAddress;
using adit::IpProto;
using adit::TunnelType;

IpAddress v4(std::uint8_t last) {
  const std::uint8_t wire[4] = {192, 0, 2, last};
  return IpAddress::v4(wire);
}

IpAddress v6(std::uint8_t last) {
  std::uint8_t wire[16] = {192, 0, 2, last};
  return IpAddress::v6(wire);
}

}  // namespace

TEST_CASE("EndpointMap without endpoints finds nothing") {
  const EndpointMap map({}, HashSeed::from(1));
  CHECK(map.find(v4(1), IpProto::kUdp, 4789) == EndpointMap::kNone);
  CHECK_FALSE(map.is_local(v4(1)));
}

TEST_CASE("EndpointMap matches address, family, protocol and port, all of them") {
  // Under many seeds, so that what is not there also falls on places that are taken.
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const EndpointMap map({{v4(1), TunnelType::kVxlan, 4789},
                           {v4(1), TunnelType::kVxlan, 8472},
                           {v4(1), TunnelType::kGre, 0},
                           {v6(2), TunnelType::kVxlan, 4789}},
                          HashSeed::from(seed));
    CHECK(map.find(v4(1), IpProto::kUdp, 4789) == 0);
    CHECK(map.find(v4(1), IpProto::kUdp, 8472) == 1);
    CHECK(map.find(v4(1), IpProto::kGre, 0) == 2);
    CHECK(map.find(v6(2), IpProto::kUdp, 4789) == 3);
    CHECK(map.find(v6(1), IpProto::kUdp, 4789) == EndpointMap::kNone);
    CHECK(map.find(v4(2), IpProto::kUdp, 4789) == EndpointMap::kNone);
    CHECK(map.find(v6(2), IpProto::kGre, 0) == EndpointMap::kNone);
    CHECK(map.find(v4(1), IpProto::kUdp, 4790) == EndpointMap::kNone);
    CHECK(map.find(v4(1), IpProto::kGre, 4789) == EndpointMap::kNone);
    CHECK(map.find(v4(1), IpProto::kTcp, 4789) == EndpointMap::kNone);
    CHECK(map.is_local(v4(1)));
    CHECK(map.is_local(v6(2)));
    CHECK_FALSE(map.is_local(v6(1)));
  }
}

TEST_CASE("EndpointMap finds each of thousands of endpoints, and none beside them") {
  std::vector<Endpoint> endpoints;
  for (std::uint16_t port = 1; port <= 3000; ++port) {
    endpoints.push_back({v4(static_cast<std::uint8_t>(port)), TunnelType::kVxlan, port});
  }
  const EndpointMap map(endpoints, HashSeed::from(9));
  for (std::uint32_t i = 0; i < endpoints.size(); ++i) {
    CHECK(map.find(endpoints[i].local, IpProto::kUdp, endpoints[i].udp_port) == i);
    CHECK(map.find(endpoints[i].local, IpProto::kUdp,
                   static_cast<std::uint16_t>(endpoints[i].udp_port + 3000)) == EndpointMap::kNone);
  }
}
