#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "packet/packet_assembly.h"
#include "worker/hold_queue.h"

namespace {

using adit::HoldQueue;
using adit::Outgoing;

/// What was taken out, by its member number.
using Taken = std::vector<std::uint32_t>;

Outgoing numbered(std::uint32_t number) {
  return {.frame = {}, .member_in = number, .member_out = number + 1};
}

template <typename IsDone>
Taken take(HoldQueue& queue, std::uint64_t now_ns, IsDone is_done) {
  Taken taken;
  queue.take_if(now_ns, is_done, [&](const Outgoing& outgoing) {
    CHECK(outgoing.member_out == outgoing.member_in + 1);
    taken.push_back(outgoing.member_in);
  });
  return taken;
}

constexpr auto kAll = [](std::uint32_t, bool) { return true; };

/// Adds frames to one next hop of a tenant until no more is taken; how many were.
std::size_t fill(HoldQueue& queue, std::uint32_t next_hop, std::uint32_t tenant) {
  std::size_t taken = 0;
  while (taken <= HoldQueue::kMost && queue.add(numbered(0), next_hop, tenant, 0)) ++taken;
  return taken;
}

}  // namespace

TEST_CASE("HoldQueue gives back in order of arrival what is done, and keeps the rest in order") {
  const auto queue = std::make_unique<HoldQueue>();
  for (std::uint32_t i = 0; i < 9; ++i) REQUIRE(queue->add(numbered(i), i % 3, 0, 0));
  CHECK(queue->size() == 9);
  CHECK(queue->count_of(2) == 3);
  CHECK(queue->count_of(3) == 0);
  const auto of_hop = [](std::uint32_t wanted) {
    return [wanted](std::uint32_t hop, bool) { return hop == wanted; };
  };
  CHECK(take(*queue, 1, of_hop(1)) == Taken{1, 4, 7});
  CHECK(queue->size() == 6);
  CHECK(queue->count_of(1) == 0);
  CHECK(queue->count_of(2) == 3);
  REQUIRE(queue->add(numbered(9), 0, 0, 0));
  CHECK(take(*queue, 1, of_hop(0)) == Taken{0, 3, 6, 9});
  CHECK(take(*queue, 1, of_hop(5)).empty());
  CHECK(take(*queue, 1, of_hop(2)) == Taken{2, 5, 8});
  CHECK(queue->size() == 0);
}

TEST_CASE("HoldQueue tells what is late, from its deadline on") {
  const auto queue = std::make_unique<HoldQueue>();
  CHECK_FALSE(queue->is_any_late(~std::uint64_t{0}));
  REQUIRE(queue->add(numbered(1), 0, 0, 1000));
  REQUIRE(queue->add(numbered(2), 0, 0, 1001));
  const auto if_late = [](std::uint32_t, bool late) { return late; };
  CHECK_FALSE(queue->is_any_late(999 + HoldQueue::kTimeoutNs));
  CHECK(take(*queue, 999 + HoldQueue::kTimeoutNs, if_late).empty());
  CHECK(queue->is_any_late(1000 + HoldQueue::kTimeoutNs));
  CHECK(take(*queue, 1000 + HoldQueue::kTimeoutNs, if_late) == Taken{1});
  CHECK_FALSE(queue->is_any_late(1000 + HoldQueue::kTimeoutNs));
  CHECK(take(*queue, ~std::uint64_t{0}, if_late) == Taken{2});
}

TEST_CASE("HoldQueue holds so many of one next hop and no more, and leaves room for others") {
  const auto queue = std::make_unique<HoldQueue>();
  CHECK(fill(*queue, 7, 0) == HoldQueue::kMostPerNextHop);
  CHECK(queue->add(numbered(101), 8, 0, 0));
  CHECK(queue->size() == HoldQueue::kMostPerNextHop + 1);
}

TEST_CASE("HoldQueue leaves room for a next hop that nobody waited for, beside many dead ones") {
  const auto queue = std::make_unique<HoldQueue>();
  for (std::uint32_t hop = 0; hop < 6; ++hop) CHECK(fill(*queue, hop, 0) > 0);
  // A tenant never has more than half of all.
  for (std::uint32_t hop = 6; hop < 1000; ++hop) fill(*queue, hop, 0);
  CHECK(queue->size() == HoldQueue::kMost / 2);
  CHECK(fill(*queue, 2000, 1) == HoldQueue::kMostPerNextHop);
  for (std::uint32_t hop = 2001; hop < 3000; ++hop) fill(*queue, hop, 1);
  CHECK(queue->size() == HoldQueue::kMost * 3 / 4);
  for (std::uint32_t tenant = 2; tenant < 6; ++tenant) {
    CHECK(fill(*queue, 3000 + tenant, tenant) > 0);
  }
  // Once some left, the same tenant is taken again.
  CHECK(take(*queue, 0, [](std::uint32_t hop, bool) { return hop == 0; }).size() == 32);
  CHECK(queue->count_of(0) == 0);
  CHECK(take(*queue, 0, kAll).size() > HoldQueue::kMost / 2);
  CHECK(queue->size() == 0);
  CHECK(fill(*queue, 0, 0) == HoldQueue::kMostPerNextHop);
}

