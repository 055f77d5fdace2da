#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "pipeline_lab.h"
#include "worker/outer_reader.h"

using namespace pipeline_lab;
using adit::FastWay;
using bytes::from_hex;

namespace {

adit::MemberSpec attached(std::uint32_t peer, adit::TagMatch match, std::uint16_t outer = 0,
                          std::uint16_t inner = 0, adit::EtherType tpid = adit::EtherType::kVlan) {
  return {.tenant = 0,
          .peer = peer,
          .kind = adit::AttachmentSpec{.port = kAccess,
                                       .match = match,
                                       .outer_tpid = tpid,
                                       .outer = outer,
                                       .inner = inner,
                                       .pcp = std::uint8_t{3}}};
}

/// One end of a tunnel; the other end has the addresses the other way round.
adit::MemberSpec end_of(std::uint32_t self, std::uint32_t peer, bool is_far, bool is_ipv6,
                        adit::TunnelSpec spec) {
  adit::IpAddress local = is_ipv6 ? kLocal6 : kLocal4;
  adit::IpAddress remote = is_ipv6 ? kRemote6 : kRemote4;
  if (is_far) std::swap(local, remote);
  spec.local = local;
  spec.remote = remote;
  spec.next_hop = hop_of(self);
  spec.accept_zero_checksum = is_ipv6;
  return {.tenant = 0, .peer = peer, .kind = spec};
}

adit::TunnelSpec of_type(adit::TunnelType type, std::uint32_t id) {
  adit::TunnelSpec spec;
  spec.type = type;
  spec.send_id = id;
  spec.receive_id = id;
  if (type == adit::TunnelType::kVxlan) spec.udp_port = 4789;
  if (type == adit::TunnelType::kGeneve) spec.udp_port = 6081;
  return spec;
}

/// Cross-connects of all kinds that the fast path takes. \param is_far the other end of the
/// tunnels.
adit::TableSpec plain_spec(bool is_far) {
  using enum adit::TagMatch;
  using enum adit::TunnelType;
  const auto tunnel = [is_far](std::uint32_t self, std::uint32_t peer, bool is_ipv6,
                               adit::TunnelType type, std::uint32_t id) {
    return end_of(self, peer, is_far, is_ipv6, of_type(type, id));
  };
  adit::TableSpec spec;
  spec.ports = {adit::PortSpec{}, adit::PortSpec{.takes_tunnels = true}};
  spec.members = {attached(1, kDouble, 10, 20, adit::EtherType::kServiceVlan),
                  tunnel(1, 0, false, kVxlan, 5),
                  attached(3, kSingle, 300),
                  tunnel(3, 2, true, kVxlan, 6),
                  attached(5, kDouble, 11, 21),
                  tunnel(5, 4, false, kNvgre, 4097),
                  attached(7, kSingle, 301),
                  tunnel(7, 6, false, kGeneve, 7),
                  attached(9, kSingle, 20),
                  attached(8, kDouble, 30, 40),
                  tunnel(10, 11, false, kVxlan, 8),
                  tunnel(11, 10, true, kGre, 9)};
  spec.tenants = kTenants;
  spec.next_hops = kHops;
  spec.seed = adit::HashSeed::from(1);
  return spec;
}

adit::TableSpec untagged_spec(bool is_far) {
  adit::TableSpec spec = plain_spec(is_far);
  spec.members = {attached(1, adit::TagMatch::kUntagged),
                  end_of(1, 0, is_far, false, of_type(adit::TunnelType::kGre, 3))};
  return spec;
}

/// Inner frames behind the MAC addresses: TCP without payload, UDP with ECT(0), a fragment, one
/// with an option, ICMP, IPv6 with UDP and with ICMPv6, ARP, an EtherType of nobody.
const char* const kPayloads[] = {
    "080045000028000140004006265e0a0000010a00000204570050000000010000000250102000acb20000",
    "08004502002c0002000040116a720a0000010a000002003500350018000074686973206973206461746120686572",
    "080045000024000320ff40114a7b0a0000010a000002003500350010000061626364656667686970",
    "08004600002800040000401165680a0000010a00000200000000003500350010000061626364656667686970",
    "080045000024000500004001667d0a0000010a00000208000000000100016162636465666768",
    "86dd60300000000c11403ffe0000000000000000000000000001fd0000000000000000000000000000020035003500"
    "0c000061626364",
    "86dd600000000008"
    "3a40fe800000000000000000000000000001fe80000000000000000000000000000280000000"
    "00010001",
    "08060001080006040001020000000a010a000001000000000000"
    "0a000002",
    "88cc0207040200000000010403050100"};

Bytes frame_of(std::string_view tags, std::string_view payload) {
  const std::string macs = "020000000b02020000000a01";
  return from_hex(macs + std::string(tags) + std::string(payload));
}

/// What came out of a lab, and what was counted.
struct Outcome {
  std::vector<Bytes> access;
  std::vector<Bytes> underlay;
  Drops drops;
  std::vector<std::uint64_t> counts;

