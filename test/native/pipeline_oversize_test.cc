// Packets that are too big, through the whole path: every frame has one place and one fate,
// whatever is short.

#include <doctest/doctest.h>

#include <variant>

#include "pipeline_lab.h"
#include "scapy_packets.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"

using namespace pipeline_lab;
using bytes::from_hex;

namespace {

using Drops = std::map<std::string, std::uint64_t>;
using Oversize = adit::TunnelSpec::Oversize;

constexpr adit::FrameLayout kChained{.frame_bytes = 2048, .data_offset = 256, .max_buffers = 18};
constexpr adit::FrameLayout kLinear{.frame_bytes = 16384, .data_offset = 256};
const std::vector<std::uint32_t> kFull = {1792};
constexpr std::uint32_t kLink = sizeof(adit::EthernetHeader);
/// VXLAN over IPv4, with the Ethernet headers on both sides.
constexpr std::uint32_t kOuter = 14 + 36;
constexpr std::uint32_t kHeaders = kOuter + kLink + 20;

adit::TableSpec spec_with(Oversize oversize) {
  adit::TableSpec spec = table_spec();
  auto& tunnel = std::get<adit::TunnelSpec>(spec.members[kVxlan4].kind);
  tunnel.oversize = oversize;
  tunnel.mss_clamp = true;
  return spec;
}

struct SizeLab : Lab {
  explicit SizeLab(Oversize oversize, const adit::FrameLayout& layout = kLinear,
                   std::uint32_t frames = 64)
      : Lab(layout, {0, 0}, frames, spec_with(oversize)) {
    if (layout.max_buffers > 1) pieces = kFull;
  }

  void complete() {
    access.complete();
    underlay.complete();
    CHECK(pool.free() == pool.total());
  }
};

/// A datagram of `payload` bytes behind its IPv4 header, in a frame with tag 100.
Bytes datagram(std::size_t payload, bool dont_fragment) {
  Bytes frame = from_hex(scapy::kVlan100);
  constexpr std::size_t kIp = kLink + 4;
  frame.resize(kIp + 20 + payload);
  for (std::size_t i = kIp + 20; i < frame.size(); ++i) {
    frame[i] = static_cast<std::uint8_t>(i * 31 + i / 256);
  }
  auto* ip = reinterpret_cast<adit::Ipv4Header*>(&frame[kIp]);
  ip->total_length = static_cast<std::uint16_t>(20 + payload);
  ip->flags_offset = dont_fragment ? adit::Ipv4Header::kDontFragment : std::uint16_t{0};
  ip->checksum = adit::ipv4_checksum(*ip);
  return frame;
}

/// Payloads of the fragments in the underlay's packets, in the order they were sent.
Bytes payload_of(const std::vector<Bytes>& sent) {
  Bytes all;
  for (const Bytes& packet : sent) {
    all.insert(all.end(), packet.begin() + kHeaders, packet.end());
  }
  return all;
}

}  // namespace

TEST_CASE("Pipeline cuts a packet of several buffers as it does one in one") {
  for (const std::size_t payload : {1431U, 1800U, 4000U, 9000U}) {
    CAPTURE(payload);
    const Bytes frame = datagram(payload, false);
    SizeLab linear(Oversize::kFragmentInner);
    SizeLab chained(Oversize::kFragmentInner, kChained);
    for (SizeLab* lab : {&linear, &chained}) {
      lab->receive(kAccess, {frame});
      CHECK(lab->drops().empty());
      CHECK(payload_of(lab->underlay.sent) == bytes::behind(frame, kLink + 4 + 20));
      lab->complete();
    }
    CHECK(linear.underlay.sent == chained.underlay.sent);
  }
}

TEST_CASE("Pipeline sends all fragments or none, whatever number of frames is free") {
  constexpr std::uint32_t kFragments = 7;
  const Bytes frame = datagram(9000, false);
  for (std::uint32_t frames = 1; frames < 12; ++frames) {
    CAPTURE(frames);
    SizeLab lab(Oversize::kFragmentInner, kLinear, frames);
    lab.receive(kAccess, {frame});
    const bool is_enough = frames >= kFragments;
    CHECK(lab.underlay.sent.size() == (is_enough ? kFragments : 0));
    CHECK(lab.drops() == (is_enough ? Drops{} : Drops{{"no_frame", 1}}));
    lab.complete();
  }
}

TEST_CASE("Pipeline drops the fragments that the ring does not take, and no frame is lost") {
  for (std::size_t room = 0; room <= 7; ++room) {
    CAPTURE(room);
    SizeLab lab(Oversize::kFragmentInner, kChained);
    lab.underlay.room = room;
    lab.receive(kAccess, {datagram(9000, false)});
    CHECK(lab.underlay.sent.size() == room);
    CHECK(lab.drops() == (room == 7 ? Drops{} : Drops{{"tx_full", 7 - room}}));
    lab.complete();
  }
}

TEST_CASE("Pipeline cuts, or tells of, what was held for the answer that brought the MTU") {
  for (const Oversize oversize : {Oversize::kFragmentInner, Oversize::kIcmp}) {
    const bool is_cut = oversize == Oversize::kFragmentInner;
    SizeLab lab(oversize, kChained, 512);
    adit::NextHop hop = up();
    hop.status = adit::NextHop::Status::kResolving;
    lab.hops.set(hop_of(kVxlan4), hop);
    lab.receive(kAccess, {datagram(4000, !is_cut), datagram(100, true), datagram(9000, !is_cut)});
    lab.hops.set(hop_of(kVxlan4), up());
    lab.pipeline.release_held(lab.table, 1);
    lab.pipeline.flush(lab.table);
    lab.check_accounting();
    CHECK(lab.pipeline.frames_in_hand() == 0);
    CHECK(lab.underlay.sent.size() == (is_cut ? 3 + 1 + 7 : 1));
    CHECK(lab.access.sent.size() == (is_cut ? 0 : 2));
    CHECK(lab.drops() == (is_cut ? Drops{} : Drops{{"too_big", 2}}));
    lab.complete();
  }
}

TEST_CASE("Pipeline tells of a packet of several buffers as it does of one in one") {
  const Bytes frame = datagram(9000, true);
  SizeLab linear(Oversize::kIcmp);
  SizeLab chained(Oversize::kIcmp, kChained);
  for (SizeLab* lab : {&linear, &chained}) {
    lab->receive(kAccess, {frame, frame});
    CHECK(lab->drops() == Drops{{"too_big", 2}});
    REQUIRE(lab->access.sent.size() == 2);
    CHECK(lab->access.sent[0].size() == kLink + 4 + 576);
    lab->complete();
  }
  CHECK(linear.access.sent == chained.access.sent);
}

TEST_CASE("Pipeline counts a message that the ring does not take, and its frames come back") {
  for (const adit::FrameLayout& layout : {kLinear, kChained}) {
    SizeLab lab(Oversize::kIcmp, layout);
    lab.access.room = 1;
    lab.receive(kAccess, {datagram(9000, true), datagram(4000, true)});
    CHECK(lab.drops() == Drops{{"too_big", 2}, {"tx_full", 1}});
    CHECK(lab.counters.generated.get() == 2);
    lab.complete();
  }
}
