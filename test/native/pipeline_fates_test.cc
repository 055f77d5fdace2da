#include <doctest/doctest.h>

#include <random>

#include "pipeline_lab.h"
#include "scapy_packets.h"

using namespace pipeline_lab;
using bytes::from_hex;

namespace {

struct Fate {
  const char* name;
  Bytes frame;
};

/// Frames of every fate that a tunnel packet can have.
std::vector<Fate> underlay_fates() {
  const Bytes vxlan4 = from_hex(scapy::kVxlan4);
  return {{"sent", vxlan4},
          {"sent", from_hex(scapy::kGre4Keyed)},
          {"sent", from_hex(scapy::kVxlan6)},
          {"truncated", bytes::head(vxlan4, 40)},
          {"bad_outer_header", bytes::head(vxlan4, 100)},
          {"bad_outer_checksum", bytes::with(vxlan4, 24, "dead")},
          {"udp_length", bytes::with(vxlan4, 38, "0003")},
          {"vxlan_flags", bytes::with(vxlan4, 42, "00")},
          {"unknown_vni", bytes::with(vxlan4, 46, "ffffff")},
          {"unknown_tunnel", bytes::with(vxlan4, 36, "0035")},
          {"outer_fragment", from_hex(scapy::kFragmentFirst6)},
          {"outer_options", from_hex(scapy::kOptions4)},
          {"unknown_key", from_hex(scapy::kGre6)},
          {"zero_checksum", from_hex(scapy::kVxlan6Unsummed)},
          {"gre_protocol", bytes::with(from_hex(scapy::kGre4), 36, "0800")},
          {"inner_tag", bytes::with(vxlan4, 62, "8100")},
          {"truncated", {}}};
}

}  // namespace

TEST_CASE("Pipeline gives each frame of mixed bursts its own fate, and loses none") {
  const std::vector<Fate> fates = underlay_fates();
  std::mt19937 random(64);
  Lab lab;
  Drops expected;
  std::size_t sent = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<Bytes> burst;
    const std::size_t size = random() % 65;
    for (std::size_t i = 0; i < size; ++i) {
      const Fate& fate = fates[random() % fates.size()];
      burst.push_back(fate.frame);
      if (std::string_view(fate.name) == "sent") {
        ++sent;
      } else {
        ++expected[fate.name];
      }
    }
    lab.receive(kUnderlay, burst);
    if (round % 4 == 0) lab.access.complete();
    CHECK(lab.access.sent.size() == sent);
    CHECK(lab.drops() == expected);
  }
  CHECK(expected.size() == 13);
  lab.access.complete();
  CHECK(lab.pool.free() == lab.pool.total());
}

TEST_CASE("Pipeline keeps the order of what it sends, across drops and bursts") {
  Lab lab;
  std::vector<Bytes> frames;
  for (int i = 0; i < 200; ++i) {
    Bytes frame = from_hex(scapy::kVxlan4);
    frame[100] = static_cast<std::uint8_t>(i);
    if (i % 3 == 0) frame[42] = 0;
    frames.push_back(frame);
  }
  lab.receive(kUnderlay, frames);
  std::size_t at = 0;
  for (int i = 0; i < 200; ++i) {
    if (i % 3 == 0) continue;
    REQUIRE(at < lab.access.sent.size());
    CHECK(lab.access.sent[at++][100 - 50 + 4] == i);
  }
}

TEST_CASE("Pipeline drops what the ring does not take as tx_full, and sends the rest in order") {
  Lab lab;
  lab.access.room = 10;
  std::vector<Bytes> frames(64, from_hex(scapy::kVxlan4));
  for (std::size_t i = 0; i < frames.size(); ++i) frames[i][100] = static_cast<std::uint8_t>(i);
  lab.receive(kUnderlay, frames);
  REQUIRE(lab.access.sent.size() == 10);
  CHECK(lab.access.sent[9][54] == 9);
  CHECK(lab.drops() == Drops{{"tx_full", 54}});
  CHECK(lab.tenant_drops(0) == Drops{{"tx_full", 54}});
  CHECK(lab.tenant_drops(1).empty());
  CHECK(lab.counters.members[kVxlan4].rx_packets.get() == 64);
  CHECK(lab.counters.members[kLan].tx_packets.get() == 10);
  CHECK(lab.counters.members[kLan].tx_bytes.get() == 10 * 66);
  lab.access.room = 1;
  lab.receive(kUnderlay, scapy::kVxlan4);
  CHECK(lab.access.sent.size() == 11);
}

TEST_CASE("Pipeline drops for a port that is down, and tells it from a full ring") {
  Lab lab;
  lab.status[kAccess].up = false;
  lab.receive(kUnderlay, scapy::kVxlan4);
  CHECK(lab.drops() == Drops{{"port_down", 1}});
  lab.status[kAccess].up = true;
  adit::NextHop hop = up();
  hop.status = adit::NextHop::Status::kPortDown;
  lab.hops.set(hop_of(kVxlan4), hop);
  lab.receive(kAccess, scapy::kVlan100);
  CHECK(lab.drops() == Drops{{"port_down", 2}});
  // The port went down after the next hop was read: its ring takes nothing more.
  lab.hops.set(hop_of(kVxlan4), up());
  lab.status[kUnderlay].up = false;
  lab.underlay.room = 0;
  lab.receive(kAccess, scapy::kVlan100);
  CHECK(lab.drops() == Drops{{"port_down", 3}});
  CHECK(lab.underlay.sent.empty());
}

