#include <doctest/doctest.h>

#include <set>

#include "pipeline_lab.h"
#include "scapy_packets.h"

using namespace pipeline_lab;
using bytes::from_hex;
using bytes::to_hex;

namespace {

/// The datagram with a tag of this TCI.
Bytes tagged(std::string_view tci, std::string_view inner = scapy::kInnerUdp4) {
  const Bytes frame = from_hex(inner);
  Bytes out = bytes::head(frame, 12);
  const Bytes tag = from_hex("8100" + std::string(tci));
  out.insert(out.end(), tag.begin(), tag.end());
  out.insert(out.end(), frame.begin() + 12, frame.end());
  return out;
}

/// With the 20 bits of the flow label as `label`, which has 5 hex digits.
std::string with_label(std::string hex, std::string_view label) {
  return hex.replace(31, 5, label);
}

/// An Ethernet frame of `size` bytes in all that is not IP.
Bytes plain_frame(std::size_t size) {
  Bytes frame = bytes::with(from_hex(scapy::kInnerUdp4), 12, "88b5");
  frame.resize(size, 0x11);
  return frame;
}

}  // namespace

TEST_CASE("Pipeline sends a tagged tenant's frame through VXLAN as scapy makes it, in place") {
  Lab lab;
  lab.receive(kAccess, scapy::kVlan100);
  CHECK(lab.underlay.last() == scapy::kSentVxlan4);
  // The frame that is sent is the one that was received, in the same chunk: 4 bytes of tag less, 50
  // of headers more.
  CHECK(lab.underlay.addresses == std::vector<std::uint64_t>{lab.last_arrival + 4 - 50});
  CHECK(lab.last_arrival / 2048 == lab.underlay.addresses[0] / 2048);
  CHECK(lab.drops().empty());
}

TEST_CASE("Pipeline sends by keyed and unkeyed GRE as scapy makes it, in place") {
  Lab lab;
  lab.receive(kAccess, scapy::kInnerVlan);
  CHECK(lab.underlay.last() == scapy::kSentGre4Keyed);
  CHECK(lab.underlay.addresses.back() == lab.last_arrival + 4 - 42);
  lab.receive(kAccess, scapy::kInnerUdp4);
  CHECK(lab.underlay.last() == scapy::kSentGre4);
  CHECK(lab.underlay.addresses.back() == lab.last_arrival - 38);
}

TEST_CASE("Pipeline pops a priority tag (VID 0) of an untagged attachment") {
  Lab lab;
  lab.receive(kAccess, {tagged("a000")});
  CHECK(lab.underlay.last() == scapy::kSentGre4);
}

TEST_CASE("Pipeline sends over IPv6 with the flow's label and a right checksum") {
  Lab lab;
  lab.receive(kAccess, {tagged("012c")});
  // The label is the hash's; scapy's frame had others for label and traffic class.
  const std::string sent = lab.underlay.last();
  const std::string expected = bytes::to_hex(bytes::with(from_hex(scapy::kSentVxlan6), 14, "6001"));
  CHECK(with_label(sent, "00000") != sent);
  CHECK(with_label(sent, "00000") == with_label(expected, "00000").replace(29, 2, "00"));
}

TEST_CASE("Pipeline gives one flow one label and source port, and other flows others") {
  Lab lab;
  const Bytes other = bytes::with(tagged("012c"), 38, "0001");
  lab.receive(kAccess, {tagged("012c"), other, tagged("012c")});
  REQUIRE(lab.underlay.sent.size() == 3);
  const auto label_of = [&](std::size_t i) { return to_hex(lab.underlay.sent[i]).substr(31, 5); };
  CHECK(label_of(0) == label_of(2));
  CHECK(label_of(0) != label_of(1));
}

TEST_CASE("Pipeline copies the inner ECN outward, all four codepoints (RFC 6040 normal mode)") {
  Lab lab;
  const char* const frames[] = {scapy::kInnerNotEct4, scapy::kInnerEct1Of4, scapy::kInnerEct0Of4,
                                scapy::kInnerCe4};
  for (std::size_t ecn = 0; ecn < 4; ++ecn) {
    lab.receive(kAccess, {tagged("0064", frames[ecn])});
    CHECK(lab.underlay.sent.back()[15] == ecn);
    CHECK(to_hex(bytes::behind(lab.underlay.sent.back(), 50)) == frames[ecn]);
  }
  lab.receive(kAccess, {tagged("0064", scapy::kInnerArp)});
  CHECK(lab.underlay.sent.back()[15] == 0);
}

TEST_CASE("Pipeline counts identification up where DF is clear, and leaves it 0 where it is set") {
  Lab lab;
  lab.receive(kAccess, std::vector<Bytes>(70, tagged("02bc")));
  REQUIRE(lab.underlay.sent.size() == 70);
  std::map<std::string, int> seen;
  for (const Bytes& frame : lab.underlay.sent) {
    ++seen[to_hex({frame.data() + 18, 2})];
    CHECK(to_hex({frame.data() + 20, 2}) == "0000");
  }
  CHECK(seen.size() == 70);
  lab.receive(kAccess, std::vector<Bytes>(3, from_hex(scapy::kVlan100)));
  CHECK(to_hex({lab.underlay.sent.back().data() + 18, 4}) == "00004000");
}

