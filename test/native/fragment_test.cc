#include "service/fragment.h"

#include <doctest/doctest.h>

#include "bytes.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"

namespace {

using adit::FragmentPlan;
using adit::InnerFrame;
using adit::Ipv4Header;
using bytes::Bytes;

constexpr std::uint32_t kLink = sizeof(adit::EthernetHeader);

/// A packet with these options, flags and offset, whose payload bytes count up.
Bytes packet(std::uint32_t payload, std::string_view options = "", std::uint16_t field = 0) {
  const Bytes own = bytes::from_hex(options);
  const auto header = static_cast<std::uint8_t>(20 + own.size());
  Bytes out = bytes::from_hex("020000000b02020000000a010800450000000007000040110000");
  const Bytes addresses = bytes::from_hex("0a0000010a000002");
  out.insert(out.end(), addresses.begin(), addresses.end());
  out.insert(out.end(), own.begin(), own.end());
  for (std::uint32_t i = 0; i < payload; ++i) out.push_back(static_cast<std::uint8_t>(i * 7));
  auto* ip = reinterpret_cast<Ipv4Header*>(out.data() + kLink);
  ip->version_ihl = static_cast<std::uint8_t>(0x40 | header / 4);
  ip->total_length = static_cast<std::uint16_t>(header + payload);
  ip->flags_offset = field;
  adit::ChecksumSum sum;
  sum.add(out.data() + kLink, header);
  ip->checksum = sum.checksum();
  return out;
}

FragmentPlan plan_of(const bytes::Frame& frame, std::uint32_t limit) {
  InnerFrame inner;
  REQUIRE(adit::parse_inner(frame.packet, inner) == adit::DropReason::kNone);
  return adit::plan_fragments(frame.packet, inner, limit);
}

/// Payload of a fragment, whose header must be sound.
Bytes payload_of(const adit::Packet& fragment, std::uint32_t offset, bool more) {
  const auto* ip = fragment.at<Ipv4Header>(kLink);
  CHECK(ip->total_length.get() == fragment.size() - kLink);
  CHECK((ip->flags_offset.get() & Ipv4Header::kOffsetMask) * 8U == offset);
  CHECK(((ip->flags_offset.get() & Ipv4Header::kMoreFragments) != 0) == more);
  adit::ChecksumSum sum;
  sum.add(fragment.data() + kLink, ip->header_bytes());
  CHECK(sum.verifies());
  const std::uint8_t* start = fragment.data() + kLink + ip->header_bytes();
  const std::uint8_t* end = fragment.data() + fragment.size();
  return {start, end};
}

}  // namespace

TEST_CASE("Fragments: every size and limit reassembles to what it was") {
  for (const char* options : {"", "94040000", "070704000000009404000000000000"}) {
    const std::string padded =
        std::string(options) + (std::string(options).size() == 30 ? "00" : "");
    for (std::uint32_t payload = 1; payload < 300; payload += 13) {
      for (const std::uint32_t limit : {68U, 69U, 75U, 76U, 100U}) {
        bytes::Frame whole(packet(payload, padded));
        const FragmentPlan plan = plan_of(whole, limit);
        const std::uint32_t header = 20 + static_cast<std::uint32_t>(padded.size()) / 2;
        if (payload + header <= limit) {
          CHECK(plan.count == 0);
          continue;
        }
        REQUIRE(plan.count >= 2);
        std::vector<std::unique_ptr<bytes::Frame>> parts(plan.count);
        for (std::uint32_t i = 1; i < plan.count; ++i) {
          parts[i] = std::make_unique<bytes::Frame>(Bytes{}, 0, kLink + limit);
          REQUIRE(adit::copy_fragment(whole.packet, plan, i, parts[i]->packet));
          CHECK(parts[i]->packet.size() <= kLink + limit);
        }
        adit::cut_to_first_fragment(whole.packet, plan);
        CHECK(whole.packet.size() <= kLink + limit);
        Bytes all = payload_of(whole.packet, 0, true);
        for (std::uint32_t i = 1; i < plan.count; ++i) {
          const Bytes more = payload_of(parts[i]->packet, static_cast<std::uint32_t>(all.size()),
                                        i + 1 < plan.count);
          all.insert(all.end(), more.begin(), more.end());
        }
        CHECK(all == bytes::behind(packet(payload, padded), kLink + header));
      }
    }
  }
}

TEST_CASE("Fragments: memory that is short by a byte is refused") {
  bytes::Frame whole(packet(200));
  const FragmentPlan plan = plan_of(whole, 100);
  bytes::Frame exact(Bytes{}, 0, kLink + 100);
  CHECK(adit::copy_fragment(whole.packet, plan, 1, exact.packet));
  bytes::Frame tight(Bytes{}, 0, kLink + 99);
  CHECK_FALSE(adit::copy_fragment(whole.packet, plan, 1, tight.packet));
}

TEST_CASE("Fragments: what may not, or cannot be cut") {
  CHECK(plan_of(bytes::Frame(packet(200, "", Ipv4Header::kDontFragment)), 100).count == 0);
  CHECK(plan_of(bytes::Frame(packet(200)), 27).count == 0);
  CHECK(plan_of(bytes::Frame(packet(200)), 28).count == 25);
  CHECK(plan_of(bytes::Frame(packet(200)), 0).count == 0);
  // A header whose checksum is wrong, or that is longer than the frame.
  CHECK(plan_of(bytes::Frame(bytes::with(packet(200), kLink + 10, "0001")), 100).count == 0);
  CHECK(plan_of(bytes::Frame(bytes::head(packet(200), kLink + 219)), 100).count == 0);
  // Options that end behind the header, or have no length.
  CHECK(plan_of(bytes::Frame(packet(200, "94050000")), 100).count == 0);
  CHECK(plan_of(bytes::Frame(packet(200, "94010000")), 100).count == 0);
  CHECK(plan_of(bytes::Frame(packet(200, "01010194")), 100).count == 0);
  // It would end behind byte 65535.
  CHECK(plan_of(bytes::Frame(packet(200, "", 8191)), 100).count == 0);
  CHECK(plan_of(bytes::Frame(packet(200, "", 8160)), 100).count == 3);
}

TEST_CASE("Fragments: a packet in two buffers is cut as one in one") {
  for (const std::uint32_t first : {kLink + 20, kLink + 21, kLink + 90, kLink + 150}) {
    const Bytes all = packet(300);
    bytes::Frame one(all);
    bytes::Frame two(bytes::head(all, first));
    Bytes rest = bytes::behind(all, first);
    const adit::Segment segment{rest.data(), nullptr, static_cast<std::uint32_t>(rest.size())};
    two.packet.chain(&segment, segment.bytes);
    const FragmentPlan plan = plan_of(two, 100);
    REQUIRE(plan.count == plan_of(one, 100).count);
    for (std::uint32_t i = 1; i < plan.count; ++i) {
      bytes::Frame expected(Bytes{}, 0, kLink + 100);
      bytes::Frame found(Bytes{}, 0, kLink + 100);
      REQUIRE(adit::copy_fragment(one.packet, plan, i, expected.packet));
      REQUIRE(adit::copy_fragment(two.packet, plan, i, found.packet));
      CHECK(found.hex() == expected.hex());
    }
    adit::cut_to_first_fragment(one.packet, plan);
    adit::cut_to_first_fragment(two.packet, plan);
    Bytes cut(two.packet.length());
    REQUIRE(two.packet.load(0, cut.data(), two.packet.length()));
    CHECK(bytes::to_hex(cut) == one.hex());
  }
}
