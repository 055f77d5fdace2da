#include <doctest/doctest.h>

#include "bytes.h"
#include "table/outer.h"

using adit::IpAddress;
using adit::TunnelType;
using bytes::from_hex;

TEST_CASE("is_valid_source() takes hosts and refuses what no host may have") {
  const auto v4 = [](const char* hex) { return IpAddress::v4(from_hex(hex).data()); };
  const auto v6 = [](const char* hex) { return IpAddress::v6(from_hex(hex).data()); };
  const std::vector<adit::IpPrefix> ports = {
      {v4("0a010203"), 22}, {v4("0a090001"), 31}, {v6("fd000000000000000000000000000009"), 64}};
  const adit::OwnAddresses own(ports);
  const IpAddress local4 = v4("c0000201");
  const IpAddress local6 = v6("20010db8000000000000000000000001");
  const adit::EndpointMap endpoints(
      {{local4, TunnelType::kVxlan, 4789}, {local6, TunnelType::kVxlan, 4789}},
      adit::HashSeed::from(1));
  const auto valid = [&](const IpAddress& address) {
    return adit::is_valid_source(endpoints, own, address);
  };
  CHECK(valid(v4("c6336407")));
  CHECK(valid(v4("dfffffff")));
  CHECK_FALSE(valid(v4("00000000")));
  CHECK_FALSE(valid(v4("e0000001")));
  CHECK_FALSE(valid(v4("efffffff")));
  CHECK_FALSE(valid(v4("ffffffff")));
  CHECK_FALSE(valid(local4));
  CHECK(valid(v6("20010db8000100000000000000000007")));
  CHECK_FALSE(valid(v6("00000000000000000000000000000000")));
  CHECK_FALSE(valid(v6("ff020000000000000000000000000001")));
  CHECK_FALSE(valid(local6));
  CHECK_FALSE(valid(v4("7f000001")));
  CHECK_FALSE(valid(v4("7fffffff")));
  CHECK_FALSE(valid(v6("00000000000000000000000000000001")));
  // A port's address, and the broadcast of its network.
  CHECK_FALSE(valid(v4("0a010203")));
  CHECK_FALSE(valid(v4("0a0103ff")));
  CHECK(valid(v4("0a0102ff")));
  CHECK(valid(v4("0a010300")));
  CHECK_FALSE(valid(v4("0a090001")));
  // RFC 3021: both addresses of a /31 are hosts.
  CHECK(valid(v4("0a090000")));
  CHECK_FALSE(valid(v6("fd000000000000000000000000000009")));
  CHECK(valid(v6("fd00000000000000ffffffffffffffff")));
  // Our IPv4 address in the first bytes of an IPv6 one is another address.
  CHECK(valid(v6("c0000201000000000000000000000000")));
}
