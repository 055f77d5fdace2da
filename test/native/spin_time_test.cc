#include "worker/spin_time.h"

#include <doctest/doctest.h>

namespace {

using adit::SpinTime;
using Next = SpinTime::Next;

constexpr std::uint64_t kRoundNs = 500;
constexpr std::uint64_t kStartNs = 5'000'000'000;

/// Goes round without work from `now_ns` on; returns how long it took to the first sleep.
std::uint64_t spun_ns(SpinTime& spin, std::uint64_t now_ns) {
  const std::uint64_t began_ns = now_ns;
  while (spin.after(now_ns, 0) == Next::kYieldAndLook) now_ns += kRoundNs;
  return now_ns - began_ns;
}

/// Work every `gap_ns`, with rounds without work, or sleep, between; returns when it was last.
std::uint64_t work_every(SpinTime& spin, std::uint64_t gap_ns, std::uint64_t now_ns) {
  constexpr int kTimes = 100;
  for (int i = 1; i < kTimes; ++i) {
    CHECK(spin.after(now_ns, 1) == Next::kLook);
    const std::uint64_t next_ns = now_ns + gap_ns;
    while ((now_ns += kRoundNs) < next_ns) {
      if (spin.after(now_ns, 0) == Next::kSleep) break;
    }
    now_ns = next_ns;
  }
  CHECK(spin.after(now_ns, 1) == Next::kLook);
  return now_ns;
}

}  // namespace

TEST_CASE("SpinTime sleeps at once when there never was work") {
  SpinTime spin;
  CHECK(spin.after(kStartNs, 0) == Next::kSleep);
  CHECK(spin.after(kStartNs + 100'000'000, 0) == Next::kSleep);
}

