#include <doctest/doctest.h>

#include "bytes.h"
#include "packet/inner.h"
#include "scapy_packets.h"

namespace {

using adit::DropReason;
using adit::Ecn;
using adit::InnerFrame;
using bytes::Bytes;
using bytes::Frame;
using bytes::from_hex;
using bytes::to_hex;
using Payload = InnerFrame::Payload;

InnerFrame parsed(const Bytes& bytes, DropReason expected = DropReason::kNone) {
  const Frame frame(bytes);
  InnerFrame inner;
  CHECK(adit::parse_inner(frame.packet, inner) == expected);
  return inner;
}

/// By ECN codepoint: Not-ECT, ECT(1), ECT(0), CE.
constexpr const char* kInner4[] = {scapy::kInnerNotEct4, scapy::kInnerEct1Of4, scapy::kInnerEct0Of4,
                                   scapy::kInnerCe4};
constexpr Ecn kCodepoints[] = {Ecn::kNotEct, Ecn::kEct1, Ecn::kEct0, Ecn::kCe};
constexpr int kDropped = -1;
/// RFC 6040 section 4.2: the outgoing codepoint by inner (row) and outer (column).
constexpr int kOutgoing[4][4] = {
    {0, 0, 0, kDropped},
    {1, 1, 1, 3},
    {2, 1, 2, 3},
    {3, 3, 3, 3},
};

/// InnerTcp6 with the codepoint in its traffic class; IPv6 has no checksum to follow.
Bytes inner6(int ecn) {
  Bytes frame = from_hex(scapy::kInnerTcp6);
  frame[15] = static_cast<std::uint8_t>((frame[15] & 0xcf) | ecn << 4);
  return frame;
}

/// Decapsulates one cell of the table; `expected` are the frames by codepoint.
void check_cell(int inner_ecn, int outer_ecn, const Bytes (&frames)[4]) {
  CAPTURE(inner_ecn);
  CAPTURE(outer_ecn);
  const Bytes& before = frames[inner_ecn];
  const Frame frame(before);
  InnerFrame inner;
  REQUIRE(adit::parse_inner(frame.packet, inner) == DropReason::kNone);
  CHECK(inner.ecn == kCodepoints[inner_ecn]);
  const DropReason reason = adit::decapsulate_ecn(frame.packet, inner, kCodepoints[outer_ecn]);
  const int outgoing = kOutgoing[inner_ecn][outer_ecn];
  if (outgoing == kDropped) {
    CHECK(reason == DropReason::k_ecn_congestion);
    CHECK(frame.hex() == to_hex(before));
  } else {
    CHECK(reason == DropReason::kNone);
    CHECK(frame.hex() == to_hex(frames[outgoing]));
  }
}

}  // namespace

TEST_CASE("parse_inner() finds IPv4 and IPv6 behind up to two tags") {
  const InnerFrame plain = parsed(from_hex(scapy::kInnerUdp4));
  CHECK(plain.payload == Payload::kIpv4);
  CHECK_FALSE(plain.tagged);
  CHECK(plain.ip_offset == 14);
  const InnerFrame six = parsed(from_hex(scapy::kInnerTcp6));
  CHECK(six.payload == Payload::kIpv6);
  CHECK(six.ip_offset == 14);
  const InnerFrame one_tag = parsed(from_hex(scapy::kInnerVlan));
  CHECK(one_tag.payload == Payload::kIpv4);
  CHECK(one_tag.tagged);
  CHECK(one_tag.ip_offset == 18);
  const InnerFrame two_tags = parsed(from_hex(scapy::kInnerQinq));
  CHECK(two_tags.payload == Payload::kIpv4);
  CHECK(two_tags.tagged);
  CHECK(two_tags.ip_offset == 22);
}

TEST_CASE("parse_inner() takes ARP, a third tag and IP of a wrong version as other payload") {
  CHECK(parsed(from_hex(scapy::kInnerArp)).payload == Payload::kOther);
  Bytes three = from_hex(scapy::kInnerQinq);
  const Bytes third = from_hex("81000007");
  three.insert(three.begin() + 12, third.begin(), third.end());
  const InnerFrame tags = parsed(three);
  CHECK(tags.payload == Payload::kOther);
  CHECK(tags.tagged);
  const Bytes whole = from_hex(scapy::kInnerUdp4);
  CHECK(parsed(bytes::with(whole, 14, "55")).payload == Payload::kOther);
  CHECK(parsed(bytes::with(whole, 14, "44")).payload == Payload::kOther);
  CHECK(parsed(bytes::with(from_hex(scapy::kInnerTcp6), 14, "40")).payload == Payload::kOther);
}

