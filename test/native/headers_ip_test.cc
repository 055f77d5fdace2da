#include <doctest/doctest.h>

#include "bytes.h"
#include "packet/headers.h"
#include "scapy_packets.h"

namespace {

using adit::IpAddress;
using adit::IpFields;
using adit::IpProto;
using bytes::Bytes;
using bytes::Frame;
using bytes::from_hex;
using bytes::to_hex;

IpAddress v4(std::string_view hex) { return IpAddress::v4(from_hex(hex).data()); }
IpAddress v6(std::string_view hex) { return IpAddress::v6(from_hex(hex).data()); }

const IpFields kTosFields{.source = v4("c0000201"),
                          .destination = v4("c6336407"),
                          .proto = IpProto::kUdp,
                          .ttl = 17,
                          .traffic_class = (46 << 2) | 3,
                          .dont_fragment = false,
                          .identification = 0xbeef};
const IpFields kSixFields{.source = v6("20010db8000000000000000000000001"),
                          .destination = v6("20010db8000100000000000000000007"),
                          .proto = IpProto::kUdp,
                          .ttl = 64,
                          .traffic_class = (10 << 2) | 1,
                          .flow_label = 0x12345};

/// The IP packet of one of scapy's frames.
Bytes ip_of(const char* hex) { return bytes::behind(from_hex(hex), 14); }

bool refuses(const Bytes& packet) {
  Frame frame(packet);
  const std::string before = frame.memory();
  const bool refused = !adit::pop_ip(frame.packet);
  CHECK(frame.memory() == before);
  if (refused) CHECK(frame.packet.size() == packet.size());
  return refused;
}

}  // namespace

TEST_CASE("push_ip() writes scapy's IPv4 header over stale headroom, checksum included") {
  const Bytes whole = ip_of(scapy::kSentVxlan4Tos);
  Frame frame(bytes::behind(whole, 20), 20);
  REQUIRE(adit::push_ip(frame.packet, kTosFields));
  CHECK(frame.hex() == to_hex(whole));
}

TEST_CASE("push_ip() writes scapy's IPv6 header over stale headroom") {
  const Bytes whole = ip_of(scapy::kSentVxlan6);
  Frame frame(bytes::behind(whole, 40), 40);
  REQUIRE(adit::push_ip(frame.packet, kSixFields));
  CHECK(frame.hex() == to_hex(whole));
}

TEST_CASE("push_ip() is refused, and nothing changed, without room or with mixed families") {
  for (const auto& [fields, room] : {std::pair(kTosFields, 19U), std::pair(kSixFields, 39U)}) {
    Frame frame("0102", room);
    const std::string before = frame.memory();
    CHECK_FALSE(adit::push_ip(frame.packet, fields));
    CHECK(frame.memory() == before);
    CHECK(frame.hex() == "0102");
  }
  IpFields mixed = kTosFields;
  mixed.destination = kSixFields.destination;
  Frame frame("0102", 100);
  CHECK_FALSE(adit::push_ip(frame.packet, mixed));
  IpFields label = kSixFields;
  label.flow_label = 0x100000;
  CHECK_FALSE(adit::push_ip(frame.packet, label));
  CHECK(frame.hex() == "0102");
}

TEST_CASE("push_ip() refuses a payload that the length field cannot hold") {
  Frame four(Bytes(65535 - 20, 1), 40);
  CHECK(adit::push_ip(four.packet, kTosFields));
  Frame four_more(Bytes(65535 - 19, 1), 40);
  CHECK_FALSE(adit::push_ip(four_more.packet, kTosFields));
  Frame six(Bytes(65535, 1), 40);
  CHECK(adit::push_ip(six.packet, kSixFields));
  Frame six_more(Bytes(65536, 1), 40);
  CHECK_FALSE(adit::push_ip(six_more.packet, kSixFields));
}

