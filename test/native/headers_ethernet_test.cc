#include <doctest/doctest.h>

#include "bytes.h"
#include "packet/headers.h"
#include "scapy_packets.h"

namespace {

using adit::EtherType;
using adit::MacAddress;
using bytes::Bytes;
using bytes::Frame;
using bytes::from_hex;
using bytes::to_hex;

constexpr MacAddress kA{{2, 0, 0, 0, 0x0a, 1}};
constexpr MacAddress kB{{2, 0, 0, 0, 0x0b, 2}};

}  // namespace

TEST_CASE("push_ethernet() writes scapy's header over stale headroom") {
  const Bytes whole = from_hex(scapy::kInnerUdp4);
  Frame frame(bytes::behind(whole, 14), 20);
  REQUIRE(adit::push_ethernet(frame.packet, kB, kA, EtherType::kIpv4));
  CHECK(frame.hex() == scapy::kInnerUdp4);
  CHECK(frame.packet.headroom() == 6);
}

TEST_CASE("push_ethernet() is refused, and nothing changed, one byte short of room") {
  Frame frame("010203", 13);
  const std::string before = frame.memory();
  CHECK_FALSE(adit::push_ethernet(frame.packet, kB, kA, EtherType::kIpv4));
  CHECK(frame.memory() == before);
  CHECK(frame.hex() == "010203");
}

TEST_CASE("pop_ethernet() gives the fields, and refuses every shorter frame") {
  const Bytes whole = from_hex(scapy::kInnerArp);
  Frame frame(whole);
  const auto header = adit::pop_ethernet(frame.packet);
  REQUIRE(header);
  CHECK(to_hex(header->destination.bytes) == "ffffffffffff");
  CHECK(header->source == kA);
  CHECK(header->ether_type() == EtherType::kArp);
  CHECK(frame.hex() == to_hex(bytes::behind(whole, 14)));
  for (std::size_t size = 0; size < 14; ++size) {
    Frame cut(bytes::head(whole, size));
    CHECK_FALSE(adit::pop_ethernet(cut.packet));
    CHECK(cut.packet.size() == size);
  }
}

TEST_CASE("push_vlan() makes scapy's tagged frame and leaves the payload where it is") {
  Frame frame(scapy::kInnerUdp4, 4);
  const std::uint8_t* payload = frame.packet.data() + 14;
  REQUIRE(adit::push_vlan(frame.packet, {EtherType::kVlan, (5 << 13) | 9}));
  CHECK(frame.hex() == scapy::kInnerVlan);
  CHECK(frame.packet.data() + 18 == payload);
}

TEST_CASE("push_vlan() of a service tag over a tag makes scapy's QinQ frame") {
  Frame frame(scapy::kInnerUdp4, 8);
  REQUIRE(adit::push_vlan(frame.packet, {EtherType::kVlan, 9}));
  REQUIRE(adit::push_vlan(frame.packet, {EtherType::kServiceVlan, 8}));
  CHECK(frame.hex() == scapy::kInnerQinq);
}

TEST_CASE("push_vlan() is refused without room, and on what is no Ethernet frame") {
  Frame full(scapy::kInnerUdp4, 3);
  const std::string before = full.memory();
  CHECK_FALSE(adit::push_vlan(full.packet, {}));
  CHECK(full.memory() == before);
  CHECK(full.hex() == scapy::kInnerUdp4);
  Frame short_frame(bytes::head(from_hex(scapy::kInnerUdp4), 13), 8);
  CHECK_FALSE(adit::push_vlan(short_frame.packet, {}));
  CHECK(short_frame.packet.size() == 13);
}

TEST_CASE("pop_vlan() gives tag by tag and restores the frame byte for byte") {
  Frame frame(scapy::kInnerQinq);
  const auto outer = adit::pop_vlan(frame.packet);
  REQUIRE(outer);
  CHECK(outer->tpid == EtherType::kServiceVlan);
  CHECK(outer->tci == 8);
  const auto inner = adit::pop_vlan(frame.packet);
  REQUIRE(inner);
  CHECK(inner->tpid == EtherType::kVlan);
  CHECK(inner->tci == 9);
  CHECK(frame.hex() == scapy::kInnerUdp4);
  CHECK_FALSE(adit::pop_vlan(frame.packet));
  CHECK(frame.hex() == scapy::kInnerUdp4);
}

TEST_CASE("pop_vlan() refuses every frame that would keep no whole Ethernet header") {
  const Bytes whole = from_hex(scapy::kInnerVlan);
  for (std::size_t size = 0; size <= 18; ++size) {
    CAPTURE(size);
    Frame cut(bytes::head(whole, size));
    const std::string before = cut.memory();
    CHECK(adit::pop_vlan(cut.packet).has_value() == (size == 18));
    if (size < 18) CHECK(cut.memory() == before);
    if (size < 18) CHECK(cut.packet.size() == size);
  }
}
