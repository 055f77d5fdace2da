#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <random>

#include "steer/host_rules.h"
#include "steer_error_cases.h"

namespace {

using adit::HostRules;
using steer_cases::Bytes;

/// Decides on a copy in memory of exactly the frame's size, so that the address sanitizer sees
/// every read past its end.
steer_verdict decide_exactly(const HostRules& rules, std::size_t port, const Bytes& frame,
                             std::size_t bytes) {
  const std::unique_ptr<std::uint8_t[]> copy(new std::uint8_t[bytes]);
  std::memcpy(copy.get(), frame.data(), bytes);
  return rules.decide(port, {copy.get(), bytes});
}

}  // namespace

TEST_CASE("HostRules decide() takes ICMP errors about our packets, and no other ICMP") {
  const HostRules rules(steer_cases::config());
  for (const steer_cases::Case& c : steer_cases::error_cases()) {
    CAPTURE(c.name);
    CHECK(decide_exactly(rules, c.port, c.frame, c.frame.size()) == c.verdict);
  }
}

TEST_CASE("HostRules decide() reads no byte behind any prefix of an ICMP error") {
  const HostRules rules(steer_cases::config());
  for (const steer_cases::Case& c : steer_cases::error_cases()) {
    CAPTURE(c.name);
    for (std::size_t bytes = 14; bytes <= c.frame.size(); ++bytes) {
      const steer_verdict verdict = decide_exactly(rules, c.port, c.frame, bytes);
      if (c.verdict == STEER_PASS) CHECK(verdict != STEER_TUNNEL);
      if (verdict == STEER_BLOCKED) CHECK(c.verdict == STEER_BLOCKED);
    }
  }
}

TEST_CASE("HostRules decide() is total on mutated ICMP errors") {
  const HostRules rules(steer_cases::config());
  std::mt19937 random(20261122);
  std::size_t seen[STEER_VERDICTS] = {};
  for (const steer_cases::Case& c : steer_cases::error_cases()) {
    for (int round = 0; round < 300; ++round) {
      Bytes frame = c.frame;
      for (auto flips = random() % 4 + 1; flips > 0; --flips) {
        frame[random() % frame.size()] = static_cast<std::uint8_t>(random());
      }
      const std::size_t bytes = random() % 4 == 0 ? random() % (frame.size() + 1) : frame.size();
      const steer_verdict verdict = decide_exactly(rules, c.port, frame, bytes);
      REQUIRE(verdict < STEER_VERDICTS);
      ++seen[verdict];
    }
  }
  for (const std::size_t count : seen) CHECK(count > 0);
}
