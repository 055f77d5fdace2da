#include "worker/worker_plan.h"

#include <doctest/doctest.h>
#include <sched.h>

#include <algorithm>
#include <thread>

#include "packet/failure.h"

namespace {

using adit::Failure;
using adit::plan_workers;
using adit::PortQueues;
using adit::queues_of;

std::string refusal(const std::vector<PortQueues>& ports, std::uint32_t asked) {
  try {
    static_cast<void>(plan_workers(ports, asked, 8));
  } catch (const Failure& failure) {
    return failure.code() + ": " + failure.what() + "; " + failure.fix();
  }
  return {};
}

}  // namespace

TEST_CASE("there are as many workers as CPUs and the narrowest port allow, RX and TX") {
  const std::vector<PortQueues> ports{{"wide", 8, 8}, {"narrow", 4, 3}};
  CHECK(plan_workers(ports, 0, 8) == 3);
  CHECK(plan_workers(ports, 0, 2) == 2);
  CHECK(plan_workers(ports, 3, 1) == 3);
  CHECK(plan_workers(ports, 1, 8) == 1);
}

TEST_CASE("more workers than queues are refused with the port's own command") {
  CHECK(refusal({{"a", 4, 4}, {"b", 2, 2}}, 3) ==
        "ADIT-2121: 3 workers are more than the 2 queues of b: each worker needs a queue of every "
        "port; set \"workers\" to at most 2, or give the interface more queues: ethtool -L b rx 3 "
        "tx 3");
  CHECK(refusal({{"a", 4, 1}}, 2).find("1 TX queues of a") != std::string::npos);
  CHECK(refusal({{"a", 4, 1}}, 2).find("ethtool -L a tx 2") != std::string::npos);
  CHECK(refusal({{"c", 1, 1, true}}, 2).find("ethtool -L c combined 2") != std::string::npos);
}

TEST_CASE("every claimed queue is one worker's, and each worker's first is its own TX queue") {
  for (const std::uint32_t rx : {3U, 4U, 7U, 16U}) {
    std::vector<std::uint32_t> all;
    for (std::uint32_t worker = 0; worker < 3; ++worker) {
      const auto queues = queues_of(worker, 3, rx);
      REQUIRE_FALSE(queues.empty());
      CHECK(queues.front() == worker);
      all.insert(all.end(), queues.begin(), queues.end());
    }
    std::ranges::sort(all);
    REQUIRE(all.size() == rx);
    for (std::uint32_t i = 0; i < rx; ++i) CHECK(all[i] == i);
  }
}

TEST_CASE("a CPU that the process may not use is refused, and those it may are named") {
  std::thread([] {
    cpu_set_t cpus;
    REQUIRE(sched_getaffinity(0, sizeof cpus, &cpus) == 0);
    std::uint32_t first = 0;
    while (!CPU_ISSET(first, &cpus)) ++first;
    CPU_ZERO(&cpus);
    CPU_SET(first, &cpus);
    REQUIRE(sched_setaffinity(0, sizeof cpus, &cpus) == 0);
    CHECK(adit::usable_cpus() == 1);
    const std::vector<std::uint32_t> own{first};
    CHECK_NOTHROW(adit::require_cpus(own));
    for (const std::uint32_t other : {first + 1, 1024U, 8191U, 4'000'000'000U}) {
      const std::vector<std::uint32_t> two{first, other};
      try {
        adit::require_cpus(two);
        FAIL("CPU " << other << " is taken");
      } catch (const Failure& failure) {
        CHECK(failure.code() == "ADIT-2122");
        CHECK(std::string(failure.what()) == "a worker is to run on CPU " + std::to_string(other) +
                                                 ", which this process may not use: it may use " +
                                                 std::to_string(first));
      }
    }
  }).join();
}