  [[nodiscard]] bool operator==(const Outcome&) const = default;
};

Outcome run(const adit::TableSpec& spec, std::size_t port, const std::vector<Bytes>& frames,
            bool is_general) {
  Lab lab({}, {0, 0}, 512, spec);
  adit::Trace trace;
  if (is_general) lab.pipeline.record(&trace);
  for (std::size_t first = 0; first < frames.size(); first += adit::kBurst) {
    const auto begin = frames.begin() + static_cast<std::ptrdiff_t>(first);
    const std::size_t count = std::min(adit::kBurst, frames.size() - first);
    lab.receive(port, {begin, begin + static_cast<std::ptrdiff_t>(count)});
    lab.access.complete();
    lab.underlay.complete();
  }
  Outcome outcome{lab.access.sent, lab.underlay.sent, lab.drops(), {}};
  for (std::uint32_t i = 0; i < kMembers; ++i) {
    const adit::MemberCounters& member = lab.counters.members[i];
    for (const adit::Counter* counter :
         {&member.rx_packets, &member.rx_bytes, &member.tx_packets, &member.tx_bytes}) {
      outcome.counts.push_back(counter->get());
    }
  }
  return outcome;
}

/// Both paths come to the same, in the same order. \returns what it was.
Outcome run_both(const adit::TableSpec& spec, std::size_t port, const std::vector<Bytes>& frames) {
  Outcome fast = run(spec, port, frames, false);
  const Outcome general = run(spec, port, frames, true);
  CHECK(fast.access == general.access);
  CHECK(fast.underlay == general.underlay);
  CHECK(fast.drops == general.drops);
  CHECK(fast.counts == general.counts);
  return fast;
}

std::vector<Bytes> access_frames() {
  std::vector<Bytes> frames;
  for (const char* payload : kPayloads) {
    for (const char* tags : {"88a8000a81000014", "8100012c", "8100000b81000015", "8100e12d",
                             "81000014", "8100001e81000028", "", "81000000"}) {
      frames.push_back(frame_of(tags, payload));
    }
  }
  return frames;
}

/// A fast path with no pipeline behind it.
class Alone {
 public:
  explicit Alone(const adit::TableSpec& spec) : lab_({}, {0, 0}, 512, spec) {}

  /// Whether it takes the frame; then the frame is queued for sending.
  [[nodiscard]] bool takes(std::size_t port, const Bytes& frame) {
    const adit::Packet packet = packet_of(frame);
    path_.look_at_ports();
    const bool is_taken = port == kAccess ? takes_attached(packet) : takes_tunneled(packet);
    CHECK(egress_.frames_in_hand() == (is_taken ? 1 : 0));
    egress_.flush(lab_.table);
    return is_taken;
  }

  /// What is found of the frames of one burst: where each came in and what of it is the inner
  /// frame; nothing of those left to the pipeline.
  using Found = std::vector<std::array<std::uint32_t, 4>>;
  [[nodiscard]] Found find(std::size_t port, std::span<const Bytes> frames) {
    std::vector<adit::Packet> packets;
    for (const Bytes& frame : frames) packets.push_back(packet_of(frame));
    adit::FastBurst burst;
    if (port == kAccess) {
      path_.find_claims(lab_.table, kAccess, packets, burst);
    } else {
      path_.find_arrivals(lab_.table, kUnderlay, packets, burst);
    }
    Found found;
    for (std::size_t i = 0; i < packets.size(); ++i) {
      found.push_back({burst.from[i], 0, 0, 0});
      if (burst.has(i)) found.back()[1] = burst.inner[i];
      if (burst.has(i) && port == kUnderlay) {
        found.back()[2] = burst.begin[i];
        found.back()[3] = burst.end[i];
      }
      lab_.pool.give(packets[i]);
    }
    return found;
  }

