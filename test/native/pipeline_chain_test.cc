// Packets of several buffers through the whole path: byte for byte what one buffer gives.

#include <doctest/doctest.h>

#include <random>

#include "pipeline_lab.h"
#include "scapy_packets.h"
#include "steer/host_rules.h"

using namespace pipeline_lab;
using bytes::from_hex;
using bytes::to_hex;

namespace {

constexpr adit::FrameLayout kChained{.frame_bytes = 2048, .data_offset = 256, .max_buffers = 18};
constexpr adit::FrameLayout kLinear{.frame_bytes = 16384, .data_offset = 256};
constexpr std::uint16_t kMtu = 9216;
/// Of the attachments that a tunnel is behind.
constexpr std::uint16_t kVids[] = {100, 9, 300, 0, 500, 700};
/// As the kernel fills them.
const std::vector<std::uint32_t> kFull = {1792};

struct JumboLab : Lab {
  explicit JumboLab(const adit::FrameLayout& layout, std::vector<std::uint32_t> buffers = {})
      : Lab(layout) {
    pieces = std::move(buffers);
    adit::NextHop hop = up();
    hop.mtu = kMtu;
    for (std::uint32_t i = 0; i < kHops; ++i) hops.set(i, hop);
    for (std::size_t port = 0; port < kPorts; ++port) status[port].mtu = kMtu;
  }
  /// A frame as it comes in, not processed.
  adit::Packet take_in(const Bytes& frame) { return chained_arrival(frame); }
};

/// A tenant's IPv4 datagram of `bytes` in all, with this tag.
Bytes tenant_frame(std::uint16_t vid, std::size_t bytes, unsigned seed) {
  Bytes frame = from_hex(scapy::kInnerUdp4);
  frame.resize(bytes - 4);
  std::minstd_rand random(seed + 1);
  for (std::size_t i = 42; i < frame.size(); ++i) frame[i] = static_cast<std::uint8_t>(random());
  const std::uint8_t tag[] = {0x81, 0, static_cast<std::uint8_t>(vid >> 8),
                              static_cast<std::uint8_t>(vid)};
  if (vid != 0) frame.insert(frame.begin() + 12, std::begin(tag), std::end(tag));
  return frame;
}

/// What a peer of every tunnel sends: tenants' frames, encapsulated, with the addresses turned.
std::vector<Bytes> tunnel_packets(std::size_t inner_bytes) {
  std::vector<Bytes> packets;
  JumboLab lab(kLinear);
  adit::NextHop wide = up();
  wide.mtu = 16000;
  for (std::uint32_t i = 0; i < kHops; ++i) lab.hops.set(i, wide);
  for (const std::uint16_t vid : kVids) {
    lab.receive(kAccess, {tenant_frame(vid, inner_bytes, vid)});
  }
  CHECK(lab.drops().empty());
  for (Bytes packet : lab.underlay.sent) {
    const bool is_four = packet[12] == 8;
    const std::ptrdiff_t at = is_four ? 26 : 22;
    const std::ptrdiff_t bytes = is_four ? 4 : 16;
    std::swap_ranges(packet.begin() + at, packet.begin() + at + bytes, packet.begin() + at + bytes);
    packets.push_back(packet);
  }
  return packets;
}

void require_same(const Lab& linear, const Lab& chained) {
  REQUIRE(linear.drops() == chained.drops());
  REQUIRE(linear.access.sent == chained.access.sent);
  REQUIRE(linear.underlay.sent == chained.underlay.sent);
  for (std::uint32_t member = 0; member < kMembers; ++member) {
    const adit::MemberCounters& a = linear.counters.members[member];
    const adit::MemberCounters& b = chained.counters.members[member];
    REQUIRE(a.rx_bytes.get() == b.rx_bytes.get());
    REQUIRE(a.tx_bytes.get() == b.tx_bytes.get());
  }
}

/// A VXLAN packet over IPv6 behind three destination options headers of 800 bytes: UDP stands in
/// the second buffer.
Bytes extended_packet() {
  Bytes frame = tunnel_packets(3000)[2];
  REQUIRE(frame[12] == 0x86);
  const std::uint8_t udp = frame[20];
  Bytes options;
  for (int i = 0; i < 3; ++i) {
    Bytes one(800, 0);
    one[0] = i == 2 ? udp : 60;
    one[1] = 800 / 8 - 1;
    options.insert(options.end(), one.begin(), one.end());
  }
  frame[20] = 60;
  frame.insert(frame.begin() + 54, options.begin(), options.end());
  const std::size_t payload = frame.size() - 54;
  frame[18] = static_cast<std::uint8_t>(payload >> 8);
  frame[19] = static_cast<std::uint8_t>(payload);
  return frame;
}

}  // namespace

