#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "table/next_hop.h"

namespace {

using adit::MacAddress;
using adit::NextHop;
using adit::NextHopTable;

/// A record all of whose parts tell its number.
NextHop numbered(std::uint16_t number) {
  const auto high = static_cast<std::uint8_t>(number >> 8);
  const auto low = static_cast<std::uint8_t>(number);
  const MacAddress mac{{high, low, high, low, high, low}};
  return {.status = static_cast<NextHop::Status>(number % 5),
          .port = number,
          .destination = mac,
          .source = mac,
          .mtu = number};
}

bool is_same(const NextHop& a, const NextHop& b) {
  return a.status == b.status && a.port == b.port && a.destination == b.destination &&
         a.source == b.source && a.mtu == b.mtu;
}

}  // namespace

TEST_CASE("NextHopTable gives back what was set, and no route before") {
  NextHopTable table(3);
  CHECK(table.size() == 3);
  CHECK(table.get(1).status == NextHop::Status::kNoRoute);
  for (const auto status :
       {NextHop::Status::kNoRoute, NextHop::Status::kResolving, NextHop::Status::kFailed,
        NextHop::Status::kPortDown, NextHop::Status::kUp}) {
    const NextHop hop{.status = status,
                      .port = 0xfffe,
                      .destination = {{1, 2, 3, 4, 5, 6}},
                      .source = {{0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa}},
                      .mtu = 0xffff};
    table.set(1, hop);
    CHECK(is_same(table.get(1), hop));
  }
  CHECK(is_same(table.get(0), {}));
  CHECK(is_same(table.get(2), {}));
}

TEST_CASE("NextHopTable generation() grows with every change") {
  NextHopTable table(2);
  const std::uint64_t before = table.generation();
  table.set(0, {});
  table.set(1, {});
  CHECK(table.generation() == before + 2);
}

TEST_CASE("NextHopTable never shows half of a change to another thread") {
  constexpr std::uint16_t kLast = 60000;
  NextHopTable table(2);
  table.set(0, numbered(0));
  table.set(1, numbered(0));
  std::atomic<std::uint64_t> torn{0};
  std::atomic<std::uint64_t> backwards{0};
  std::atomic<bool> is_reading{false};
  std::thread reader([&] {
    std::uint16_t latest[2] = {};
    is_reading = true;
    while (latest[0] != kLast || latest[1] != kLast) {
      for (const std::uint32_t index : {0U, 1U}) {
        const NextHop hop = table.get(index);
        torn += is_same(hop, numbered(hop.mtu)) ? 0 : 1;
        backwards += hop.mtu < latest[index] ? 1 : 0;
        latest[index] = hop.mtu;
      }
    }
  });
  while (!is_reading) std::this_thread::yield();
  for (std::uint16_t number = 1; number <= kLast; ++number) {
    table.set(0, numbered(number));
    table.set(1, numbered(number));
  }
  reader.join();
  CHECK(torn == 0);
  CHECK(backwards == 0);
}