TEST_CASE("pop_ip() gives the fields of scapy's IPv4 packet and cuts what stands behind it") {
  Bytes padded = ip_of(scapy::kSentVxlan4Tos);
  padded.insert(padded.end(), 9, 0xee);
  Frame frame(padded);
  const auto ip = adit::pop_ip(frame.packet);
  REQUIRE(ip);
  CHECK(ip->source == kTosFields.source);
  CHECK(ip->destination == kTosFields.destination);
  CHECK(ip->proto == IpProto::kUdp);
  CHECK(ip->ttl == 17);
  CHECK(ip->traffic_class == ((46 << 2) | 3));
  CHECK_FALSE(ip->dont_fragment);
  CHECK(ip->identification == 0xbeef);
  CHECK(frame.hex() == to_hex(bytes::behind(ip_of(scapy::kSentVxlan4Tos), 20)));
}

TEST_CASE("pop_ip() gives the fields of scapy's IPv6 packet and cuts what stands behind it") {
  Bytes padded = ip_of(scapy::kSentVxlan6);
  padded.insert(padded.end(), 9, 0xee);
  Frame frame(padded);
  const auto ip = adit::pop_ip(frame.packet);
  REQUIRE(ip);
  CHECK(ip->source == kSixFields.source);
  CHECK(ip->destination == kSixFields.destination);
  CHECK(ip->proto == IpProto::kUdp);
  CHECK(ip->ttl == 64);
  CHECK(ip->traffic_class == ((10 << 2) | 1));
  CHECK(ip->flow_label == 0x12345);
  CHECK(frame.hex() == to_hex(bytes::behind(ip_of(scapy::kSentVxlan6), 40)));
}

TEST_CASE("pop_ip() refuses every shorter packet") {
  for (const char* hex : {scapy::kSentVxlan4Tos, scapy::kSentVxlan6}) {
    const Bytes whole = ip_of(hex);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK(refuses(bytes::head(whole, size)));
    }
  }
}

TEST_CASE("pop_ip() refuses wrong versions, options, lengths, checksums and fragments") {
  const Bytes four = ip_of(scapy::kSentVxlan4Tos);
  CHECK(refuses(bytes::with(four, 0, "55")));
  CHECK(refuses(bytes::with(four, 0, "44")));
  CHECK(refuses(bytes::with(four, 0, "40")));
  CHECK(refuses(ip_of(scapy::kOptions4)));
  CHECK(refuses(bytes::with(four, 2, "0013")));
  CHECK(refuses(bytes::with(four, 2, "0000")));
  CHECK(refuses(bytes::with(four, 2, "ffff")));
  CHECK(refuses(bytes::with(four, 10, "0000")));
  CHECK(refuses(bytes::with(four, 8, "12")));
  // Its fields could not be told: what follows is no whole datagram.
  CHECK(refuses(ip_of(scapy::kFragmentFirst4)));
  CHECK(refuses(ip_of(scapy::kFragmentLaterGre4)));
  const Bytes six = ip_of(scapy::kSentVxlan6);
  CHECK(refuses(bytes::with(six, 0, "70")));
  CHECK(refuses(bytes::with(six, 0, "00")));
  CHECK(refuses(bytes::with(six, 4, "ffff")));
}

TEST_CASE("pop_ip() refuses the length that is impossible, one byte over the packet") {
  Bytes six = ip_of(scapy::kSentVxlan6);
  six = bytes::with(six, 4, "0053");
  CHECK(refuses(six));
  CHECK_FALSE(refuses(bytes::with(six, 4, "0052")));
}

TEST_CASE("push_udp() writes scapy's header with checksum 0 over stale headroom") {
  const Bytes whole = bytes::behind(from_hex(scapy::kVxlan4), 34);
  Frame frame(bytes::behind(whole, 8), 8);
  REQUIRE(adit::push_udp(frame.packet, {50000, 4789}));
  CHECK(frame.hex() == to_hex(whole));
  Frame full("01", 7);
  const std::string before = full.memory();
  CHECK_FALSE(adit::push_udp(full.packet, {50000, 4789}));
  CHECK(full.memory() == before);
  Frame most(Bytes(65535 - 8, 1), 8);
  CHECK(adit::push_udp(most.packet, {}));
  Frame too_many(Bytes(65535 - 7, 1), 8);
  CHECK_FALSE(adit::push_udp(too_many.packet, {}));
}

