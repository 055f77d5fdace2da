#include <doctest/doctest.h>

#include "pipeline_lab.h"
#include "scapy_packets.h"

using namespace pipeline_lab;
using bytes::from_hex;
using bytes::to_hex;

namespace {

/// The only drop reason of a packet received on the underlay; "none" where it was sent.
std::string fate_of(const Bytes& frame) {
  Lab lab;
  lab.receive(kUnderlay, {frame});
  const Drops drops = lab.drops();
  REQUIRE(lab.access.sent.size() + drops.size() == 1);
  return drops.empty() ? "none" : drops.begin()->first;
}

void mend_ipv4(Bytes& frame) {
  std::uint32_t sum = 0;
  frame[24] = frame[25] = 0;
  for (std::size_t i = 14; i < 34; i += 2) sum += frame[i] * 256U + frame[i + 1];
  sum = (sum & 0xffff) + (sum >> 16);
  sum = ~((sum & 0xffff) + (sum >> 16));
  frame[24] = static_cast<std::uint8_t>(sum >> 8);
  frame[25] = static_cast<std::uint8_t>(sum);
}

/// A fault, and the reason that it alone gives: bytes at an offset.
struct Fault {
  const char* reason;
  std::size_t at;
  const char* bytes;
};

/// Every fault alone, and every pair: the reason is that of the earlier fault in the list, which is
/// the order of checks.
void check_order(const char* hex, const std::vector<Fault>& faults) {
  const Bytes whole = from_hex(hex);
  const auto broken = [&](const Fault& first, const Fault& second) {
    Bytes frame = bytes::with(bytes::with(whole, second.at, second.bytes), first.at, first.bytes);
    const bool is_four = frame[12] == 8;
    const bool is_mended = std::string_view(first.reason) != "bad_outer_checksum" &&
                           std::string_view(second.reason) != "bad_outer_checksum";
    if (is_four && is_mended) mend_ipv4(frame);
    return frame;
  };
  CHECK(fate_of(whole) == "none");
  for (std::size_t i = 0; i < faults.size(); ++i) {
    for (std::size_t j = i; j < faults.size(); ++j) {
      CAPTURE(faults[i].reason);
      CAPTURE(faults[j].reason);
      CHECK(fate_of(broken(faults[i], faults[j])) == faults[i].reason);
    }
  }
}

}  // namespace

TEST_CASE("Pipeline decapsulates VXLAN and pushes the attachment's tag, in place") {
  for (const char* hex : {scapy::kVxlan4, scapy::kVxlan4Summed}) {
    Lab lab;
    lab.receive(kUnderlay, hex);
    CHECK(lab.access.last() == scapy::kVlan100);
    CHECK(lab.access.addresses == std::vector<std::uint64_t>{lab.last_arrival + 50 - 4});
    CHECK(lab.drops().empty());
  }
}

TEST_CASE("Pipeline decapsulates GRE, keyed, with checksum and sequence number, and without") {
  for (const char* hex : {scapy::kGre4Keyed, scapy::kGre4Full}) {
    Lab lab;
    lab.receive(kUnderlay, hex);
    CHECK(lab.access.last() == scapy::kInnerVlan);
  }
  Lab lab;
  lab.receive(kUnderlay, scapy::kGre4);
  CHECK(lab.access.last() == scapy::kInnerUdp4);
  CHECK(lab.access.addresses.back() == lab.last_arrival + 38);
}

TEST_CASE("Pipeline decapsulates over IPv6") {
  Lab lab;
  lab.receive(kUnderlay, scapy::kVxlan6);
  CHECK(to_hex({lab.access.sent.back().data() + 12, 4}) == "8100012c");
  lab.receive(kUnderlay, scapy::kGre6Keyed);
  CHECK(to_hex({lab.access.sent.back().data() + 12, 4}) == "810001f4");
}

TEST_CASE("Pipeline tells tunnels of all kinds apart within one burst, in any order") {
  Lab lab;
  const std::vector<Bytes> frames = {from_hex(scapy::kGre4Keyed), from_hex(scapy::kVxlan4),
                                     from_hex(scapy::kGre4), from_hex(scapy::kVxlan6),
                                     from_hex(scapy::kGre4Full)};
  std::vector<Bytes> burst;
  for (std::size_t i = 0; i < 320; ++i) burst.push_back(frames[(i * i + i / 64) % frames.size()]);
  lab.receive(kUnderlay, burst);
  CHECK(lab.drops().empty());
  CHECK(lab.access.sent.size() == 320);
}