TEST_CASE("Pipeline pushes and pops the first of several buffers, in place") {
  JumboLab lab(kChained, kFull);
  lab.receive(kAccess, {tenant_frame(100, 9018, 1)});
  REQUIRE(lab.underlay.sent.size() == 1);
  CHECK(lab.underlay.addresses[0] == lab.last_arrival + 4 - 50);
  CHECK(lab.underlay.sent[0].size() == 9018 - 4 + 50);
  lab.receive(kUnderlay, {tunnel_packets(9018)[0]});
  REQUIRE(lab.access.sent.size() == 1);
  CHECK(lab.access.addresses[0] == lab.last_arrival + 50 - 4);
  CHECK(lab.access.sent[0] == tenant_frame(100, 9018, 100));
  CHECK(lab.drops().empty());
  lab.underlay.complete();
  lab.access.complete();
  CHECK(lab.pool.free() == lab.pool.total());
}

TEST_CASE("Pipeline gives packets of several buffers the bytes and counts that one buffer gives") {
  for (const std::vector<std::uint32_t>& pieces :
       {kFull, {{600, 7}}, {{512, 3, 1700}}, {{1, 700, 1791}}, {{0, 13, 999}}}) {
    // No more than 18 buffers.
    const bool is_tiny = pieces.back() == 7;
    for (const std::size_t bytes : {200U, 617U, 1400U, 4001U, 9018U}) {
      if (is_tiny && bytes > 617) continue;
      CAPTURE(bytes);
      JumboLab linear(kLinear);
      JumboLab chained(kChained, pieces);
      for (Lab* lab : {static_cast<Lab*>(&linear), static_cast<Lab*>(&chained)}) {
        for (const std::uint16_t vid : kVids) {
          lab->receive(kAccess, {tenant_frame(vid, bytes, vid)});
        }
        lab->receive(kUnderlay, tunnel_packets(bytes));
      }
      require_same(linear, chained);
      CHECK(linear.access.sent.size() == 6);
      CHECK(linear.underlay.sent.size() == 6);
    }
  }
}

TEST_CASE("Pipeline judges broken packets of several buffers as it does those of one") {
  std::minstd_rand random(7);
  const std::vector<Bytes> sound = tunnel_packets(3000);
  for (unsigned round = 0; round < 4000; ++round) {
    const bool is_underlay = round % 4 != 0;
    Bytes frame = is_underlay ? sound[random() % sound.size()] : tenant_frame(100, 3000, round);
    const std::size_t faults = random() % 4;
    for (std::size_t i = 0; i < faults; ++i) {
      const std::size_t reach = random() % 2 == 0 ? 60 : frame.size();
      frame[random() % reach] = static_cast<std::uint8_t>(random());
    }
    if (random() % 4 == 0) frame.resize(random() % frame.size());
    if (random() % 4 == 0) frame.resize(frame.size() + random() % 900);
    JumboLab linear(kLinear);
    const auto first = static_cast<std::uint32_t>(random() % 1792);
    JumboLab chained(kChained, {first, static_cast<std::uint32_t>(random() % 1792), 1500});
    const std::size_t port = is_underlay ? kUnderlay : kAccess;
    linear.receive(port, {frame});
    chained.receive(port, {frame});
    CAPTURE(to_hex(bytes::head(frame, std::min<std::size_t>(frame.size(), 120))));
    require_same(linear, chained);
  }
}

