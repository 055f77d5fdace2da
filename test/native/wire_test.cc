#include <doctest/doctest.h>

#include "bytes.h"
#include "scapy_packets.h"
#include "wire/address.h"
#include "wire/big_endian.h"
#include "wire/ethernet.h"
#include "wire/gre.h"
#include "wire/ip.h"
#include "wire/udp.h"
#include "wire/vxlan.h"

namespace {

using bytes::Bytes;
using bytes::from_hex;
using bytes::to_hex;

template <typename H>
H header_at(const Bytes& packet, std::size_t offset) {
  H header;
  REQUIRE(offset + sizeof header <= packet.size());
  std::memcpy(&header, packet.data() + offset, sizeof header);
  return header;
}

template <typename H>
std::string bytes_of(const H& header) {
  std::uint8_t wire[sizeof header];
  std::memcpy(wire, &header, sizeof header);
  return to_hex(wire);
}

/// A header over stale bytes: a field that is not set shows.
template <typename H>
H stale() {
  H header;
  std::memset(static_cast<void*>(&header), bytes::kStale, sizeof header);
  return header;
}

}  // namespace

TEST_CASE("BigEndian stands most significant byte first and reads back") {
  CHECK(bytes_of(adit::be16{0x1234}) == "1234");
  CHECK(bytes_of(adit::be32{0x12345678}) == "12345678");
  CHECK(bytes_of(adit::be64{0x123456789abcdef0}) == "123456789abcdef0");
  CHECK(adit::be16{0xfffe}.get() == 0xfffe);
  CHECK(adit::be32{0x80000001}.get() == 0x80000001);
  CHECK(adit::be64{0x8000000000000001}.get() == 0x8000000000000001);
  CHECK(adit::be16::from_raw(adit::be16{0xabcd}.raw()) == adit::be16{0xabcd});
}

TEST_CASE("EthernetHeader deconstructs and constructs what scapy made") {
  const Bytes packet = from_hex(scapy::kVxlan4);
  const auto read = header_at<adit::EthernetHeader>(packet, 0);
  CHECK(to_hex(read.destination.bytes) == "020000000001");
  CHECK(to_hex(read.source.bytes) == "0200000000fe");
  CHECK(read.ether_type() == adit::EtherType::kIpv4);

  auto made = stale<adit::EthernetHeader>();
  made.destination.bytes = {2, 0, 0, 0, 0, 1};
  made.source.bytes = {2, 0, 0, 0, 0, 0xfe};
  made.type = std::uint16_t{0x0800};
  CHECK(bytes_of(made) == to_hex(bytes::head(packet, 14)));
}

TEST_CASE("MacAddress tells group addresses by the first byte's lowest bit") {
  CHECK(adit::MacAddress{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}.is_group());
  CHECK(adit::MacAddress{{0x01, 0x80, 0xc2, 0, 0, 0}}.is_group());
  CHECK_FALSE(adit::MacAddress{{0x02, 0xff, 0xff, 0xff, 0xff, 0xff}}.is_group());
}

TEST_CASE("VlanTag deconstructs and constructs what scapy made") {
  const Bytes packet = from_hex(scapy::kInnerVlan);
  const auto read = header_at<adit::VlanTag>(packet, 12);
  CHECK(read.tpid.get() == 0x8100);
  CHECK(read.vid() == 9);
  CHECK(read.pcp() == 5);
  CHECK_FALSE(read.dei());

  auto made = stale<adit::VlanTag>();
  made.tpid = std::uint16_t{0x8100};
  made.tci = std::uint16_t{(5 << 13) | 9};
  CHECK(bytes_of(made) == to_hex({packet.data() + 12, 4}));
  made.tci = std::uint16_t{0xffff};
  CHECK(made.vid() == 0xfff);
  CHECK(made.pcp() == 7);
  CHECK(made.dei());
}

TEST_CASE("is_vlan() takes 0x8100 and 0x88a8 alone") {
  int found = 0;
  for (std::uint32_t type = 0; type <= 0xffff; ++type) {
    found += adit::is_vlan(static_cast<adit::EtherType>(type)) ? 1 : 0;
  }
  CHECK(found == 2);
  CHECK(adit::is_vlan(static_cast<adit::EtherType>(0x8100)));
  CHECK(adit::is_vlan(static_cast<adit::EtherType>(0x88a8)));
}

TEST_CASE("Ipv4Header deconstructs what scapy made") {
  const auto read = header_at<adit::Ipv4Header>(from_hex(scapy::kSentVxlan4Tos), 14);
  CHECK(read.version() == 4);
  CHECK(read.header_bytes() == 20);
  CHECK(read.tos == ((46 << 2) | 3));
  CHECK(read.total_length.get() == 116 - 14);
  CHECK(read.identification.get() == 0xbeef);
  CHECK(read.flags_offset.get() == 0);
  CHECK_FALSE(read.is_fragment());
  CHECK(read.ttl == 17);
  CHECK(read.proto() == adit::IpProto::kUdp);
  CHECK(to_hex(read.source) == "c0000201");
  CHECK(to_hex(read.destination) == "c6336407");
}