TEST_CASE("parse_inner() drops every frame that ends inside its Ethernet or IP header") {
  const struct {
    const char* hex;
    std::size_t header_bytes;
  } cases[] = {{scapy::kInnerUdp4, 34},
               {scapy::kInnerTcp6, 54},
               {scapy::kInnerVlan, 38},
               {scapy::kInnerQinq, 42},
               {scapy::kInnerArp, 14}};
  for (const auto& c : cases) {
    const Bytes whole = from_hex(c.hex);
    for (std::size_t size = 0; size <= whole.size(); ++size) {
      CAPTURE(size);
      const bool is_whole = size >= c.header_bytes;
      parsed(bytes::head(whole, size),
             is_whole ? DropReason::kNone : DropReason::k_inner_truncated);
    }
  }
  // The length that IHL announces counts: 24 bytes of header, 20 there.
  const Bytes options = bytes::with(from_hex(scapy::kInnerUdp4), 14, "46");
  parsed(bytes::head(options, 37), DropReason::k_inner_truncated);
  parsed(bytes::head(options, 38));
}

TEST_CASE("parse_inner() leaves nothing over from the frame that was parsed before") {
  const Frame tagged(scapy::kInnerVlan);
  const Frame arp(scapy::kInnerArp);
  InnerFrame inner;
  REQUIRE(adit::parse_inner(tagged.packet, inner) == DropReason::kNone);
  inner.ecn = Ecn::kCe;
  REQUIRE(adit::parse_inner(arp.packet, inner) == DropReason::kNone);
  CHECK(inner.payload == Payload::kOther);
  CHECK_FALSE(inner.tagged);
  CHECK(inner.ecn == Ecn::kNotEct);
}

TEST_CASE("decapsulate_ecn() does all sixteen cells of RFC 6040 on IPv4, with scapy's checksums") {
  const Bytes frames[4] = {from_hex(kInner4[0]), from_hex(kInner4[1]), from_hex(kInner4[2]),
                           from_hex(kInner4[3])};
  for (int inner = 0; inner < 4; ++inner) {
    for (int outer = 0; outer < 4; ++outer) check_cell(inner, outer, frames);
  }
}

TEST_CASE("decapsulate_ecn() does all sixteen cells of RFC 6040 on IPv6") {
  const Bytes frames[4] = {inner6(0), inner6(1), inner6(2), inner6(3)};
  for (int inner = 0; inner < 4; ++inner) {
    for (int outer = 0; outer < 4; ++outer) check_cell(inner, outer, frames);
  }
}

TEST_CASE("decapsulate_ecn() leaves payloads that are not IP alone, also under CE") {
  for (const Ecn outer : kCodepoints) {
    const Frame frame(scapy::kInnerArp);
    InnerFrame inner;
    REQUIRE(adit::parse_inner(frame.packet, inner) == DropReason::kNone);
    CHECK(adit::decapsulate_ecn(frame.packet, inner, outer) == DropReason::kNone);
    CHECK(frame.hex() == scapy::kInnerArp);
  }
}

TEST_CASE("decapsulate_ecn() keeps a wrong inner checksum as wrong as it was (RFC 1624)") {
  const Bytes right = from_hex(kInner4[2]);
  const Bytes raised = from_hex(kInner4[3]);
  const auto sum_at = [](const Bytes& frame) { return frame[24] << 8 | frame[25]; };
  for (int error = 1; error < 0xffff; error += 257) {
    Bytes wrong = right;
    const int field = (sum_at(right) + error) % 0xffff;
    wrong[24] = static_cast<std::uint8_t>(field >> 8);
    wrong[25] = static_cast<std::uint8_t>(field);
    const Frame frame(wrong);
    InnerFrame inner;
    REQUIRE(adit::parse_inner(frame.packet, inner) == DropReason::kNone);
    REQUIRE(adit::decapsulate_ecn(frame.packet, inner, Ecn::kCe) == DropReason::kNone);
    const Bytes after(frame.packet.data(), frame.packet.data() + frame.packet.size());
    // Equal in one's complement, where 0 and 0xffff are one.
    CHECK(sum_at(after) % 0xffff == (sum_at(raised) + error) % 0xffff);
  }
}

TEST_CASE("decapsulate_ecn() reaches the IP header behind a kept tag") {
  const Frame frame(bytes::with(from_hex(scapy::kInnerVlan), 19, "02"));
  InnerFrame inner;
  REQUIRE(adit::parse_inner(frame.packet, inner) == DropReason::kNone);
  REQUIRE(inner.ecn == Ecn::kEct0);
  CHECK(adit::decapsulate_ecn(frame.packet, inner, Ecn::kCe) == DropReason::kNone);
  CHECK(frame.packet.data()[19] == 3);
}