TEST_CASE("Pipeline takes a port that is not there as down") {
  Lab lab;
  adit::Pipeline pipeline({lab.pool, {nullptr, nullptr}, {0, 0}, lab.counters, lab.shared});
  for (const auto& [port, hex] :
       {std::pair(kAccess, scapy::kVlan100), std::pair(kUnderlay, scapy::kVxlan4)}) {
    const Bytes frame = from_hex(hex);
    const adit::Packet empty = lab.pool.take_packet();
    std::memcpy(empty.data(), frame.data(), frame.size());
    const adit::Packet packet =
        lab.pool.packet_at(lab.pool.address_of(empty), static_cast<std::uint32_t>(frame.size()));
    pipeline.process(lab.table, port, {&packet, 1}, 0);
    pipeline.flush(lab.table);
  }
  CHECK(lab.drops() == Drops{{"port_down", 2}});
  CHECK(lab.pool.free() == lab.pool.total());
}

TEST_CASE("Pipeline drops by the next hop's status") {
  for (const auto& [status, word] : {std::pair(adit::NextHop::Status::kNoRoute, "no_route"),
                                     std::pair(adit::NextHop::Status::kFailed, "no_neighbor"),
                                     std::pair(adit::NextHop::Status::kPortDown, "port_down")}) {
    Lab lab;
    adit::NextHop hop = up();
    hop.status = status;
    lab.hops.set(hop_of(kVxlan4), hop);
    lab.receive(kAccess, scapy::kVlan100);
    CHECK(lab.drops() == Drops{{word, 1}});
    // Another tunnel's next hop is its own.
    lab.receive(kAccess, scapy::kInnerVlan);
    CHECK(lab.underlay.last() == scapy::kSentGre4Keyed);
  }
}

TEST_CASE("Pipeline counts packets and bytes of members without headers and tags") {
  Lab lab;
  lab.receive(kAccess, std::vector<Bytes>(3, from_hex(scapy::kVlan100)));
  lab.receive(kUnderlay, std::vector<Bytes>(5, from_hex(scapy::kVxlan4)));
  const auto& members = lab.counters.members;
  const auto check = [&](std::uint32_t member, std::uint64_t rx, std::uint64_t tx) {
    CAPTURE(member);
    CHECK(members[member].rx_packets.get() == rx);
    CHECK(members[member].rx_bytes.get() == rx * 66);
    CHECK(members[member].tx_packets.get() == tx);
    CHECK(members[member].tx_bytes.get() == tx * 66);
  };
  check(kLan, 3, 5);
  check(kVxlan4, 5, 3);
  for (std::uint32_t member = kGreLan; member < kMembers; ++member) check(member, 0, 0);
  CHECK(lab.counters.ports[kAccess].received.get() == 3);
  CHECK(lab.counters.ports[kAccess].sent.get() == 5);
  CHECK(lab.counters.ports[kUnderlay].received.get() == 5);
  CHECK(lab.counters.ports[kUnderlay].sent.get() == 3);
}

TEST_CASE("Pipeline counts drops for the tenant once it is known, and only there") {
  Lab lab;
  const Bytes gre6 = from_hex(scapy::kGre6Keyed);
  lab.receive(kUnderlay, {bytes::with(gre6, 56, "0800"), bytes::with(gre6, 56, "0800"),
                          bytes::with(gre6, 58, "00000000"), bytes::with(gre6, 74, "8100"),
                          bytes::with(from_hex(scapy::kVxlan4), 62, "8100")});
  CHECK(lab.drops() == Drops{{"gre_protocol", 2}, {"unknown_key", 1}, {"inner_tag", 2}});
  CHECK(lab.tenant_drops(1) == Drops{{"gre_protocol", 2}, {"inner_tag", 1}});
  CHECK(lab.tenant_drops(0) == Drops{{"inner_tag", 1}});
  CHECK(lab.counters.members[kGre6].rx_packets.get() == 3);
  CHECK(lab.counters.members[kGre6].rx_bytes.get() == 3 * 66);
}

TEST_CASE("Pipeline offers bursts of up to 64 and lets each port do its work once a flush") {
  Lab lab;
  lab.receive(kUnderlay, std::vector<Bytes>(64, from_hex(scapy::kVxlan4)));
  CHECK(lab.access.bursts == std::vector<std::size_t>{64});
  CHECK(lab.access.flushes == 1);
  CHECK(lab.underlay.flushes == 1);
  lab.receive(kUnderlay, std::vector<Bytes>(100, from_hex(scapy::kVxlan4)));
  CHECK(lab.access.bursts == std::vector<std::size_t>{64, 64, 36});
}

TEST_CASE("Pipeline queues over several bursts before a flush without losing any") {
  Lab lab;
  for (int round = 0; round < 3; ++round) {
    std::vector<adit::Packet> burst;
    const Bytes frame = from_hex(scapy::kVxlan4);
    for (int i = 0; i < 50; ++i) {
      const adit::Packet empty = lab.pool.take_packet();
      std::memcpy(empty.data(), frame.data(), frame.size());
      burst.push_back(
          lab.pool.packet_at(lab.pool.address_of(empty), static_cast<std::uint32_t>(frame.size())));
    }
    lab.pipeline.process(lab.table, kUnderlay, burst, 0);
    CHECK(lab.pool.free() + lab.access.in_ring() + lab.pipeline.frames_in_hand() ==
          lab.pool.total());
  }
  CHECK(lab.access.sent.size() == 128);
  CHECK(lab.pipeline.frames_in_hand() == 22);
  lab.pipeline.flush(lab.table);
  CHECK(lab.access.sent.size() == 150);
  CHECK(lab.pipeline.frames_in_hand() == 0);
}