TEST_CASE("SpinTime looks on for a short time after work that comes seldom") {
  SpinTime spin;
  for (std::uint64_t gap_ns : {1'000'000U, 100'000'000U, 2'000'000'000U}) {
    const std::uint64_t last_ns = work_every(spin, gap_ns, kStartNs);
    const std::uint64_t spun = spun_ns(spin, last_ns + kRoundNs);
    CHECK(spun > SpinTime::kLeastNs - 2 * kRoundNs);
    CHECK(spun <= SpinTime::kLeastNs + kRoundNs);
  }
}

TEST_CASE(
    "SpinTime waits out longer gaps on a CPU of the worker's own, and not those of seldom work") {
  SpinTime spin(true);
  std::uint64_t last_ns = work_every(spin, 1'500'000, kStartNs);
  const std::uint64_t spun = spun_ns(spin, last_ns + kRoundNs);
  CHECK(spun > 3'900'000);
  CHECK(spun <= SpinTime::kMostOnOwnCpuNs + kRoundNs);
  last_ns = work_every(spin, 100'000'000, last_ns + 1'000'000'000);
  CHECK(spun_ns(spin, last_ns + kRoundNs) <= SpinTime::kLeastNs + kRoundNs);
  last_ns = work_every(spin, 2'500'000, last_ns + 1'000'000'000);
  CHECK(spun_ns(spin, last_ns + kRoundNs) <= SpinTime::kLeastNs + kRoundNs);
}

TEST_CASE("SpinTime waits for a sender that was held up on a CPU of the worker's own") {
  SpinTime spin(true);
  const std::uint64_t last_ns = work_every(spin, 200'000, kStartNs);
  const std::uint64_t spun = spun_ns(spin, last_ns + kRoundNs);
  CHECK(spun > 700'000);
  CHECK(spun <= 800'000 + kRoundNs);
}

TEST_CASE("SpinTime believes one short gap after a pause on a CPU of the worker's own") {
  SpinTime spin(true);
  std::uint64_t now_ns = kStartNs;
  for (int pause = 0; pause < 3; ++pause) {
    CHECK(spin.after(now_ns, 1) == Next::kLook);
    CHECK(spun_ns(spin, now_ns + kRoundNs) <= SpinTime::kLeastNs + kRoundNs);
    CHECK(spin.after(now_ns += 500'000, 1) == Next::kLook);
    const std::uint64_t spun = spun_ns(spin, now_ns + kRoundNs);
    CHECK(spun > 1'900'000);
    CHECK(spun <= 2'000'000 + kRoundNs);
    now_ns += 3'000'000'000;
  }
}

TEST_CASE("SpinTime takes one short gap after a pause for chance where the CPU is others' too") {
  SpinTime spin;
  CHECK(spin.after(kStartNs, 1) == Next::kLook);
  CHECK(spin.after(kStartNs + 50'000, 1) == Next::kLook);
  CHECK(spun_ns(spin, kStartNs + 50'000 + kRoundNs) <= SpinTime::kLeastNs + kRoundNs);
}

TEST_CASE(
    "SpinTime keeps looking on a CPU of the worker's own that somebody else had for a moment") {
  SpinTime spin(true);
  std::uint64_t now_ns = work_every(spin, 1'000'000, kStartNs);
  CHECK(spin.after(now_ns += kRoundNs, 0) == Next::kYieldAndLook);
  CHECK(spin.after(now_ns += SpinTime::kTakenNs + 1, 0) == Next::kYieldAndLook);
}

TEST_CASE("SpinTime waits out the gaps of work that comes often, and twice their length") {
  SpinTime spin;
  const std::uint64_t last_ns = work_every(spin, 60'000, kStartNs);
  const std::uint64_t spun = spun_ns(spin, last_ns + kRoundNs);
  CHECK(spun > 100'000);
  CHECK(spun <= 120'000 + kRoundNs);
}

TEST_CASE("SpinTime never waits longer than its most, and forgets a pause soon") {
  SpinTime spin;
  std::uint64_t last_ns = work_every(spin, 95'000, kStartNs);
  const std::uint64_t spun = spun_ns(spin, last_ns + kRoundNs);
  CHECK(spun > 150'000);
  CHECK(spun <= SpinTime::kMostNs);
  last_ns = work_every(spin, 50'000, last_ns + 3'000'000'000);
  CHECK(spun_ns(spin, last_ns + kRoundNs) > 80'000);
}

TEST_CASE("SpinTime yields no more where the CPU was somebody else's, and looks on for a moment") {
  SpinTime spin;
  std::uint64_t now_ns = work_every(spin, 50'000, kStartNs);
  CHECK(spin.after(now_ns += kRoundNs, 0) == Next::kYieldAndLook);
  CHECK(spin.after(now_ns += SpinTime::kTakenNs + 1, 0) == Next::kSleep);
  now_ns = work_every(spin, 50'000, now_ns);
  CHECK(spin.after(now_ns + kRoundNs, 0) == Next::kLook);
  CHECK(spin.after(now_ns + SpinTime::kMomentNs, 0) == Next::kLook);
  CHECK(spin.after(now_ns + SpinTime::kMomentNs + kRoundNs, 0) == Next::kSleep);
  now_ns = work_every(spin, 50'000, now_ns + SpinTime::kSharedNs + 1);
  CHECK(spun_ns(spin, now_ns + kRoundNs) > 80'000);
}

TEST_CASE("SpinTime takes the CPU for shared too when packets came while somebody else had it") {
  SpinTime spin;
  std::uint64_t now_ns = work_every(spin, 50'000, kStartNs);
  CHECK(spin.after(now_ns += kRoundNs, 0) == Next::kYieldAndLook);
  CHECK(spin.after(now_ns += 3'000'000, 1) == Next::kLook);
  CHECK(spin.after(now_ns += kRoundNs, 0) == Next::kLook);
}

TEST_CASE("SpinTime takes a long sleep, or a long burst, for no sign of a shared CPU") {
  SpinTime spin;
  std::uint64_t now_ns = work_every(spin, 50'000, kStartNs);
  now_ns += spun_ns(spin, now_ns + kRoundNs) + kRoundNs;
  CHECK(spin.after(now_ns += 100'000'000, 1) == Next::kLook);
  CHECK(spin.after(now_ns += 10 * SpinTime::kTakenNs, 1) == Next::kLook);
  now_ns = work_every(spin, 50'000, now_ns);
  CHECK(spun_ns(spin, now_ns + kRoundNs) > 80'000);
}

TEST_CASE("SpinTime sleeps soon after many packets that came together, on its own CPU too") {
  SpinTime spin(true);
  const std::uint64_t last_ns = work_every(spin, 200'000, kStartNs);
  CHECK(spin.after(last_ns + 100'000, SpinTime::kManyTogether - 1) == Next::kLook);
  CHECK(spin.after(last_ns + 105'000, 1) == Next::kLook);
  CHECK(spun_ns(spin, last_ns + 105'000 + kRoundNs) <= SpinTime::kMomentNs + kRoundNs);
  // Fewer are waited for again.
  CHECK(spin.after(last_ns + 300'000, SpinTime::kManyTogether - 1) == Next::kLook);
  CHECK(spun_ns(spin, last_ns + 300'000 + kRoundNs) > 500'000);
}