TEST_CASE("Ipv4Header tells every fragment and its own length") {
  adit::Ipv4Header header{};
  header.flags_offset = adit::Ipv4Header::kDontFragment;
  CHECK_FALSE(header.is_fragment());
  header.flags_offset = adit::Ipv4Header::kMoreFragments;
  CHECK(header.is_fragment());
  header.flags_offset = std::uint16_t{1};
  CHECK(header.is_fragment());
  header.flags_offset = std::uint16_t{0x8000};
  CHECK_FALSE(header.is_fragment());
  CHECK(header_at<adit::Ipv4Header>(from_hex(scapy::kOptions4), 14).header_bytes() == 24);
}

TEST_CASE("Ipv6Header deconstructs and constructs what scapy made") {
  const Bytes packet = from_hex(scapy::kSentVxlan6);
  const auto read = header_at<adit::Ipv6Header>(packet, 14);
  CHECK(read.version() == 6);
  CHECK(read.traffic_class() == ((10 << 2) | 1));
  CHECK(read.flow_label() == 0x12345);
  CHECK(read.payload_length.get() == 136 - 14 - 40);
  CHECK(read.next_header == 17);
  CHECK(read.hop_limit == 64);

  auto made = stale<adit::Ipv6Header>();
  made.version_class_label = 0x60000000U | (((10U << 2) | 1) << 20) | 0x12345U;
  made.payload_length = std::uint16_t{82};
  made.next_header = 17;
  made.hop_limit = 64;
  std::memcpy(made.source, from_hex("20010db8000000000000000000000001").data(), 16);
  std::memcpy(made.destination, from_hex("20010db8000100000000000000000007").data(), 16);
  CHECK(bytes_of(made) == to_hex({packet.data() + 14, 40}));
}

TEST_CASE("UdpHeader and VxlanHeader deconstruct and construct what scapy made") {
  const Bytes packet = from_hex(scapy::kVxlan4);
  const auto udp = header_at<adit::UdpHeader>(packet, 34);
  CHECK(udp.source_port.get() == 50000);
  CHECK(udp.destination_port.get() == 4789);
  CHECK(udp.length.get() == 116 - 34);
  CHECK(udp.checksum.get() == 0);
  const auto read = header_at<adit::VxlanHeader>(packet, 42);
  CHECK(read.flags == adit::VxlanHeader::kVniValid);
  CHECK(read.vni() == 5001);

  auto made = adit::VxlanHeader{};
  made.flags = adit::VxlanHeader::kVniValid;
  made.vni_reserved = 5001U << 8;
  CHECK(bytes_of(made) == to_hex({packet.data() + 42, 8}));
  made.vni_reserved = 0xffffffffU;
  CHECK(made.vni() == 0xffffff);
}

TEST_CASE("GreHeader tells its own length from C, K and S") {
  const auto length_of = [](std::uint16_t flags) {
    adit::GreHeader header;
    header.flags_version = flags;
    return header.header_bytes();
  };
  CHECK(length_of(0) == 4);
  CHECK(length_of(0x8000) == 8);
  CHECK(length_of(0x2000) == 8);
  CHECK(length_of(0x1000) == 8);
  CHECK(length_of(0xb000) == 16);
  CHECK(length_of(0x4fff) == 4);
  const auto read = header_at<adit::GreHeader>(from_hex(scapy::kGre4Full), 34);
  CHECK(read.has(adit::GreHeader::kChecksum));
  CHECK(read.has(adit::GreHeader::kKey));
  CHECK(read.has(adit::GreHeader::kSequence));
  CHECK(read.header_bytes() == 16);
  CHECK(read.protocol.get() == 0x6558);
}

TEST_CASE("IpAddress compares family and bytes; IpPrefix contains what shares its leading bits") {
  const Bytes four = from_hex("c0000201");
  const Bytes six = from_hex("c0000201000000000000000000000000");
  const auto v4 = adit::IpAddress::v4(four.data());
  const auto v6 = adit::IpAddress::v6(six.data());
  CHECK(v4 != v6);
  CHECK(to_hex(v4.wire()) == "c0000201");
  CHECK(to_hex(v6.wire()) == to_hex(six));

  for (int length = 0; length <= 32; ++length) {
    const adit::IpPrefix prefix{v4, static_cast<std::uint8_t>(length)};
    CAPTURE(length);
    CHECK(prefix.contains(v4));
    CHECK_FALSE(prefix.contains(v6));
    for (int bit = 0; bit < 32; ++bit) {
      adit::IpAddress other = v4;
      other.bytes[static_cast<std::size_t>(bit) / 8] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
      CHECK(prefix.contains(other) == (bit >= length));
    }
  }
  CHECK(adit::IpPrefix{v6, 128}.contains(v6));
}
