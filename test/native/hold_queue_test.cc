#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "worker/hold_queue.h"

namespace {

using adit::HoldQueue;
using adit::Outgoing;

/// What was taken out, by its member number, and whether it was late.
using Taken = std::vector<std::pair<std::uint32_t, bool>>;

Outgoing numbered(std::uint32_t number) {
  return {.frame = {}, .member_in = number, .member_out = number + 1};
}

template <typename IsDone>
Taken take(HoldQueue& queue, std::uint64_t now_ns, IsDone is_done) {
  Taken taken;
  queue.take_if(now_ns, is_done, [&](const Outgoing& outgoing, bool late) {
    CHECK(outgoing.member_out == outgoing.member_in + 1);
    taken.emplace_back(outgoing.member_in, late);
  });
  return taken;
}

}  // namespace

TEST_CASE("HoldQueue gives back in order of arrival what is done, and keeps the rest in order") {
  const auto queue = std::make_unique<HoldQueue>();
  for (std::uint32_t i = 0; i < 9; ++i) REQUIRE(queue->add(numbered(i), i % 3, 0));
  CHECK(queue->size() == 9);
  CHECK(queue->count_of(2) == 3);
  CHECK(queue->count_of(3) == 0);
  const auto of_hop = [](std::uint32_t wanted) {
    return [wanted](std::uint32_t hop, bool) { return hop == wanted; };
  };
  CHECK(take(*queue, 1, of_hop(1)) == Taken{{1, false}, {4, false}, {7, false}});
  CHECK(queue->size() == 6);
  CHECK(queue->count_of(1) == 0);
  CHECK(queue->count_of(2) == 3);
  REQUIRE(queue->add(numbered(9), 0, 0));
  CHECK(take(*queue, 1, of_hop(0)) == Taken{{0, false}, {3, false}, {6, false}, {9, false}});
  CHECK(take(*queue, 1, of_hop(5)).empty());
  CHECK(take(*queue, 1, of_hop(2)) == Taken{{2, false}, {5, false}, {8, false}});
  CHECK(queue->size() == 0);
}

TEST_CASE("HoldQueue tells what is late, from its deadline on") {
  const auto queue = std::make_unique<HoldQueue>();
  REQUIRE(queue->add(numbered(1), 0, 1000));
  REQUIRE(queue->add(numbered(2), 0, 1001));
  const auto if_late = [](std::uint32_t, bool late) { return late; };
  CHECK(take(*queue, 999 + HoldQueue::kTimeoutNs, if_late).empty());
  CHECK(take(*queue, 1000 + HoldQueue::kTimeoutNs, if_late) == Taken{{1, true}});
  CHECK(take(*queue, ~std::uint64_t{0}, if_late) == Taken{{2, true}});
}

TEST_CASE("HoldQueue holds so many of one next hop and no more, and leaves room for others") {
  const auto queue = std::make_unique<HoldQueue>();
  for (std::uint32_t i = 0; i < HoldQueue::kMostPerNextHop; ++i) {
    REQUIRE(queue->add(numbered(i), 7, 0));
  }
  CHECK_FALSE(queue->add(numbered(100), 7, 0));
  CHECK(queue->add(numbered(101), 8, 0));
  CHECK(queue->size() == HoldQueue::kMostPerNextHop + 1);
}

TEST_CASE("HoldQueue is full at its limit and takes again when something left") {
  const auto queue = std::make_unique<HoldQueue>();
  for (std::uint32_t i = 0; i < HoldQueue::kMost; ++i) REQUIRE(queue->add(numbered(i), i, 0));
  CHECK_FALSE(queue->add(numbered(999), 999, 0));
  CHECK(take(*queue, 0, [](std::uint32_t hop, bool) { return hop == 128; }).size() == 1);
  CHECK(queue->add(numbered(999), 999, 0));
  CHECK_FALSE(queue->add(numbered(1000), 1000, 0));
  CHECK(take(*queue, 0, [](std::uint32_t, bool) { return true; }).size() == HoldQueue::kMost);
}
