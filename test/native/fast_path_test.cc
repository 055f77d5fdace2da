#include "fast_path_lab.h"

using namespace fast_path_lab;

TEST_CASE("FastPath takes the cross-connects whose keys ask for nothing more") {
  const adit::Table table(plain_spec(false));
  const FastWay ways[] = {FastWay::kToIpv4Udp, FastWay::kToIpv6Udp,    FastWay::kToIpv4Nvgre,
                          FastWay::kToIpv4Udp, FastWay::kToAttachment, FastWay::kToAttachment};
  for (std::uint32_t i = 0; i < 6; ++i) CHECK(table.attachment(i).fast_way == ways[i]);
  for (std::uint32_t i = 0; i < 4; ++i) CHECK(table.arrivals()[i].way == FastWay::kToAttachment);
  CHECK(table.arrivals()[4].way == FastWay::kToIpv6Gre);
  CHECK(table.arrivals()[5].way == FastWay::kToIpv4Udp);
}

TEST_CASE("FastPath leaves a cross-connect alone whose tunnel asks for more") {
  const auto way_with = [](void (*change)(adit::TunnelSpec & spec)) {
    adit::TableSpec spec = plain_spec(false);
    change(std::get<adit::TunnelSpec>(spec.members[1].kind));
    const adit::Table table(spec);
    return std::pair(table.attachment(0).fast_way, table.arrivals()[0].way);
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

TEST_CASE("FastPath delivers a run out of one tunnel, and what breaks it") {
  adit::TableSpec near = plain_spec(false);
  near.members[0] = attached(1, adit::TagMatch::kUntagged);
  const auto tunnelled = [](const char* tags, std::size_t bytes) {
    Bytes frame = frame_of(tags, kPayloads[1]);
    frame.resize(bytes);
    return run(plain_spec(true), kAccess, {frame}, true).underlay.at(0);
  };
  // Of two tags on the far end: without tags here, in two sizes, and to be padded. Of one: with it.
  const Bytes plain = tunnelled("88a8000a81000014", 108);
  const Bytes larger = tunnelled("88a8000a81000014", 400);
  const Bytes small = tunnelled("88a8000a81000014", 67);
  const Bytes tagged = tunnelled("8100012c", 108);
  CHECK(run_both(near, kUnderlay, {small}).access.at(0).size() == 60);
  for (const std::size_t count : {1U, 7U, 8U, 9U, 63U, 64U, 100U}) {
    CAPTURE(count);
    const std::vector<Bytes> run(count, plain);
    CHECK(run_both(near, kUnderlay, run).access.size() == count);
    for (const Bytes* other : {&larger, &small, &tagged}) {
      for (const std::size_t place : {std::size_t{0}, count / 2, count - 1}) {
        std::vector<Bytes> broken = run;
        broken[place] = *other;
        CHECK(run_both(near, kUnderlay, broken).access.size() == count);
      }
    }
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
  // Into a tunnel, and to an attachment with a tag more than the frame has: 4 bytes of 256.
  for (const char* tags : {"8100012c", "81000014"}) {
    const Bytes frame = frame_of(tags, kPayloads[1]);
    std::size_t sent_in_all = 0;
    for (const std::uint32_t reserved : {180U, 190U, 200U, 252U, 253U, 256U}) {
      std::vector<Bytes> sent[2];
      for (const bool is_general : {false, true}) {
        Lab lab({}, {reserved, 0}, 512, plain_spec(false));
        adit::Trace trace;
        if (is_general) lab.pipeline.record(&trace);
        lab.receive(kAccess, {frame});
        sent[is_general ? 1 : 0] = lab.underlay.sent;
        std::ranges::copy(lab.access.sent, std::back_inserter(sent[is_general ? 1 : 0]));
      }
      CHECK(sent[0] == sent[1]);
      sent_in_all += sent[0].size();
    }
    CHECK(sent_in_all > 0);
    CHECK(sent_in_all < 6);
  }
}

TEST_CASE("FastPath sums IPv4 headers of the largest packets right, whatever is carried") {
  // As many bytes around the frame: IPv4, UDP and VXLAN.
  constexpr std::size_t kOuter = 20 + 8 + 8;
  for (std::size_t i = 0; i < 512; ++i) {
    const std::size_t ip_bytes = 0xffff - i / 256;
    Bytes frame = frame_of("88a8000a81000014", kPayloads[1]);
    frame.resize(ip_bytes - kOuter + 8);
    adit::TableSpec spec = plain_spec(false);
    std::get<adit::TunnelSpec>(spec.members[1].kind).local.bytes[3] = static_cast<std::uint8_t>(i);
    Bytes sent[2];
    for (const bool is_general : {false, true}) {
      Lab lab({.frame_bytes = 1U << 17}, {0, 0}, 4, spec);
      adit::NextHop hop = up();
      hop.mtu = 0xffff;
      lab.hops.set(hop_of(1), hop);
      adit::Trace trace;
      if (is_general) lab.pipeline.record(&trace);
      lab.receive(kAccess, {frame});
      REQUIRE(lab.underlay.sent.size() == 1);
      sent[is_general ? 1 : 0] = lab.underlay.sent[0];
    }
    CHECK(sent[0] == sent[1]);
    CHECK(sent[0].size() == ip_bytes + 14);
  }
}