TEST_CASE("pop_udp() cuts to the length field and refuses one that is impossible") {
  Bytes whole = bytes::behind(from_hex(scapy::kVxlan4), 34);
  whole.insert(whole.end(), 5, 0xee);
  Frame frame(whole);
  const auto udp = adit::pop_udp(frame.packet);
  REQUIRE(udp);
  CHECK(udp->source_port == 50000);
  CHECK(udp->destination_port == 4789);
  CHECK(frame.packet.size() == 82 - 8);
  for (const char* length : {"0000", "0007", "0058", "ffff"}) {
    CAPTURE(length);
    Frame bad(bytes::with(whole, 4, length));
    CHECK_FALSE(adit::pop_udp(bad.packet));
    CHECK(bad.packet.size() == whole.size());
  }
  for (std::size_t size = 0; size < 82; ++size) {
    Frame cut(bytes::head(whole, size));
    CHECK_FALSE(adit::pop_udp(cut.packet));
    CHECK(cut.packet.size() == size);
  }
}

TEST_CASE("set_udp_checksum() writes scapy's over IPv4 and IPv6, whatever stood in the field") {
  for (const auto& [hex, at] :
       {std::pair(scapy::kVxlan4Summed, 26U), std::pair(scapy::kSentVxlan4Tos, 26U),
        std::pair(scapy::kVxlan6, 46U), std::pair(scapy::kSentVxlan6, 46U)}) {
    Frame frame(bytes::with(ip_of(hex), at, "a5a5"));
    REQUIRE(adit::set_udp_checksum(frame.packet));
    CHECK(frame.hex() == to_hex(ip_of(hex)));
  }
}

TEST_CASE("set_udp_checksum() writes a computed 0 as 0xffff") {
  for (const auto& [hex, at] :
       {std::pair(scapy::kSentZeroSum4, 26U), std::pair(scapy::kSentZeroSum6, 46U)}) {
    CHECK(to_hex(bytes::head(bytes::behind(ip_of(hex), at), 2)) == "ffff");
    Frame frame(bytes::with(ip_of(hex), at, "0000"));
    REQUIRE(adit::set_udp_checksum(frame.packet));
    CHECK(frame.hex() == to_hex(ip_of(hex)));
  }
}

TEST_CASE("set_udp_checksum() leaves out what stands behind the datagram") {
  Bytes padded = ip_of(scapy::kVxlan4Summed);
  padded.insert(padded.end(), 6, 0xee);
  Frame frame(bytes::with(padded, 26, "0000"));
  REQUIRE(adit::set_udp_checksum(frame.packet));
  CHECK(frame.hex() == to_hex(padded));
}

TEST_CASE("set_udp_checksum() refuses what is no IP header directly before a whole UDP datagram") {
  const auto is_refused = [](const Bytes& packet) {
    Frame frame(packet);
    const std::string before = frame.memory();
    const bool refused = !adit::set_udp_checksum(frame.packet);
    CHECK((!refused || frame.memory() == before));
    return refused;
  };
  const Bytes four = ip_of(scapy::kVxlan4Summed);
  const Bytes six = ip_of(scapy::kVxlan6);
  CHECK(is_refused({}));
  CHECK(is_refused(bytes::head(four, 27)));
  CHECK(is_refused(bytes::head(six, 47)));
  CHECK(is_refused(bytes::with(four, 9, "2f")));
  CHECK(is_refused(bytes::with(six, 6, "2f")));
  CHECK(is_refused(ip_of(scapy::kOptions4)));
  CHECK(is_refused(ip_of(scapy::kGre4)));
  CHECK(is_refused(bytes::with(four, 24, "0007")));
  CHECK(is_refused(bytes::with(four, 24, "0053")));
  CHECK_FALSE(is_refused(bytes::with(four, 24, "0052")));
}