TEST_CASE("Pipelines of two workers share identifications: none repeats within 65536") {
  Lab lab;
  MemoryPort second(lab.pool);
  adit::Pipeline other({lab.pool, {&lab.access, &second}, {0, 0}, lab.counters, lab.shared});
  const Bytes frame = tagged("02bc");
  std::set<std::string> seen;
  const auto send = [&](adit::Pipeline& pipeline, MemoryPort& port) {
    const adit::Packet empty = lab.pool.take_packet();
    REQUIRE_FALSE(empty.empty());
    std::memcpy(empty.data(), frame.data(), frame.size());
    const adit::Packet packet =
        lab.pool.packet_at(lab.pool.address_of(empty), static_cast<std::uint32_t>(frame.size()));
    pipeline.process(lab.table, kAccess, {&packet, 1}, 0);
    pipeline.flush(lab.table);
    REQUIRE(port.sent.size() == 1);
    seen.insert(to_hex({port.sent[0].data() + 18, 2}));
    port.sent.clear();
    port.complete();
  };
  for (int i = 0; i < 65536 / 2; ++i) {
    send(lab.pipeline, lab.underlay);
    send(other, second);
  }
  CHECK(seen.size() == 65536);
}

TEST_CASE("Pipeline pads what is under 60 bytes with zeros over stale ones, behind the IP packet") {
  Lab lab;
  lab.receive(kAccess, {plain_frame(14)});
  REQUIRE(lab.underlay.sent.size() == 1);
  const Bytes& frame = lab.underlay.sent[0];
  CHECK(frame.size() == 60);
  CHECK(to_hex({frame.data() + 16, 2}) == "0026");
  CHECK(to_hex(bytes::behind(frame, 52)) == "0000000000000000");
  CHECK(lab.counters.members[kGre4Plain].tx_bytes.get() == 14);
}

TEST_CASE("Pipeline drops frames whose tags no attachment claims") {
  Lab lab;
  lab.receive(kAccess, {tagged("0065"), from_hex(scapy::kInnerQinq), tagged("0fff"),
                        bytes::with(from_hex(scapy::kVlan100), 12, "88a8"),
                        bytes::with(from_hex(scapy::kVlan100), 16, "8100")});
  CHECK(lab.drops() == Drops{{"unknown_tunnel", 5}});
  CHECK(lab.underlay.sent.empty());
  CHECK(lab.tenant_drops(0).empty());
}

TEST_CASE("Pipeline drops what comes in by a member that is joined to nothing") {
  Lab lab;
  lab.receive(kAccess, {tagged("0258")});
  CHECK(lab.drops() == Drops{{"no_flood_member", 1}});
  CHECK(lab.tenant_drops(1) == Drops{{"no_flood_member", 1}});
  CHECK(lab.counters.members[kLone].rx_packets.get() == 1);
}

TEST_CASE("Pipeline of every prefix of a tenant's frame drops it or sends it whole") {
  for (const char* hex : {scapy::kVlan100, scapy::kInnerTcp6, scapy::kInnerArp}) {
    const Bytes whole = from_hex(hex);
    for (std::size_t size = 0; size <= whole.size(); ++size) {
      CAPTURE(size);
      Lab lab;
      lab.receive(kAccess, {bytes::head(whole, size)});
      const Drops drops = lab.drops();
      CHECK(lab.underlay.sent.size() + drops.size() == 1);
      const std::size_t header = hex == scapy::kVlan100 ? 38 : hex == scapy::kInnerTcp6 ? 54 : 14;
      CHECK(lab.underlay.sent.empty() == (size < header));
      // Inside the tag it is not known yet whose frame it is.
      const bool no_tag = hex == scapy::kVlan100 && size >= 14 && size < 18;
      if (!drops.empty()) {
        CHECK(drops.begin()->first == (no_tag ? "unknown_tunnel" : "inner_truncated"));
      }
    }
  }
}

TEST_CASE("Pipeline sends outer packets up to the next hop's MTU and drops larger ones") {
  Lab lab;
  // GRE without a key: 24 bytes of IP and GRE in front of the inner frame.
  lab.receive(kAccess, {plain_frame(1476), plain_frame(1477)});
  REQUIRE(lab.underlay.sent.size() == 1);
  CHECK(lab.underlay.sent[0].size() == 1514);
  CHECK(lab.drops() == Drops{{"too_big", 1}});
  CHECK(lab.tenant_drops(0) == Drops{{"too_big", 1}});
}

TEST_CASE("Pipeline reads MTU and MAC addresses of the next hop anew for each packet") {
  Lab lab;
  adit::NextHop hop = up();
  hop.destination = {{2, 1, 1, 1, 1, 1}};
  hop.mtu = 100;
  lab.hops.set(hop_of(kVxlan4), hop);
  lab.receive(kAccess, scapy::kVlan100);
  CHECK(lab.drops() == Drops{{"too_big", 1}});
  hop.mtu = 102;
  lab.hops.set(hop_of(kVxlan4), hop);
  lab.receive(kAccess, scapy::kVlan100);
  CHECK(lab.underlay.last() == "020101010101" + std::string(scapy::kSentVxlan4).substr(12));
}

TEST_CASE("Pipeline takes exactly the headroom there is, less what the driver keeps") {
  // VXLAN over IPv4 pushes 50 bytes in front of the 4 that the tag gave back.
  const struct {
    std::uint32_t offset;
    std::uint32_t reserved;
    bool fits;
  } cases[] = {{46, 0, true}, {45, 0, false}, {56, 10, true}, {56, 11, false}, {0, 0, false}};
  for (const auto& c : cases) {
    CAPTURE(c.offset);
    Lab lab({.frame_bytes = 2048, .data_offset = c.offset}, {c.reserved, 0});
    lab.receive(kAccess, scapy::kVlan100);
    if (c.fits) {
      CHECK(lab.underlay.last() == scapy::kSentVxlan4);
      CHECK(lab.underlay.addresses[0] % 2048 == c.reserved);
    } else {
      CHECK(lab.drops() == Drops{{"no_headroom", 1}});
      CHECK(lab.tenant_drops(0) == Drops{{"no_headroom", 1}});
    }
  }
}