TEST_CASE("HoldQueue never holds more than its places, whoever asks") {
  for (const std::size_t places : {0U, 1U, 16U, 256U, 100'000U}) {
    CAPTURE(places);
    const auto queue = std::make_unique<HoldQueue>(places);
    for (std::uint32_t i = 0; i < 10'000; ++i) {
      static_cast<void>(queue->add(numbered(i), i * 512, i * 65536, 0));
    }
    const std::size_t most = std::min(places, HoldQueue::kMost);
    CHECK(queue->size() == most);
    CHECK(take(*queue, 0, kAll).size() == most);
  }
}

TEST_CASE("HoldCounts agrees with a map over random adds and removes") {
  std::mt19937 random(7);
  // Few homes, so that keys stand in each other's way.
  const auto any_key = [&] {
    return (static_cast<std::uint32_t>(random() % 40) << 24) |
           static_cast<std::uint32_t>(random() % 10);
  };
  const auto frames_of = [](std::uint32_t key) { return 1 + key % 3; };
  const auto counts = std::make_unique<adit::HoldCounts>();
  std::map<std::uint32_t, std::size_t> slow;
  std::vector<std::uint32_t> held;
  for (int i = 0; i < 100'000; ++i) {
    const bool is_add = held.empty() || (held.size() < HoldQueue::kMost && random() % 2 == 0);
    if (is_add) {
      held.push_back(any_key());
      counts->add(held.back(), frames_of(held.back()));
      slow[held.back()] += frames_of(held.back());
    } else {
      std::swap(held[random() % held.size()], held.back());
      counts->remove(held.back(), frames_of(held.back()));
      slow[held.back()] -= frames_of(held.back());
      held.pop_back();
    }
    const std::uint32_t asked = any_key();
    REQUIRE(counts->of(asked) == (slow.contains(asked) ? slow[asked] : 0));
  }
}

TEST_CASE("HoldQueue counts a packet of several buffers as so many frames") {
  adit::FramePool pool(64, {.frame_bytes = 2048, .data_offset = 256, .max_buffers = 18});
  const auto chain = [&pool] {
    adit::PacketAssembly assembly(pool);
    adit::Packet packet;
    for (int i = 0; i < 3; ++i) {
      const std::uint64_t address = pool.address_of(pool.take_packet());
      CHECK(assembly.add(address, 1700, i < 2, packet) == (i == 2));
    }
    return Outgoing{.frame = packet, .member_in = 0, .member_out = 1};
  };
  HoldQueue queue(8);
  CHECK(queue.add(chain(), 1, 1, 0));
  CHECK(queue.frames() == 3);
  // 6 of a tenant are more than the 5 that are left. A packet of one frame still has room.
  CHECK_FALSE(queue.add(chain(), 2, 1, 0));
  CHECK(queue.add(numbered(0), 3, 1, 0));
  CHECK(queue.add(chain(), 4, 2, 0));
  CHECK(queue.size() == 3);
  CHECK(queue.frames() == 7);
  CHECK(take(queue, 1, [](std::uint32_t hop, bool) { return hop == 1; }) == Taken{0});
  CHECK(queue.frames() == 4);
  CHECK(take(queue, 1, kAll).size() == 2);
  CHECK(queue.frames() == 0);
  CHECK(queue.count_of(4) == 0);
}

TEST_CASE("HoldQueue keeps what is added while others are taken out") {
  const auto queue = std::make_unique<HoldQueue>();
  for (std::uint32_t i = 0; i < 6; ++i) REQUIRE(queue->add(numbered(i), 1, 0, 0));
  Taken taken;
  queue->take_if(0, kAll, [&](const Outgoing& outgoing) {
    taken.push_back(outgoing.member_in);
    REQUIRE(queue->add(numbered(100 + outgoing.member_in), 2, 0, 0));
    // As a frame that is sent meanwhile lets go of what waits for it.
    static_cast<void>(take(*queue, 0, [](std::uint32_t next_hop, bool) { return next_hop == 3; }));
  });
  CHECK(taken == Taken{0, 1, 2, 3, 4, 5});
  CHECK(queue->count_of(1) == 0);
  CHECK(queue->count_of(2) == 6);
  CHECK(take(*queue, 0, kAll) == Taken{100, 101, 102, 103, 104, 105});
}