 private:
  [[nodiscard]] adit::Packet packet_of(const Bytes& frame) {
    const adit::Packet packet = lab_.pool.take_packet();
    std::ranges::copy(frame, packet.data());
    const auto size = static_cast<std::uint32_t>(frame.size());
    return lab_.pool.packet_at(lab_.pool.address_of(packet), size);
  }
  [[nodiscard]] bool takes_attached(const adit::Packet& packet) {
    adit::FastBurst claims;
    path_.find_claims(lab_.table, kAccess, {&packet, 1}, claims);
    return claims.has(0) && path_.forward_claims(lab_.table, kAccess, {&packet, 1}, claims, 0) == 1;
  }
  [[nodiscard]] bool takes_tunneled(const adit::Packet& packet) {
    adit::FastBurst arrivals;
    path_.find_arrivals(lab_.table, kUnderlay, {&packet, 1}, arrivals);
    return arrivals.has(0) &&
           path_.forward_arrivals(lab_.table, kUnderlay, {&packet, 1}, arrivals, 0) == 1;
  }

  Lab lab_;
  adit::PathEnvironment environment_{lab_.pool,
                                     {&lab_.access, &lab_.underlay},
                                     {0, 0},
                                     lab_.hops,
                                     lab_.status,
                                     lab_.counters,
                                     lab_.sequences,
                                     lab_.rules,
                                     lab_.learned,
                                     lab_.own_addresses,
                                     lab_.identifications,
                                     lab_.icmp,
                                     lab_.path_errors};
  adit::Egress egress_{environment_};
  adit::FastPath path_{environment_, egress_};
};

/// Each frame again with one byte changed, or cut short.
std::vector<Bytes> broken(const std::vector<Bytes>& frames, std::size_t times) {
  std::mt19937 random(1);
  std::vector<Bytes> all;
  for (std::size_t i = 0; i < times; ++i) {
    for (Bytes frame : frames) {
      const std::size_t at = random() % std::min<std::size_t>(frame.size(), 110);
      if (random() % 8 == 0) {
        frame.resize(at);
      } else {
        frame[at] = static_cast<std::uint8_t>(random());
      }
      all.push_back(frame);
    }
  }
  return all;
}

}  // namespace

TEST_CASE("FastPath takes the cross-connects whose keys ask for nothing more") {
  const adit::Table table(plain_spec(false));
  const FastWay ways[] = {FastWay::kToIpv4Udp, FastWay::kToIpv6Udp,    FastWay::kToIpv4Nvgre,
                          FastWay::kToIpv4Udp, FastWay::kToAttachment, FastWay::kToAttachment};
  for (std::uint32_t i = 0; i < 6; ++i) CHECK(table.attachment(i).fast_way == ways[i]);
  for (std::uint32_t i = 0; i < 4; ++i) CHECK(table.tunnel(i).fast_way == FastWay::kToAttachment);
  CHECK(table.tunnel(4).fast_way == FastWay::kToIpv6Gre);
  CHECK(table.tunnel(5).fast_way == FastWay::kToIpv4Udp);
}

