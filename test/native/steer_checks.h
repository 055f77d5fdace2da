#pragma once

#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "steer/host_rules.h"
#include "steer_case.h"

/// What holds of HostRules for any list of steering cases.
namespace steer_cases {

/// Decides on a copy in memory of exactly the frame's size, so that the address sanitizer sees
/// every read past its end.
inline steer_verdict decide_exactly(const adit::HostRules& rules, std::size_t port,
                                    const Bytes& frame, std::size_t bytes) {
  const std::unique_ptr<std::uint8_t[]> copy(new std::uint8_t[bytes]);
  std::memcpy(copy.get(), frame.data(), bytes);
  return rules.decide(port, {copy.get(), bytes});
}

inline void check_verdicts(const adit::HostRules& rules, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(decide_exactly(rules, c.port, c.frame, c.frame.size()) == c.verdict);
  }
}

inline void check_prefixes(const adit::HostRules& rules, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CAPTURE(c.name);
    for (std::size_t bytes = 0; bytes <= c.frame.size(); ++bytes) {
      const steer_verdict verdict = decide_exactly(rules, c.port, c.frame, bytes);
      if (bytes < 14) CHECK(verdict == STEER_PASS);
      // A shorter frame may lose the match, and then be an attachment's; it never gains another.
      if (c.verdict == STEER_PASS) CHECK(verdict != STEER_TUNNEL);
      if (verdict == STEER_BLOCKED) CHECK(c.verdict == STEER_BLOCKED);
    }
  }
}

inline void check_mutations(const adit::HostRules& rules, const std::vector<Case>& cases,
                            std::uint32_t seed) {
  std::mt19937 random(seed);
  std::size_t seen[STEER_VERDICTS] = {};
  for (const Case& c : cases) {
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

}  // namespace steer_cases
