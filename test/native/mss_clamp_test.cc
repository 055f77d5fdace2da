#include "service/mss_clamp.h"

#include <doctest/doctest.h>

#include <cstdio>

#include "bytes.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/tcp.h"

namespace {

using adit::InnerFrame;
using bytes::Bytes;

constexpr std::uint32_t kTcp = sizeof(adit::EthernetHeader) + 20;

/// A SYN over IPv4 with these options; its checksum is right.
Bytes syn(std::string_view options) {
  const Bytes own = bytes::from_hex(options);
  Bytes out = bytes::from_hex(
      "020000000b02020000000a0108004500000000074000400600000a0000010a000002"
      "03e8005000000007000000005002200000000000");
  out.insert(out.end(), own.begin(), own.end());
  auto* ip = reinterpret_cast<adit::Ipv4Header*>(out.data() + sizeof(adit::EthernetHeader));
  ip->total_length = static_cast<std::uint16_t>(40 + own.size());
  out[kTcp + 12] = static_cast<std::uint8_t>((20 + own.size()) / 4 << 4);
  auto* tcp = reinterpret_cast<adit::TcpHeader*>(out.data() + kTcp);
  adit::ChecksumSum sum =
      adit::pseudo_header_sum(ip->source, ip->destination, 4, adit::IpProto::kTcp,
                              static_cast<std::uint32_t>(20 + own.size()));
  sum.add(out.data() + kTcp, 20 + own.size());
  tcp->checksum = sum.checksum();
  return out;
}

std::string clamped(const Bytes& frame, std::uint32_t mtu) {
  const bytes::Frame held(frame);
  InnerFrame inner;
  REQUIRE(adit::parse_inner(held.packet, inner) == adit::DropReason::kNone);
  adit::clamp_mss(held.packet, inner, mtu);
  return held.hex();
}

}  // namespace

TEST_CASE("MSS clamp: lowers, at even and odd places, and the checksum stays right") {
  for (std::uint32_t mtu = 600; mtu < 1500; mtu += 7) {
    char most[5];
    std::snprintf(most, sizeof most, "%04x", mtu - 40);
    const std::string end = std::string(most);
    CHECK(clamped(syn("020405b4"), mtu) == bytes::to_hex(syn("0204" + end)));
    CHECK(clamped(syn("0101020423280101"), mtu) == bytes::to_hex(syn("01010204" + end + "0101")));
    CHECK(clamped(syn("0102042328010101"), mtu) == bytes::to_hex(syn("010204" + end + "010101")));
  }
}

TEST_CASE("MSS clamp: never raises, and changes nothing else") {
  for (const char* options : {"02040218", "01010101", "", "0000000002042328"}) {
    CHECK(clamped(syn(options), 1450) == bytes::to_hex(syn(options)));
  }
  CHECK(clamped(syn("0204058c"), 1460) == bytes::to_hex(syn("0204058c")));
}

TEST_CASE("MSS clamp: an MTU without room for a segment clamps nothing") {
  for (const std::uint32_t mtu : {0U, 20U, 40U}) {
    CHECK(clamped(syn("020405b4"), mtu) == bytes::to_hex(syn("020405b4")));
  }
  CHECK(clamped(syn("020405b4"), 41) == bytes::to_hex(syn("02040001")));
}

TEST_CASE("MSS clamp: a frame cut anywhere is never read past its end") {
  const Bytes whole = syn("0101020423280101");
  for (std::size_t bytes = kTcp; bytes < whole.size(); ++bytes) {
    const Bytes cut = bytes::head(whole, bytes);
    CHECK(clamped(cut, 1400) == bytes::to_hex(cut));
  }
}