TEST_CASE("Pipeline cuts padding behind the outer packet and pads what it sends with zeros") {
  Bytes frame = from_hex(scapy::kGre4);
  // An inner frame of 20 bytes, then Ethernet padding that is not zero.
  frame = bytes::head(bytes::with(frame, 50, "88b5"), 58);
  frame = bytes::with(frame, 16, "002c");
  mend_ipv4(frame);
  frame.resize(72, 0xee);
  Lab lab;
  lab.receive(kUnderlay, {frame});
  REQUIRE(lab.access.sent.size() == 1);
  CHECK(lab.access.sent[0].size() == 60);
  CHECK(to_hex(bytes::behind(lab.access.sent[0], 20)) == std::string(80, '0'));
  CHECK(to_hex(bytes::head(lab.access.sent[0], 20)) == to_hex({frame.data() + 38, 20}));
  CHECK(lab.counters.members[kGre4Plain].rx_bytes.get() == 20);
}

TEST_CASE("Pipeline matches VNI, key and source exactly, all their bits") {
  for (std::size_t bit = 0; bit < 24; ++bit) {
    Bytes frame = from_hex(scapy::kVxlan4);
    frame[46 + bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    CHECK(fate_of(frame) == "unknown_vni");
  }
  for (std::size_t bit = 0; bit < 32; ++bit) {
    Bytes key = from_hex(scapy::kGre4Keyed);
    key[38 + bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    CHECK(fate_of(key) == "unknown_key");
    Bytes source = from_hex(scapy::kVxlan4);
    source[26 + bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    mend_ipv4(source);
    const bool is_group = source[26] == 0xe6;
    CHECK(fate_of(source) == (is_group ? "bad_outer_source" : "peer_not_allowed"));
  }
  for (std::size_t bit = 0; bit < 128; ++bit) {
    Bytes source = from_hex(scapy::kGre6Keyed);
    source[22 + bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    CHECK(fate_of(source) == "peer_not_allowed");
  }
  // The VNI of another tunnel over the other family is not ours here.
  CHECK(fate_of(bytes::with(from_hex(scapy::kVxlan4), 46, "001771")) == "unknown_vni");
  // An unkeyed packet where only a keyed tunnel is.
  CHECK(fate_of(from_hex(scapy::kGre6)) == "unknown_key");
}

TEST_CASE("Pipeline drops sources that no host may have, once the identifier is known") {
  for (const char* source : {"00000000", "e0000001", "ffffffff", "c0000201"}) {
    Bytes frame = bytes::with(from_hex(scapy::kVxlan4), 26, source);
    mend_ipv4(frame);
    CHECK(fate_of(frame) == "bad_outer_source");
    frame = bytes::with(frame, 46, "000000");
    CHECK(fate_of(frame) == "unknown_vni");
  }
}

TEST_CASE("Pipeline drops a zero UDP checksum over IPv6 and takes it over IPv4") {
  CHECK(fate_of(from_hex(scapy::kVxlan6Unsummed)) == "zero_checksum");
  CHECK(fate_of(from_hex(scapy::kVxlan4)) == "none");
}

TEST_CASE("Pipeline drops tags inside, unless the tunnel keeps them") {
  const Bytes tagged_inner = from_hex(scapy::kInnerVlan);
  const auto inside = [&](const char* outer, std::size_t header, const char* total) {
    Bytes frame = bytes::head(from_hex(outer), header);
    frame.insert(frame.end(), tagged_inner.begin(), tagged_inner.end());
    frame = bytes::with(frame, 16, total);
    mend_ipv4(frame);
    return frame;
  };
  CHECK(fate_of(inside(scapy::kGre4Keyed, 42, "0062")) == "inner_tag");
  // Kept by the tunnel, but an untagged attachment has no tag to send.
  CHECK(fate_of(inside(scapy::kGre4, 38, "005e")) == "tag_mismatch");
}

TEST_CASE("Pipeline checks VXLAN over IPv4 in the order that is promised") {
  check_order(scapy::kVxlan4, {{"bad_outer_header", 16, "ffff"},
                               {"bad_outer_checksum", 24, "dead"},
                               {"outer_fragment", 20, "2000"},
                               {"vxlan_flags", 42, "f7"},
                               {"unknown_vni", 46, "00138a"},
                               {"bad_outer_source", 26, "c0000201"},
                               {"inner_tag", 62, "8100"}});
  check_order(scapy::kVxlan4, {{"udp_length", 38, "0007"},
                               {"vxlan_flags", 42, "f7"},
                               {"unknown_vni", 46, "00138a"},
                               {"peer_not_allowed", 26, "c6336409"},
                               {"inner_tag", 62, "8100"}});
}

TEST_CASE("Pipeline checks GRE over IPv4 in the order that is promised") {
  check_order(scapy::kGre4Full, {{"bad_outer_header", 14, "55"},
                                 {"bad_outer_checksum", 24, "dead"},
                                 {"outer_fragment", 20, "0001"},
                                 {"gre_version", 34, "b001"},
                                 {"unknown_key", 42, "00000000"},
                                 {"peer_not_allowed", 26, "c6336409"},
                                 {"gre_protocol", 36, "0800"},
                                 {"gre_checksum", 38, "dead"}});
  check_order(scapy::kGre4Keyed, {{"gre_flags", 34, "2400"},
                                  {"unknown_key", 38, "ffffffff"},
                                  {"bad_outer_source", 26, "e0000001"},
                                  {"gre_protocol", 36, "86dd"},
                                  {"inner_tag", 54, "8100"}});
}

TEST_CASE("Pipeline checks VXLAN over IPv6 in the order that is promised") {
  check_order(scapy::kGre6Keyed, {{"bad_outer_header", 18, "ffff"},
                                  {"gre_version", 54, "2007"},
                                  {"unknown_key", 58, "0000004e"},
                                  {"peer_not_allowed", 22, "20010db9"},
                                  {"gre_protocol", 56, "0800"},
                                  {"inner_tag", 74, "8100"}});
  // A zero checksum is asked for only once tunnel and peer are known.
  const Bytes whole = from_hex(scapy::kVxlan6Unsummed);
  CHECK(fate_of(bytes::with(whole, 62, "00")) == "vxlan_flags");
  CHECK(fate_of(bytes::with(whole, 67, "00")) == "unknown_vni");
  CHECK(fate_of(bytes::with(whole, 22, "20010db9")) == "peer_not_allowed");
  CHECK(fate_of(bytes::with(whole, 82, "8100")) == "zero_checksum");
}

TEST_CASE("Pipeline decapsulates all sixteen cells of RFC 6040 and drops CE over Not-ECT") {
  const char* const frames[] = {scapy::kInnerNotEct4, scapy::kInnerEct1Of4, scapy::kInnerEct0Of4,
                                scapy::kInnerCe4};
  const std::vector<std::vector<int>> outgoing = {
      {0, 0, 0, -1}, {1, 1, 1, 3}, {2, 1, 2, 3}, {3, 3, 3, 3}};
  for (std::size_t inner = 0; inner < 4; ++inner) {
    for (std::size_t outer = 0; outer < 4; ++outer) {
      CAPTURE(inner);
      CAPTURE(outer);
      Bytes frame = bytes::head(from_hex(scapy::kGre4), 38);
      const Bytes carried = from_hex(frames[inner]);
      frame.insert(frame.end(), carried.begin(), carried.end());
      frame[15] = static_cast<std::uint8_t>(46 << 2 | outer);
      mend_ipv4(frame);
      Lab lab;
      lab.receive(kUnderlay, {frame});
      const int expected = outgoing[inner][outer];
      if (expected < 0) {
        CHECK(lab.drops() == Drops{{"ecn_congestion", 1}});
        CHECK(lab.tenant_drops(0) == Drops{{"ecn_congestion", 1}});
      } else {
        CHECK(lab.access.last() == frames[static_cast<std::size_t>(expected)]);
      }
    }
  }
}

TEST_CASE("Pipeline of every prefix of every tunnel packet drops it under the right reason") {
  const struct {
    const char* hex;
    std::size_t inner;
  } packets[] = {{scapy::kVxlan4, 50},   {scapy::kVxlan4Summed, 50}, {scapy::kVxlan6, 70},
                 {scapy::kGre4, 38},     {scapy::kGre4Keyed, 42},    {scapy::kGre4Full, 50},
                 {scapy::kGre6Keyed, 62}};
  for (const auto& packet : packets) {
    const Bytes whole = from_hex(packet.hex);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(packet.hex);
      CAPTURE(size);
      CHECK(fate_of(bytes::head(whole, size)) ==
            (size < packet.inner ? "truncated" : "bad_outer_header"));
    }
    CHECK(fate_of(whole) == "none");
  }
}

TEST_CASE("Pipeline drops an inner frame that ends early though the outer packet is sound") {
  for (std::size_t size = 38; size < 104; ++size) {
    CAPTURE(size);
    Bytes frame = bytes::head(from_hex(scapy::kGre4), size);
    frame[16] = 0;
    frame[17] = static_cast<std::uint8_t>(size - 14);
    mend_ipv4(frame);
    CHECK(fate_of(frame) == (size < 38 + 34 ? "inner_truncated" : "none"));
  }
}

TEST_CASE("Pipeline sends inner frames up to the attachment's MTU and drops larger ones") {
  Lab lab;
  lab.status[kAccess].mtu = 52;
  lab.receive(kUnderlay, scapy::kVxlan4);
  CHECK(lab.access.last() == scapy::kVlan100);
  lab.status[kAccess].mtu = 51;
  lab.receive(kUnderlay, scapy::kVxlan4);
  CHECK(lab.drops() == Drops{{"too_big", 1}});
}

TEST_CASE("Pipeline needs no headroom to pop, and 4 bytes of what it popped for a tag") {
  Lab lab({.frame_bytes = 2048, .data_offset = 0});
  lab.receive(kUnderlay, scapy::kVxlan4);
  CHECK(lab.access.last() == scapy::kVlan100);
}