TEST_CASE("FastPath leaves a cross-connect alone whose tunnel asks for more") {
  const auto way_with = [](void (*change)(adit::TunnelSpec & spec)) {
    adit::TableSpec spec = plain_spec(false);
    change(std::get<adit::TunnelSpec>(spec.members[1].kind));
    const adit::Table table(spec);
    return std::pair(table.attachment(0).fast_way, table.tunnel(0).fast_way);
  };
  using Spec = adit::TunnelSpec;
  const std::pair plain(FastWay::kToIpv4Udp, FastWay::kToAttachment);
  const std::pair in_alone(FastWay::kNone, FastWay::kToAttachment);
  const std::pair out_alone(FastWay::kToIpv4Udp, FastWay::kNone);
  CHECK(way_with([](Spec&) {}) == plain);
  CHECK(way_with([](Spec& spec) { spec.zero_ecn = true; }) == plain);
  CHECK(way_with([](Spec& spec) { spec.ttl = std::nullopt; }) == in_alone);
  CHECK(way_with([](Spec& spec) { spec.dscp = std::nullopt; }) == in_alone);
  CHECK(way_with([](Spec& spec) { spec.df = Spec::Df::kClear; }) == in_alone);
  CHECK(way_with([](Spec& spec) { spec.udp_checksum = true; }) == in_alone);
  CHECK(way_with([](Spec& spec) { spec.mtu = 1400; }) == in_alone);
  CHECK(way_with([](Spec& spec) { spec.mss_clamp = true; }) ==
        std::pair(FastWay::kNone, FastWay::kNone));
  CHECK(way_with([](Spec& spec) { spec.copy_dscp = true; }) == out_alone);
  CHECK(way_with([](Spec& spec) { spec.drop_reserved = true; }) == out_alone);
  CHECK(way_with([](Spec& spec) { spec.accept_from = {{v4("c6336400"), 24}}; }) == out_alone);
}

TEST_CASE("FastPath itself takes ordinary packets both ways, and no others") {
  // By payload: all but the one with an IPv4 option, ARP, and the EtherType of nobody.
  constexpr bool kIsTaken[] = {true, true, true, false, true, true, true, false, false};
  static_assert(std::size(kIsTaken) == std::size(kPayloads));
  Alone far(plain_spec(true));
  Alone near(plain_spec(false));
  for (const char* tags : {"88a8000a81000014", "8100012c", "8100000b81000015", "8100012d"}) {
    for (std::size_t i = 0; i < std::size(kPayloads); ++i) {
      CAPTURE(tags);
      CAPTURE(i);
      const Bytes frame = frame_of(tags, kPayloads[i]);
      CHECK(far.takes(kAccess, frame) == kIsTaken[i]);
      const Outcome pushed = run(plain_spec(true), kAccess, {frame}, true);
      REQUIRE(pushed.underlay.size() == 1);
      CHECK(near.takes(kUnderlay, pushed.underlay[0]) == kIsTaken[i]);
    }
  }
}

TEST_CASE("OuterShape takes ordinary packets like the one that it was made of, and no others") {
  const adit::TableSpec spec = plain_spec(false);
  const adit::Table table(spec);
  Lab far({}, {0, 0}, 512, plain_spec(true));
  // VXLAN, NVGRE and Geneve over IPv4; to each, packets of the others too.
  const char* const tags[] = {"88a8000a81000014", "8100000b81000015", "8100012d"};
  std::vector<Bytes> frames;
  for (const char* tag : tags) far.receive(kAccess, {frame_of(tag, kPayloads[1])});
  frames = far.underlay.sent;
  REQUIRE(frames.size() == std::size(tags));
  for (std::size_t kind = 0; kind < frames.size(); ++kind) {
    std::vector<adit::Packet> packets;
    for (std::size_t i = 0; i < adit::kBurst; ++i) {
      Bytes& frame = frames[i % 4 == 3 ? (kind + 1) % frames.size() : kind];
      const auto size = static_cast<std::uint32_t>(frame.size());
      packets.emplace_back(frame.data(), size, 0U, size);
    }
    adit::OuterReader reader(table.endpoints(), table.tunnels());
    adit::FastBurst burst;
    adit::FastOuters outers;
    reader.read(packets[0], 0, burst, outers);
    REQUIRE(reader.shape().has_value());
    burst.from.fill(adit::FastBurst::kNone);
    reader.shape()->read(packets, burst, outers);
    for (std::size_t i = 0; i < packets.size(); ++i) {
      CAPTURE(kind);
      CAPTURE(i);
      CHECK(burst.has(i) == (i % 4 != 3));
    }
  }
}

