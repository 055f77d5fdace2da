#include <doctest/doctest.h>

#include "bytes.h"
#include "packet/headers.h"
#include "scapy_packets.h"

namespace {

using adit::EtherType;
using bytes::Bytes;
using bytes::Frame;
using bytes::from_hex;
using bytes::to_hex;

/// The VXLAN or GRE packet of one of scapy's frames over IPv4.
Bytes vxlan_of(const char* hex) { return bytes::behind(from_hex(hex), 42); }
Bytes gre_of(const char* hex) { return bytes::behind(from_hex(hex), 34); }

bool refuses_gre(const Bytes& packet) {
  Frame frame(packet);
  const std::string before = frame.memory();
  const bool refused = !adit::pop_gre(frame.packet);
  CHECK(frame.memory() == before);
  if (refused) CHECK(frame.packet.size() == packet.size());
  return refused;
}

/// GRE fields with a key.
adit::GreFields keyed_gre(std::uint32_t key) {
  adit::GreFields fields;
  fields.key = key;
  return fields;
}

}  // namespace

TEST_CASE("push_vxlan() writes scapy's header over stale headroom") {
  Frame frame(scapy::kInnerUdp4, 8);
  REQUIRE(adit::push_vxlan(frame.packet, 5001));
  CHECK(frame.hex() == to_hex(vxlan_of(scapy::kVxlan4)));
  Frame largest(scapy::kInnerUdp4, 8);
  REQUIRE(adit::push_vxlan(largest.packet, 0xffffff));
  CHECK(largest.hex() == to_hex(vxlan_of(scapy::kSentVxlan4Tos)));
}

TEST_CASE("push_vxlan() is refused without room and for a VNI over 24 bits") {
  Frame full("01", 7);
  const std::string before = full.memory();
  CHECK_FALSE(adit::push_vxlan(full.packet, 1));
  CHECK(full.memory() == before);
  Frame frame("01", 8);
  CHECK_FALSE(adit::push_vxlan(frame.packet, 0x1000000));
  CHECK(frame.hex() == "01");
}

TEST_CASE("pop_vxlan() gives the VNI and ignores reserved bits (RFC 7348 section 5)") {
  const Bytes whole = vxlan_of(scapy::kVxlan4);
  for (const Bytes& packet : {whole, bytes::with(whole, 0, "ffffffff001389ff")}) {
    Frame frame(packet);
    CHECK(adit::pop_vxlan(frame.packet) == 5001U);
    CHECK(frame.hex() == scapy::kInnerUdp4);
  }
}

TEST_CASE("pop_vxlan() refuses a clear I bit and every packet that is too short") {
  const Bytes whole = vxlan_of(scapy::kVxlan4);
  for (int flags = 0; flags < 256; ++flags) {
    Bytes packet = whole;
    packet[0] = static_cast<std::uint8_t>(flags);
    Frame frame(packet);
    CHECK(adit::pop_vxlan(frame.packet).has_value() == ((flags & 0x08) != 0));
  }
  for (std::size_t size = 0; size < 8; ++size) {
    Frame cut(bytes::head(whole, size));
    CHECK_FALSE(adit::pop_vxlan(cut.packet));
    CHECK(cut.packet.size() == size);
  }
}

TEST_CASE("push_gre() writes scapy's header, with and without key, over stale headroom") {
  Frame plain(scapy::kInnerUdp4, 4);
  REQUIRE(adit::push_gre(plain.packet, adit::GreFields{}));
  CHECK(plain.hex() == to_hex(gre_of(scapy::kGre4)));
  Frame keyed(scapy::kInnerUdp4, 8);
  REQUIRE(adit::push_gre(keyed.packet, keyed_gre(77)));
  CHECK(keyed.hex() == to_hex(gre_of(scapy::kGre4Keyed)));
}

TEST_CASE("push_gre() is refused, and nothing changed, one byte short of room") {
  for (const bool is_keyed : {false, true}) {
    Frame frame("01", is_keyed ? 7 : 3);
    const std::string before = frame.memory();
    adit::GreFields fields;
    if (is_keyed) fields.key = 77;
    CHECK_FALSE(adit::push_gre(frame.packet, fields));
    CHECK(frame.memory() == before);
    CHECK(frame.hex() == "01");
  }
}

TEST_CASE("pop_gre() takes header, key, checksum and sequence number of scapy's packets") {
  for (const char* hex : {scapy::kGre4, scapy::kGre4Keyed, scapy::kGre4Full}) {
    Frame frame(gre_of(hex));
    const auto gre = adit::pop_gre(frame.packet);
    REQUIRE(gre);
    CHECK(gre->protocol == EtherType::kTransparentEthernet);
    CHECK(gre->key.has_value() == (hex != scapy::kGre4));
    if (gre->key) CHECK(*gre->key == 77);
    CHECK(frame.hex() == scapy::kInnerUdp4);
  }
}

TEST_CASE("pop_gre() tells a key of 0 from no key") {
  Frame frame(bytes::with(gre_of(scapy::kGre4Keyed), 4, "00000000"));
  const auto gre = adit::pop_gre(frame.packet);
  REQUIRE(gre);
  CHECK(gre->key == 0U);
}

TEST_CASE("pop_gre() discards by the flag bits that RFC 2784 and 2890 name and ignores the rest") {
  const Bytes plain = gre_of(scapy::kGre4);
  for (std::uint32_t bit = 0; bit < 16; ++bit) {
    CAPTURE(bit);
    const std::uint32_t mask = 0x8000U >> bit;
    // C changes what is read; K and S take their 4 bytes of the payload.
    if (mask == 0x8000U) continue;
    Bytes packet = plain;
    packet[0] = static_cast<std::uint8_t>(mask >> 8);
    packet[1] = static_cast<std::uint8_t>(mask);
    const bool must_discard = (mask & 0x4c00U) != 0 || (mask & 0x0007U) != 0;
    CHECK(refuses_gre(packet) == must_discard);
  }
}

TEST_CASE("pop_gre() refuses a wrong checksum, whichever bit of the packet is wrong") {
  const Bytes whole = gre_of(scapy::kGre4Full);
  CHECK_FALSE(refuses_gre(whole));
  for (std::size_t at = 4; at < whole.size(); ++at) {
    Bytes bad = whole;
    bad[at] ^= 0x10;
    CHECK(refuses_gre(bad));
  }
}

TEST_CASE("pop_gre() refuses every packet that ends inside the header it announces") {
  for (const auto& [hex, header] : {std::pair(scapy::kGre4, 4U), std::pair(scapy::kGre4Keyed, 8U),
                                    std::pair(scapy::kGre4Full, 16U)}) {
    const Bytes whole = gre_of(hex);
    for (std::size_t size = 0; size < header; ++size) {
      CAPTURE(size);
      CHECK(refuses_gre(bytes::head(whole, size)));
    }
  }
}

TEST_CASE("gre_checksum_ok() is true without a checksum and false on no header") {
  CHECK(adit::gre_checksum_ok(Frame(gre_of(scapy::kGre4)).packet));
  CHECK(adit::gre_checksum_ok(Frame(gre_of(scapy::kGre4Full)).packet));
  CHECK_FALSE(adit::gre_checksum_ok(Frame(Bytes{}).packet));
  CHECK_FALSE(adit::gre_checksum_ok(Frame("b00065").packet));
}
