#include "table/icmp_limits.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

namespace {

using adit::IcmpLimits;

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kStart = 1'700'000'000 * kSecond + 123;

int taken(IcmpLimits& limits, std::uint32_t tenant, std::uint32_t per_second, std::uint64_t now_ns,
          int times) {
  int count = 0;
  for (int i = 0; i < times; ++i) count += limits.take(tenant, per_second, now_ns) ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("ICMP limits: a second's worth, and again a second later") {
  IcmpLimits limits(1);
  CHECK(taken(limits, 0, 100, kStart, 1000) == 100);
  CHECK(taken(limits, 0, 100, kStart + kSecond - 2'000'000, 1000) == 0);
  CHECK(taken(limits, 0, 100, kStart + kSecond, 1000) == 100);
  CHECK(taken(limits, 0, 100, kStart + 9 * kSecond, 1000) == 100);
}

TEST_CASE("ICMP limits: 0 is none, and a clock may start at 0") {
  IcmpLimits limits(2);
  CHECK(taken(limits, 0, 0, kStart, 10) == 0);
  CHECK(taken(limits, 1, 3, 0, 10) == 3);
  CHECK(taken(limits, 1, 3, kSecond, 10) == 3);
}

TEST_CASE("ICMP limits: a worker that read the clock before others fills no bucket anew") {
  IcmpLimits limits(1);
  constexpr std::uint64_t kLate = 5'000'000;
  CHECK(taken(limits, 0, 100, kStart, 100) == 100);
  CHECK(taken(limits, 0, 100, kStart - kLate, 1000) == 0);
  CHECK(taken(limits, 0, 100, kStart + kSecond, 60) == 60);
  CHECK(taken(limits, 0, 100, kStart + kSecond - kLate, 1000) == 40);
  CHECK(taken(limits, 0, 100, kStart + kSecond, 1000) == 0);
}

TEST_CASE("ICMP limits: tenants are apart, and all together have a limit") {
  IcmpLimits limits(3);
  CHECK(taken(limits, 0, 5, kStart, 10) == 5);
  CHECK(taken(limits, 1, 1'000'000, kStart, 2000) ==
        static_cast<int>(IcmpLimits::kMostPerSecond) - 5);
  CHECK(taken(limits, 2, 5, kStart, 10) == 0);
  CHECK(taken(limits, 2, 5, kStart + kSecond, 10) == 5);
}

TEST_CASE("ICMP limits: threads that take at once take no token twice") {
  IcmpLimits limits(1);
  std::atomic<int> count{0};
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { count += taken(limits, 0, 500, kStart, 1000); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(count == 500);
}