TEST_CASE("FastPath finds of packets side by side what it finds of each alone") {
  Alone near(plain_spec(false));
  std::size_t found_sound = 0;
  // Each of these is the first of its bursts, which then are read as packets like it.
  for (const char* tags : {"88a8000a81000014", "8100012c", "8100000b81000015", "8100012d"}) {
    for (const std::size_t payload : {std::size_t{1}, std::size_t{5}}) {
      const Bytes frame = frame_of(tags, kPayloads[payload]);
      const Bytes first = run(plain_spec(true), kAccess, {frame}, true).underlay.at(0);
      std::vector<Bytes> all = broken({first}, 2000);
      for (const Bytes& other : run(plain_spec(true), kAccess, access_frames(), true).underlay) {
        all.push_back(other);
      }
      for (std::size_t size = 1; size < all.size(); size = size % 63 + 2) {
        std::vector<Bytes> burst{first};
        for (; burst.size() < size && !all.empty(); all.pop_back()) burst.push_back(all.back());
        const Alone::Found together = near.find(kUnderlay, burst);
        for (std::size_t i = 0; i < burst.size(); ++i) {
          CHECK(together[i] == near.find(kUnderlay, {&burst[i], 1}).at(0));
          found_sound += together[i][0] != adit::FastBurst::kNone ? 1 : 0;
        }
      }
    }
  }
  CHECK(found_sound > 1000);
}

TEST_CASE("FastPath and the general path come to the same frames in the same order") {
  for (const auto spec_of : {plain_spec, untagged_spec}) {
    const Outcome pushed = run_both(spec_of(true), kAccess, access_frames());
    CHECK(pushed.underlay.size() >= 9);
    // What the far end sent comes in here.
    const Outcome popped = run_both(spec_of(false), kUnderlay, pushed.underlay);
    CHECK(popped.access.size() == pushed.underlay.size());
    run_both(spec_of(true), kAccess, broken(access_frames(), 30));
    run_both(spec_of(false), kUnderlay, broken(pushed.underlay, 100));
  }
}

TEST_CASE("FastPath stitches one tunnel to another") {
  // A far end that has the stitched tunnels on attachments of its own.
  adit::TableSpec far = plain_spec(true);
  far.members[8] = attached(10, adit::TagMatch::kSingle, 20);
  far.members[9] = attached(11, adit::TagMatch::kDouble, 30, 40);
  far.members[10].peer = 8;
  far.members[11].peer = 9;
  const Outcome pushed = run_both(far, kAccess, access_frames());
  std::vector<Bytes> to_stitch;
  for (const Bytes& frame : pushed.underlay) {
    const Outcome out = run(plain_spec(false), kUnderlay, {frame}, true);
    if (!out.underlay.empty()) to_stitch.push_back(frame);
  }
  CHECK(to_stitch.size() == 2 * std::size(kPayloads));
  CHECK(run_both(plain_spec(false), kUnderlay, to_stitch).underlay.size() == to_stitch.size());
  run_both(plain_spec(false), kUnderlay, broken(to_stitch, 100));
}

TEST_CASE("FastPath takes back what it counted when a port refuses it") {
  Lab lab({}, {0, 0}, 512, plain_spec(false));
  lab.underlay.room = 1;
  const Bytes frame = frame_of("8100012c", kPayloads[1]);
  lab.receive(kAccess, {frame, frame, frame});
  CHECK(lab.counters.members[2].rx_packets.get() == 3);
  CHECK(lab.counters.members[3].tx_packets.get() == 1);
  CHECK(lab.counters.members[3].tx_bytes.get() == frame.size() - 4);
  CHECK(lab.drops() == Drops{{"tx_full", 2}});
}

TEST_CASE("FastPath keeps to reserved headroom, and a frame that has too little is dropped") {
  const Bytes frame = frame_of("8100012c", kPayloads[1]);
  for (const std::uint32_t reserved : {180U, 190U, 200U, 256U}) {
    std::vector<Bytes> sent[2];
    for (const bool is_general : {false, true}) {
      Lab lab({}, {reserved, 0}, 512, plain_spec(false));
      adit::Trace trace;
      if (is_general) lab.pipeline.record(&trace);
      lab.receive(kAccess, {frame});
      sent[is_general ? 1 : 0] = lab.underlay.sent;
    }
    CHECK(sent[0] == sent[1]);
  }
}
