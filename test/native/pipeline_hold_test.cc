#include <doctest/doctest.h>

#include "pipeline_lab.h"
#include "scapy_packets.h"

using namespace pipeline_lab;
using adit::HoldQueue;
using adit::NextHop;
using bytes::from_hex;

namespace {

NextHop resolving() {
  NextHop hop = up();
  hop.status = NextHop::Status::kResolving;
  return hop;
}

/// `count` frames from the LAN of the VXLAN tunnel, each with its number in its payload.
std::vector<Bytes> numbered(std::size_t count) {
  std::vector<Bytes> frames(count, from_hex(scapy::kVlan100));
  for (std::size_t i = 0; i < count; ++i) frames[i].back() = static_cast<std::uint8_t>(i);
  return frames;
}

void release(Lab& lab, std::uint64_t now_ns) {
  lab.pipeline.release_held(lab.table, now_ns);
  lab.pipeline.flush(lab.table);
  lab.check_accounting();
}

}  // namespace

TEST_CASE("Pipeline holds frames while the neighbor is asked for, then sends them in order") {
  Lab lab;
  lab.hops.set(hop_of(kVxlan4), resolving());
  lab.receive(kAccess, numbered(20));
  CHECK(lab.underlay.sent.empty());
  CHECK(lab.drops().empty());
  CHECK(lab.pipeline.frames_in_hand() == 20);
  release(lab, 1'000'000'000);
  CHECK(lab.pipeline.frames_in_hand() == 20);

  lab.hops.set(hop_of(kVxlan4), up());
  release(lab, 2'000'000'000);
  CHECK(lab.pipeline.frames_in_hand() == 0);
  REQUIRE(lab.underlay.sent.size() == 20);
  for (std::size_t i = 0; i < 20; ++i) CHECK(lab.underlay.sent[i].back() == i);
  CHECK(bytes::to_hex(bytes::head(lab.underlay.sent[0], 115)) ==
        std::string(scapy::kSentVxlan4).substr(0, 230));
  CHECK(lab.counters.members[kVxlan4].tx_packets.get() == 20);
  CHECK(lab.counters.members[kVxlan4].tx_bytes.get() == 20 * 66);
}

TEST_CASE("Pipeline sends what comes after the answer behind what was held") {
  Lab lab;
  lab.hops.set(hop_of(kVxlan4), resolving());
  std::vector<Bytes> frames = numbered(6);
  lab.receive(kAccess, {frames.begin(), frames.begin() + 3});
  lab.hops.set(hop_of(kVxlan4), up());
  lab.receive(kAccess, {frames.begin() + 3, frames.end()});
  release(lab, 1);
  REQUIRE(lab.underlay.sent.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) CHECK(lab.underlay.sent[i].back() == i);
}

TEST_CASE("Pipeline drops what waited too long as no_neighbor, not a nanosecond before") {
  Lab lab;
  lab.hops.set(hop_of(kVxlan4), resolving());
  lab.receive(kAccess, numbered(2), 1000);
  lab.receive(kAccess, numbered(1), 5000);
  release(lab, 999 + HoldQueue::kTimeoutNs);
  CHECK(lab.drops().empty());
  release(lab, 1000 + HoldQueue::kTimeoutNs);
  CHECK(lab.drops() == Drops{{"no_neighbor", 2}});
  CHECK(lab.tenant_drops(0) == Drops{{"no_neighbor", 2}});
  CHECK(lab.pipeline.frames_in_hand() == 1);
  release(lab, 5000 + HoldQueue::kTimeoutNs);
  CHECK(lab.drops() == Drops{{"no_neighbor", 3}});
  CHECK(lab.pipeline.frames_in_hand() == 0);
}

TEST_CASE("Pipeline sends what waited too long when the answer came in the end") {
  Lab lab;
  lab.hops.set(hop_of(kVxlan4), resolving());
  lab.receive(kAccess, numbered(2), 1000);
  lab.hops.set(hop_of(kVxlan4), up());
  release(lab, 1000 + HoldQueue::kTimeoutNs);
  CHECK(lab.drops().empty());
  REQUIRE(lab.underlay.sent.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) CHECK(lab.underlay.sent[i].back() == i);
}

TEST_CASE("Pipeline drops held frames under what became of their next hop") {
  for (const auto& [status, word] : {std::pair(NextHop::Status::kNoRoute, "no_route"),
                                     std::pair(NextHop::Status::kFailed, "no_neighbor"),
                                     std::pair(NextHop::Status::kPortDown, "port_down")}) {
    Lab lab;
    lab.hops.set(hop_of(kVxlan4), resolving());
    lab.receive(kAccess, numbered(3));
    NextHop hop = up();
    hop.status = status;
    lab.hops.set(hop_of(kVxlan4), hop);
    release(lab, 1);
    CHECK(lab.drops() == Drops{{word, 3}});
    CHECK(lab.pipeline.frames_in_hand() == 0);
  }
}

TEST_CASE("Pipeline checks held frames against the MTU that the answer brought") {
  Lab lab;
  lab.hops.set(hop_of(kVxlan4), resolving());
  lab.receive(kAccess, scapy::kVlan100);
  NextHop hop = up();
  hop.mtu = 101;
  lab.hops.set(hop_of(kVxlan4), hop);
  release(lab, 1);
  CHECK(lab.drops() == Drops{{"too_big", 1}});
}

TEST_CASE("Pipeline holds so many of one next hop and drops more at once, others undisturbed") {
  Lab lab;
  lab.hops.set(hop_of(kVxlan4), resolving());
  lab.hops.set(hop_of(kGre4), resolving());
  lab.receive(kAccess, numbered(100));
  CHECK(lab.pipeline.frames_in_hand() == HoldQueue::kMostPerNextHop);
  CHECK(lab.drops() == Drops{{"no_neighbor", 100 - HoldQueue::kMostPerNextHop}});
  lab.receive(kAccess, scapy::kInnerVlan);
  CHECK(lab.pipeline.frames_in_hand() == HoldQueue::kMostPerNextHop + 1);
  // A tunnel whose neighbor is known passes by.
  lab.receive(kAccess, scapy::kInnerUdp4);
  CHECK(lab.underlay.last() == scapy::kSentGre4);
  lab.hops.set(hop_of(kGre4), up());
  release(lab, 1);
  CHECK(lab.underlay.last() == scapy::kSentGre4Keyed);
  CHECK(lab.pipeline.frames_in_hand() == HoldQueue::kMostPerNextHop);
}

TEST_CASE("Pipeline holds for one tenant what dead next hops of another leave it") {
  Lab lab;
  for (const std::uint32_t tunnel : {kVxlan4, kGre4, kVxlan6, kGre4Plain, kClear4, kGre6}) {
    lab.hops.set(hop_of(tunnel), resolving());
  }
  // Tunnels of the first tenant, far more frames than there are places.
  for (const char* vlan : {"0064", "0009", "012c", "02bc"}) {
    lab.receive(kAccess, std::vector<Bytes>(100, bytes::with(from_hex(scapy::kVlan100), 14, vlan)));
  }
  const std::size_t of_first = lab.pipeline.frames_in_hand();
  CHECK(of_first > HoldQueue::kMostPerNextHop);
  CHECK(of_first <= lab.pool.total() / 8);
  lab.receive(kAccess, std::vector<Bytes>(10, bytes::with(from_hex(scapy::kVlan100), 14, "01f4")));
  CHECK(lab.pipeline.frames_in_hand() == of_first + 10);
  CHECK(lab.tenant_drops(1).empty());
}

TEST_CASE("Pipeline drops all held frames at the end, and their frames come back") {
  Lab lab;
  lab.hops.set(hop_of(kVxlan4), resolving());
  lab.hops.set(hop_of(kGre6), resolving());
  lab.receive(kAccess, numbered(5));
  lab.receive(kAccess, {bytes::with(from_hex(scapy::kVlan100), 14, "01f4")});
  lab.pipeline.drop_held(lab.table);
  lab.check_accounting();
  CHECK(lab.drops() == Drops{{"no_neighbor", 6}});
  CHECK(lab.tenant_drops(0) == Drops{{"no_neighbor", 5}});
  CHECK(lab.tenant_drops(1) == Drops{{"no_neighbor", 1}});
  CHECK(lab.pool.free() == lab.pool.total());
}

TEST_CASE("Pipeline sends held frames as far as the ring takes them") {
  Lab lab;
  lab.hops.set(hop_of(kVxlan4), resolving());
  lab.receive(kAccess, numbered(10));
  lab.hops.set(hop_of(kVxlan4), up());
  lab.underlay.room = 4;
  release(lab, 1);
  CHECK(lab.underlay.sent.size() == 4);
  CHECK(lab.drops() == Drops{{"tx_full", 6}});
}

TEST_CASE("Pipeline holds a frame at most once: one unresolved again is dropped or waits on") {
  Lab lab;
  lab.hops.set(hop_of(kVxlan4), resolving());
  lab.receive(kAccess, numbered(3));
  for (int round = 0; round < 5; ++round) release(lab, 10);
  CHECK(lab.pipeline.frames_in_hand() == 3);
  release(lab, HoldQueue::kTimeoutNs);
  CHECK(lab.pipeline.frames_in_hand() == 0);
  CHECK(lab.drops() == Drops{{"no_neighbor", 3}});
}
