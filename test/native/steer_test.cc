#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>
#include <random>

#include "steer/host_rules.h"
#include "steer_cases.h"
#include "steer_checks.h"

namespace {

using adit::HostRules;
using adit::IpAddress;
using adit::IpPrefix;
using adit::IpProto;
using adit::SteeringConfig;
using steer_cases::Bytes;

IpAddress v4(std::uint32_t host) {
  const std::uint8_t wire[4] = {
      static_cast<std::uint8_t>(host >> 24), static_cast<std::uint8_t>(host >> 16),
      static_cast<std::uint8_t>(host >> 8), static_cast<std::uint8_t>(host)};
  return IpAddress::v4(wire);
}

Bytes vxlan_between(const IpAddress& from, const IpAddress& to, std::uint16_t udp_port) {
  Bytes frame(60, 0);
  frame[5] = 1;
  frame[0] = 2;
  frame[12] = 0x08;
  frame[14] = 0x45;
  frame[23] = 17;
  std::memcpy(&frame[26], from.bytes.data(), 4);
  std::memcpy(&frame[30], to.bytes.data(), 4);
  frame[36] = static_cast<std::uint8_t>(udp_port >> 8);
  frame[37] = static_cast<std::uint8_t>(udp_port);
  return frame;
}

SteeringConfig one_underlay() {
  SteeringConfig config;
  config.ports.resize(1);
  config.ports[0].mac.bytes = {2, 0, 0, 0, 0, 1};
  config.ports[0].takes_tunnels = true;
  return config;
}

}  // namespace

TEST_CASE("HostRules decide() gives the verdict of every steering case") {
  steer_cases::check_verdicts(HostRules(steer_cases::config()), steer_cases::cases());
}

TEST_CASE("HostRules decide() reads no byte behind any prefix of a frame") {
  steer_cases::check_prefixes(HostRules(steer_cases::config()), steer_cases::cases());
}

TEST_CASE("HostRules decide() is total on mutated frames") {
  steer_cases::check_mutations(HostRules(steer_cases::config()), steer_cases::cases(), 20260901);
}

TEST_CASE("HostRules decide() passes frames of a port that is not configured") {
  const HostRules rules(one_underlay());
  CHECK(rules.decide(1, Bytes(60, 0)) == STEER_PASS);
  CHECK(rules.decide(0, {}) == STEER_PASS);
}

TEST_CASE("HostRules decide() without endpoints takes no tunnel packet") {
  const HostRules rules(one_underlay());
  CHECK(rules.decide(0, vxlan_between(v4(1), v4(2), 4789)) == STEER_PASS);
}

TEST_CASE("HostRules decide() finds each of 100000 endpoints and no other") {
  SteeringConfig config = one_underlay();
  constexpr std::uint32_t kFirst = 0x0a000000;
  constexpr std::uint32_t kCount = 100000;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    config.endpoints.push_back({v4(kFirst + 2 * i), IpProto::kUdp, 4789});
  }
  const HostRules rules(config);
  std::uint32_t wrong = 0;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    const IpAddress peer = v4(0xc0000201);
    if (rules.decide(0, vxlan_between(peer, v4(kFirst + 2 * i), 4789)) != STEER_TUNNEL) ++wrong;
    if (rules.decide(0, vxlan_between(peer, v4(kFirst + 2 * i + 1), 4789)) != STEER_PASS) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("HostRules decide() blocks as a search through all of 100000 prefixes does") {
  SteeringConfig config = one_underlay();
  std::mt19937 random(7);
  std::vector<IpPrefix> prefixes;
  for (int i = 0; i < 100000; ++i) {
    // Long prefixes everywhere and a few short ones that hold many of them.
    const auto length = static_cast<std::uint8_t>(i % 1000 == 0 ? 12 : 22 + random() % 11);
    prefixes.push_back({v4(static_cast<std::uint32_t>(random()) & 0x3fffffff), length});
  }
  config.block = prefixes;
  const HostRules rules(config);
  std::size_t blocked = 0;
  for (int i = 0; i < 500; ++i) {
    // Half of the addresses are just inside or outside an edge of a prefix.
    const IpPrefix& near = prefixes[random() % prefixes.size()];
    IpAddress from = v4(static_cast<std::uint32_t>(random()) & 0x3fffffff);
    if (i % 2 == 0) {
      from = near.address;
      const unsigned bit = (near.length - 1U + (i % 4 == 0 ? 1U : 0U)) % 32;
      from.bytes[bit / 8] ^= static_cast<std::uint8_t>(0x80U >> (bit % 8));
    }
    bool expected = false;
    for (const IpPrefix& prefix : prefixes) expected = expected || prefix.contains(from);
    const steer_verdict verdict = rules.decide(0, vxlan_between(from, v4(1), 4789));
    CHECK((verdict == STEER_BLOCKED) == expected);
    blocked += expected ? 1 : 0;
  }
  CHECK(blocked > 50);
  CHECK(blocked < 450);
}

TEST_CASE("HostRules decide() with an all-embracing prefix blocks its family alone") {
  SteeringConfig config = steer_cases::config();
  config.block = {{IpAddress{}, 0}};
  const HostRules rules(config);
  CHECK(rules.decide(0, vxlan_between(v4(0xffffffff), v4(1), 1)) == STEER_BLOCKED);
  for (const steer_cases::Case& c : steer_cases::cases()) {
    if (c.name == "VXLAN over IPv6") CHECK(rules.decide(c.port, c.frame) == STEER_TUNNEL);
  }
}
