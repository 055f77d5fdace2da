#include "steer_claims.h"

#include <doctest/doctest.h>

#include <cstring>
#include <memory>

#include "steer/host_rules.h"

namespace {

using adit::HostRules;
using adit::SteeringConfig;
using namespace steer_claims;

/// Decides on a copy of exactly this size, so that the address sanitizer sees every read past it.
steer_verdict decide_exactly(const HostRules& rules, const Bytes& frame, std::size_t bytes) {
  const std::unique_ptr<std::uint8_t[]> copy(new std::uint8_t[bytes]);
  std::memcpy(copy.get(), frame.data(), bytes);
  return rules.decide(0, {copy.get(), bytes});
}

}  // namespace

TEST_CASE("HostRules decide() takes every prefix of every stack of tags for what it is") {
  Maker maker(802);
  SteeringConfig config = steer_cases::config();
  std::size_t wrong = 0;
  std::size_t seen[STEER_VERDICTS] = {};
  for (int round = 0; round < 200; ++round) {
    config.ports[0] = maker.port(0);
    const HostRules rules(config);
    for (int i = 0; i < 60; ++i) {
      const Stack stack = maker.stack(0);
      for (std::size_t bytes = 0; bytes <= stack.frame.size(); ++bytes) {
        const steer_verdict verdict = decide_exactly(rules, stack.frame, bytes);
        if (verdict != expected(config.ports[0], stack, bytes)) ++wrong;
        ++seen[verdict];
      }
    }
  }
  CHECK(wrong == 0);
  for (const std::size_t count : seen) CHECK(count > 1000);
}

TEST_CASE("HostRules decide() finds each of 100000 pairs of tags and no other") {
  SteeringConfig config = steer_cases::config();
  config.ports[0].doubles = many_doubles(100000);
  const HostRules rules(config);
  std::uint32_t wrong = 0;
  for (SteeringConfig::DoubleTag tags : config.ports[0].doubles) {
    if (rules.decide(0, frame_of(tags)) != STEER_ATTACHMENT) ++wrong;
    ++tags.inner;
    if (rules.decide(0, frame_of(tags)) != STEER_PASS) ++wrong;
  }
  CHECK(wrong == 0);
}