TEST_CASE("Pipeline walks outer extension headers from one buffer into the next") {
  const Bytes frame = extended_packet();
  JumboLab linear(kLinear);
  JumboLab chained(kChained, kFull);
  linear.receive(kUnderlay, {frame});
  chained.receive(kUnderlay, {frame});
  CHECK(linear.drops() == Drops{{"outer_options", 1}});
  require_same(linear, chained);
}

TEST_CASE("HostRules finds the endpoint of a packet of several buffers behind the first") {
  const Bytes frame = extended_packet();
  adit::SteeringConfig config;
  config.ports.resize(1);
  std::copy_n(frame.begin(), 6, config.ports[0].mac.bytes.begin());
  config.ports[0].takes_tunnels = true;
  config.endpoints.push_back({kLocal6, adit::IpProto::kUdp, 4789});
  const adit::HostRules rules(config);
  CHECK(rules.decide(0, frame) == STEER_TUNNEL);
  JumboLab lab(kChained, kFull);
  const adit::Packet packet = lab.take_in(frame);
  CHECK(packet.buffers() > 1);
  CHECK(rules.decide_on(0, packet) == STEER_TUNNEL);
  CHECK(rules.decide(0, {packet.data(), packet.size()}) == STEER_PASS);
  lab.pool.give(packet);
}

TEST_CASE("Pipeline checks sizes against all bytes of a packet") {
  for (const std::size_t over : {0U, 1U}) {
    JumboLab lab(kChained, kFull);
    // VXLAN over IPv4: 50 bytes, of which the Ethernet header inside counts and the tag does not.
    lab.receive(kAccess, {tenant_frame(100, kMtu - 36 + 4 + over, 1)});
    lab.receive(kUnderlay, {tunnel_packets(kMtu - 36 + 4)[0]});
    CHECK(lab.underlay.sent.size() == 1 - over);
    CHECK(lab.drops() == (over == 0 ? Drops{} : Drops{{"too_big", 1}}));
    CHECK(lab.access.sent.size() == 1);
    lab.status[kAccess].mtu = kMtu - 36 - 14 - 1;
    lab.receive(kUnderlay, {tunnel_packets(kMtu - 36 + 4)[0]});
    CHECK(lab.access.sent.size() == 1);
  }
}

TEST_CASE("Pipeline cuts what lies behind the outer packet, and its frames come back") {
  Bytes frame = tunnel_packets(1000)[0];
  const std::size_t bytes = frame.size();
  frame.resize(bytes + 4000, 0x77);
  JumboLab lab(kChained, kFull);
  lab.receive(kUnderlay, {frame});
  REQUIRE(lab.access.sent.size() == 1);
  CHECK(lab.access.sent[0] == tenant_frame(100, 1000, 100));
  lab.access.complete();
  CHECK(lab.pool.free() == lab.pool.total());
}

TEST_CASE("Pipeline holds packets of several buffers, sends them later and counts their frames") {
  JumboLab lab(kChained, kFull);
  adit::NextHop hop = up();
  hop.status = adit::NextHop::Status::kResolving;
  lab.hops.set(hop_of(kVxlan4), hop);
  lab.receive(kAccess, {tenant_frame(100, 4000, 1), tenant_frame(100, 200, 2)});
  CHECK(lab.pipeline.frames_in_hand() == 3 + 1);
  CHECK(lab.pool.free() == lab.pool.total() - 4);
  hop = up();
  hop.mtu = kMtu;
  lab.hops.set(hop_of(kVxlan4), hop);
  lab.pipeline.release_held(lab.table, 1);
  lab.pipeline.flush(lab.table);
  CHECK(lab.pipeline.frames_in_hand() == 0);
  REQUIRE(lab.underlay.sent.size() == 2);
  CHECK(lab.underlay.sent[0].size() == 4000 - 4 + 50);
  CHECK(lab.underlay.in_ring() == 4);
}

TEST_CASE("Pipeline gives all frames of what the ring does not take back") {
  JumboLab lab(kChained, kFull);
  lab.underlay.room = 1;
  lab.receive(kAccess, {tenant_frame(100, 9000, 1), tenant_frame(100, 9000, 2)});
  CHECK(lab.drops() == Drops{{"tx_full", 1}});
  lab.underlay.complete();
  CHECK(lab.pool.free() == lab.pool.total());
}
