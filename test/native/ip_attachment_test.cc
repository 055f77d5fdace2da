#include "service/ip_attachment.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "bytes.h"
#include "table/learned_macs.h"

namespace {

using adit::DropReason;
using adit::InnerFrame;
using adit::IpArrival;
using adit::MacAddress;
using bytes::Bytes;

constexpr MacAddress kOwn{{2, 0, 0, 0, 0, 2}};
constexpr MacAddress kHost{{2, 0, 0, 0, 0, 0x0a}};

// Made by scapy: a host's questions for 10.0.0.2 and fd00::2, their answers, and its packets.
constexpr std::string_view kArpRequest =
    "ffffffffffff02000000000a0806000108000604000102000000000a0a0000010000000000000a000002";
constexpr std::string_view kArpReply =
    "02000000000a020000000002080600010800060400020200000000020a00000202000000000a0a000001";
constexpr std::string_view kSolicitation =
    "3333ff00000202000000000a86dd6000000000203afffd000000000000000000000000000001ff02000000000000"
    "0000"
    "0001ff00000287007d8e00000000fd000000000000000000000000000002010102000000000a";
constexpr std::string_view kBareSolicitation =
    "3333ff00000202000000000a86dd6000000000183afffd000000000000000000000000000001ff02000000000000"
    "0000"
    "0001ff000002870080a100000000fd000000000000000000000000000002";
constexpr std::string_view kAdvertisement =
    "02000000000a02000000000286dd6000000000203afffd000000000000000000000000000002fd00000000000000"
    "000000000000000188001c9a60000000fd0000000000000000000000000000020201020000000002";
constexpr std::string_view kUdp4 =
    "02000000000202000000000a08004500001c00010000401166ce0a0000010a00000203e807d00008e023";
constexpr std::string_view kUdp6 =
    "02000000000202000000000a86dd6000000000081140fd000000000000000000000000000001fd00000000000000"
    "000000000000000203e807d00008fa21";

class Frame : public bytes::Frame {
 public:
  template <typename Source>
  explicit Frame(const Source& source, std::uint32_t tailroom = 0)
      : bytes::Frame(source, 0, tailroom) {}

  /// \pre the frame's headers are whole.
  [[nodiscard]] IpArrival judged() {
    REQUIRE(adit::parse_inner(packet, inner) == DropReason::kNone);
    return adit::judge_ip_arrival(packet, inner, kOwn);
  }

  InnerFrame inner;
};

}  // namespace

TEST_CASE("IP attachment: an ARP request becomes its reply in its own frame") {
  Frame frame(std::string(kArpRequest) + "ffffffffffff");
  CHECK(frame.judged().fate == IpArrival::Fate::kAnswer);
  CHECK(adit::answer_neighbor(frame.packet, kOwn));
  CHECK(frame.hex() == kArpReply);
}

TEST_CASE("IP attachment: a solicitation becomes its advertisement in its own frame") {
  Frame exact(kSolicitation);
  CHECK(exact.judged().fate == IpArrival::Fate::kAnswer);
  CHECK(adit::answer_neighbor(exact.packet, kOwn));
  CHECK(exact.hex() == kAdvertisement);

  Frame longer(std::string(kSolicitation) + "ffff");
  CHECK(longer.judged().fate == IpArrival::Fate::kAnswer);
  CHECK(adit::answer_neighbor(longer.packet, kOwn));
  CHECK(longer.hex() == kAdvertisement);
}

TEST_CASE("IP attachment: the answer to a short solicitation needs 8 bytes behind the frame") {
  for (std::uint32_t room = 0; room <= 8; ++room) {
    CAPTURE(room);
    Frame frame(kBareSolicitation, room);
    CHECK(frame.judged().fate == IpArrival::Fate::kAnswer);
    CHECK(adit::answer_neighbor(frame.packet, kOwn) == (room == 8));
    CHECK(frame.hex() == (room == 8 ? kAdvertisement : kBareSolicitation));
  }
}

TEST_CASE("IP attachment: an IP packet leaves its header and its padding behind") {
  for (const std::string_view whole : {kUdp4, kUdp6}) {
    for (const char* padding : {"", "ee", "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"}) {
      Frame frame(std::string(whole) + padding);
      const IpArrival arrival = frame.judged();
      CHECK(arrival.fate == IpArrival::Fate::kForward);
      CHECK(arrival.teaches);
      adit::take_ip_packet(frame.packet, frame.inner);
      CHECK(frame.hex() == whole.substr(28));
      CHECK(frame.inner.is_ip_packet());
      CHECK(frame.inner.payload != InnerFrame::Payload::kOther);
    }
  }
}

TEST_CASE("IP attachment: every prefix of every frame is judged inside its bytes") {
  for (const std::string_view whole :
       {kArpRequest, kSolicitation, kBareSolicitation, kUdp4, kUdp6}) {
    const Bytes all = bytes::from_hex(whole);
    for (std::size_t size = 14; size < all.size(); ++size) {
      CAPTURE(size);
      Frame frame(Bytes(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size)));
      if (adit::parse_inner(frame.packet, frame.inner) != DropReason::kNone) continue;
      const IpArrival arrival = adit::judge_ip_arrival(frame.packet, frame.inner, kOwn);
      // Nothing is answered but whole questions.
      CHECK(arrival.fate != IpArrival::Fate::kAnswer);
      if (arrival.fate == IpArrival::Fate::kForward) {
        adit::take_ip_packet(frame.packet, frame.inner);
        CHECK(frame.packet.size() == size - 14);
      }
    }
  }
}

TEST_CASE("IP attachment: every damaged byte of a solicitation is found, or is not in its sum") {
  const Bytes whole = bytes::from_hex(kSolicitation);
  // Source and destination, the message and its option; not traffic class and flow label.
  for (std::size_t at = 22; at < whole.size(); ++at) {
    CAPTURE(at);
    Bytes damaged = whole;
    damaged[at] ^= 0x10;
    Frame frame(damaged);
    CHECK(frame.judged().fate == IpArrival::Fate::kDrop);
  }
}

TEST_CASE("IP attachment: what teaches") {
  Bytes frame = bytes::from_hex(kUdp4);
  const auto from = [&](const MacAddress& source) {
    std::copy(source.bytes.begin(), source.bytes.end(), frame.begin() + 6);
    return Frame(frame).judged();
  };
  CHECK(from(kHost).teaches);
  CHECK_FALSE(from(kOwn).teaches);
  CHECK_FALSE(from({}).teaches);
  CHECK_FALSE(from({{3, 0, 0, 0, 0, 1}}).teaches);
  CHECK(from({{3, 0, 0, 0, 0, 1}}).reason == DropReason::k_reserved_mac);
}

TEST_CASE("LearnedMacs: one a member, none at first, and any address is one") {
  adit::LearnedMacs macs(2);
  CHECK_FALSE(macs.find(0).has_value());
  macs.learn(1, kHost);
  CHECK_FALSE(macs.find(0).has_value());
  CHECK(macs.find(1) == kHost);
  macs.learn(1, kOwn);
  CHECK(macs.find(1) == kOwn);
  macs.learn(0, {});
  CHECK(macs.find(0) == MacAddress{});
}
