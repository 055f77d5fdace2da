#include <doctest/doctest.h>

#include "bytes.h"
#include "scapy_packets.h"
#include "table/outer.h"
#include "wire/checksum.h"

namespace {

using adit::DropReason;
using adit::EndpointMap;
using adit::IpAddress;
using adit::OuterPacket;
using adit::TunnelType;
using bytes::Bytes;
using bytes::Frame;
using bytes::from_hex;
using bytes::to_hex;

const IpAddress kLocal4 = IpAddress::v4(from_hex("c0000201").data());
const IpAddress kLocal6 = IpAddress::v6(from_hex("20010db8000000000000000000000001").data());

const EndpointMap& endpoints() {
  static const EndpointMap map({{kLocal4, TunnelType::kVxlan, 4789},
                                {kLocal6, TunnelType::kVxlan, 4789},
                                {kLocal4, TunnelType::kGre, 0},
                                {kLocal6, TunnelType::kGre, 0}},
                               adit::HashSeed::from(1));
  return map;
}

/// Reads outer and tunnel header of a frame in memory of exactly its size.
DropReason read(const Frame& frame, adit::Packet& packet, OuterPacket& outer) {
  packet = frame.packet;
  const DropReason reason = adit::read_outer(endpoints(), packet, outer);
  if (reason != DropReason::kNone) return reason;
  return adit::tunnel_type_ops(endpoints().at(outer.endpoint).type).parse(packet, outer);
}

std::string reason_of(const Bytes& bytes) {
  const Frame frame(bytes);
  adit::Packet packet;
  OuterPacket outer;
  const DropReason reason = read(frame, packet, outer);
  CHECK(frame.hex() == to_hex(bytes));
  return reason == DropReason::kNone ? "none" : adit::drop_reason_word(reason);
}

/// The frame with its IPv4 header checksum made right.
Bytes mended(Bytes frame) {
  const std::size_t header = std::size_t{frame[14] & 0x0fU} * 4;
  std::uint32_t sum = 0;
  frame[24] = frame[25] = 0;
  for (std::size_t i = 14; i < 14 + header; i += 2) sum += frame[i] * 256U + frame[i + 1];
  sum = (sum & 0xffff) + (sum >> 16);
  sum = ~((sum & 0xffff) + (sum >> 16));
  frame[24] = static_cast<std::uint8_t>(sum >> 8);
  frame[25] = static_cast<std::uint8_t>(sum);
  return frame;
}

void set16(Bytes& frame, std::size_t at, std::size_t value) {
  frame[at] = static_cast<std::uint8_t>(value >> 8);
  frame[at + 1] = static_cast<std::uint8_t>(value);
}

struct Valid {
  const char* hex;
  /// End of the tunnel header.
  std::size_t inner;
  std::uint32_t id;
  bool keyed;
};
constexpr Valid kValid[] = {
    {scapy::kVxlan4, 50, 5001, false}, {scapy::kVxlan4Summed, 50, 5001, false},
    {scapy::kVxlan6, 70, 6001, false}, {scapy::kVxlan6Unsummed, 70, 6001, false},
    {scapy::kGre4, 38, 0, false},      {scapy::kGre4Keyed, 42, 77, true},
    {scapy::kGre4Full, 50, 77, true},  {scapy::kGre6, 58, 0, false},
    {scapy::kGre6Keyed, 62, 77, true},
};

}  // namespace

TEST_CASE("read_outer() and parse() tell where the parts of scapy's packets are") {
  for (const Valid& valid : kValid) {
    CAPTURE(valid.hex);
    const Frame frame(valid.hex);
    adit::Packet packet;
    OuterPacket outer;
    REQUIRE(read(frame, packet, outer) == DropReason::kNone);
    CHECK(outer.inner_offset == valid.inner);
    CHECK(outer.id == valid.id);
    CHECK((outer.id_kind == adit::IdKind::kKey) == valid.keyed);
    CHECK(packet.size() == frame.packet.size());
    const bool is_six = outer.family == adit::IpFamily::kIpv6;
    CHECK(to_hex(outer.source.wire()) ==
          (is_six ? "20010db8000100000000000000000007" : "c6336407"));
    CHECK(endpoints().at(outer.endpoint).local == (is_six ? kLocal6 : kLocal4));
  }
}

TEST_CASE("read_outer() and parse() keep nothing of the packet that was read before") {
  for (const Valid& before : kValid) {
    for (const Valid& valid : kValid) {
      const Frame first(before.hex);
      const Frame second(valid.hex);
      adit::Packet packet;
      OuterPacket outer;
      REQUIRE(read(first, packet, outer) == DropReason::kNone);
      REQUIRE(read(second, packet, outer) == DropReason::kNone);
      CHECK(outer.id == valid.id);
      CHECK((outer.id_kind == adit::IdKind::kKey) == valid.keyed);
      CHECK(outer.inner_offset == valid.inner);
    }
  }
}

TEST_CASE("read_outer() and parse() of every prefix: truncated inside headers, then a bad header") {
  for (const Valid& valid : kValid) {
    const Bytes whole = from_hex(valid.hex);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(valid.hex);
      CAPTURE(size);
      CHECK(reason_of(bytes::head(whole, size)) ==
            (size < valid.inner ? "truncated" : "bad_outer_header"));
    }
    CHECK(reason_of(whole) == "none");
  }
}

TEST_CASE("read_outer() and parse() of packets that end early and say so are truncated") {
  for (const Valid& valid : kValid) {
    const Bytes whole = from_hex(valid.hex);
    const bool is_six = whole[12] == 0x86;
    const bool is_vxlan = whole[is_six ? 20 : 23] == 17;
    const std::size_t l4 = is_six ? 54 : 34;
    for (std::size_t size = l4; size < whole.size(); ++size) {
      CAPTURE(valid.hex);
      CAPTURE(size);
      Bytes cut = bytes::head(whole, size);
      set16(cut, is_six ? 18 : 16, size - (is_six ? 54 : 14));
      if (!is_six) cut = mended(cut);
      if (is_vxlan && size >= l4 + 8) {
        set16(cut, l4 + 4, size - l4);
        set16(cut, l4 + 6, 0);
      }
      CHECK(reason_of(cut) == (size < valid.inner ? "truncated" : "none"));
    }
  }
}

TEST_CASE("read_outer() cuts Ethernet padding and what follows the UDP datagram") {
  for (const Valid& valid : kValid) {
    Bytes padded = from_hex(valid.hex);
    const std::size_t size = padded.size();
    padded.insert(padded.end(), 300, 0xee);
    const Frame frame(padded);
    adit::Packet packet;
    OuterPacket outer;
    REQUIRE(read(frame, packet, outer) == DropReason::kNone);
    CHECK(packet.size() == size);
  }
  // The UDP length, shorter than the IP payload, is the end.
  Bytes shorter = from_hex(scapy::kVxlan4);
  set16(shorter, 38, 60);
  const Frame frame(shorter);
  adit::Packet packet;
  OuterPacket outer;
  REQUIRE(read(frame, packet, outer) == DropReason::kNone);
  CHECK(packet.size() == 34 + 60);
}

TEST_CASE("read_outer() drops wrong IPv4 versions, header lengths and total lengths") {
  const Bytes whole = from_hex(scapy::kVxlan4);
  for (const char* first : {"55", "05", "65", "44", "40"}) {
    CHECK(reason_of(bytes::with(whole, 14, first)) == "bad_outer_header");
  }
  for (const char* total : {"0000", "0013", "0067", "ffff"}) {
    CHECK(reason_of(mended(bytes::with(whole, 16, total))) == "bad_outer_header");
  }
  CHECK(reason_of(bytes::with(from_hex(scapy::kVxlan6), 14, "50")) == "bad_outer_header");
  CHECK(reason_of(bytes::with(from_hex(scapy::kVxlan6), 18, "0053")) == "bad_outer_header");
}

TEST_CASE("read_outer() drops every IPv4 header with one wrong bit") {
  const Bytes whole = from_hex(scapy::kGre4);
  for (std::size_t bit = 0; bit < 160; ++bit) {
    CAPTURE(bit);
    Bytes bad = whole;
    bad[14 + bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    const std::string reason = reason_of(bad);
    CHECK(
        (reason == "bad_outer_checksum" || reason == "bad_outer_header" || reason == "truncated"));
    if (bit >= 32) CHECK(reason == "bad_outer_checksum");
  }
}

TEST_CASE("read_outer() verifies a UDP checksum that is there, over IPv4 and IPv6") {
  for (const auto& [hex, l4] :
       {std::pair(scapy::kVxlan4Summed, 34U), std::pair(scapy::kVxlan6, 54U)}) {
    const Bytes whole = from_hex(hex);
    for (std::size_t at = l4 + 8; at < whole.size(); ++at) {
      Bytes bad = whole;
      bad[at] ^= 0x40;
      CHECK(reason_of(bad) == "bad_outer_checksum");
    }
    // The addresses are part of it.
    Bytes other = whole;
    other[l4 - 5] ^= 1;
    if (l4 == 34) other = mended(other);
    CHECK(reason_of(other) == "bad_outer_checksum");
  }
  // Whether 0 is allowed over IPv6 is asked once the tunnel is known.
  CHECK(reason_of(from_hex(scapy::kVxlan6Unsummed)) == "none");
}

TEST_CASE("read_outer() drops UDP lengths under 8 and past the IP payload") {
  for (const char* length : {"0000", "0001", "0007", "0053", "ffff"}) {
    CHECK(reason_of(bytes::with(from_hex(scapy::kVxlan4), 38, length)) == "udp_length");
    CHECK(reason_of(bytes::with(from_hex(scapy::kVxlan6), 58, length)) == "udp_length");
  }
  // Longer than the IP payload, though the frame has the bytes.
  Bytes padded = bytes::with(from_hex(scapy::kVxlan4), 38, "0053");
  padded.resize(padded.size() + 20);
  CHECK(reason_of(padded) == "udp_length");
}

TEST_CASE("read_outer() drops fragments, first and later, IPv4 and IPv6, and atomic ones") {
  for (const char* hex : {scapy::kFragmentFirst4, scapy::kFragmentLaterGre4, scapy::kFragmentFirst6,
                          scapy::kFragmentAtomic6, scapy::kFragmentLaterGre6}) {
    CAPTURE(hex);
    CHECK(reason_of(from_hex(hex)) == "outer_fragment");
  }
  for (const char* flags_offset : {"2000", "6000", "0001", "1fff", "4001"}) {
    CHECK(reason_of(mended(bytes::with(from_hex(scapy::kGre4), 20, flags_offset))) ==
          "outer_fragment");
  }
  // The reserved flag and DF make none.
  CHECK(reason_of(mended(bytes::with(from_hex(scapy::kGre4), 20, "8000"))) == "none");
}

TEST_CASE("read_outer() drops IPv4 options and IPv6 extension headers") {
  CHECK(reason_of(from_hex(scapy::kOptions4)) == "outer_options");
  CHECK(reason_of(from_hex(scapy::kHopByHop6)) == "outer_options");
  // A fragment header among them is told first.
  CHECK(reason_of(from_hex(scapy::kExtended6)) == "outer_fragment");
}

TEST_CASE("read_outer() of every prefix of fragments and options reads nothing behind it") {
  for (const char* hex :
       {scapy::kFragmentFirst4, scapy::kFragmentLaterGre4, scapy::kOptions4, scapy::kFragmentFirst6,
        scapy::kFragmentAtomic6, scapy::kFragmentLaterGre6, scapy::kHopByHop6, scapy::kExtended6}) {
    const Bytes whole = from_hex(hex);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(hex);
      CAPTURE(size);
      const std::string reason = reason_of(bytes::head(whole, size));
      CHECK((reason == "truncated" || reason == "bad_outer_header"));
    }
  }
}

TEST_CASE("read_outer() walks extension headers of any length without leaving the frame") {
  // Hop-by-hop, routing, fragment, authentication, destination options, in all pairs, with every
  // length field, in a frame that has only some of the bytes.
  Bytes frame = from_hex(scapy::kHopByHop6);
  for (const char* first : {"00", "2b", "2c", "33", "3c"}) {
    for (const char* second : {"00", "2b", "2c", "33", "3c", "11", "2f", "3b"}) {
      for (int length = 0; length < 256; ++length) {
        frame = bytes::with(bytes::with(frame, 20, first), 54, second);
        frame[55] = static_cast<std::uint8_t>(length);
        CHECK(reason_of(frame) != "none");
      }
    }
  }
}

TEST_CASE("read_outer() finds UDP behind each extension header by the header's own length unit") {
  // Checksums are told before options, so a wrong one shows that the datagram was found. An
  // authentication header counts words of 4 bytes less 2 (RFC 4302), the others 8 bytes less 1.
  const struct {
    std::uint8_t header;
    const char* start;
  } cases[] = {{0, "11020116"}, {43, "11020000"}, {60, "11020116"}, {51, "11040000"}};
  for (const auto& c : cases) {
    Bytes frame = bytes::head(from_hex(scapy::kVxlan6), 54);
    frame[20] = c.header;
    frame.resize(54 + 24);
    frame = bytes::with(frame, 54, c.start);
    const Bytes datagram = bytes::behind(from_hex(scapy::kVxlan6), 54);
    frame.insert(frame.end(), datagram.begin(), datagram.end());
    set16(frame, 18, frame.size() - 54);
    CHECK(reason_of(frame) == "outer_options");
    frame.back() ^= 1;
    CHECK(reason_of(frame) == "bad_outer_checksum");
  }
}

TEST_CASE("read_outer() gives up after eight extension headers") {
  for (const std::size_t count : {1U, 7U, 8U, 9U, 20U}) {
    Bytes frame = bytes::head(from_hex(scapy::kVxlan6), 54);
    frame[20] = 60;
    for (std::size_t i = 0; i < count; ++i) {
      const Bytes option = from_hex(i + 1 == count ? "1100010400000000" : "3c00010400000000");
      frame.insert(frame.end(), option.begin(), option.end());
    }
    const Bytes datagram = bytes::behind(from_hex(scapy::kVxlan6), 54);
    frame.insert(frame.end(), datagram.begin(), datagram.end());
    set16(frame, 18, frame.size() - 54);
    CHECK(reason_of(frame) == "outer_options");
  }
}

TEST_CASE("read_outer() takes no other EtherType, protocol, address or UDP port") {
  const Bytes whole = from_hex(scapy::kVxlan4);
  CHECK(reason_of(bytes::with(whole, 12, "8100")) == "unknown_tunnel");
  CHECK(reason_of(bytes::with(whole, 12, "0806")) == "unknown_tunnel");
  CHECK(reason_of(bytes::with(whole, 36, "12b6")) == "unknown_tunnel");
  CHECK(reason_of(bytes::with(whole, 36, "b512")) == "unknown_tunnel");
  CHECK(reason_of(mended(bytes::with(whole, 33, "02"))) == "unknown_tunnel");
  for (const char* proto : {"00", "04", "06", "29", "3a", "84", "ff"}) {
    CHECK(reason_of(mended(bytes::with(whole, 23, proto))) == "unknown_tunnel");
  }
  CHECK(reason_of(bytes::with(from_hex(scapy::kGre6), 20, "01")) == "unknown_tunnel");
  CHECK(reason_of(bytes::with(from_hex(scapy::kGre6), 20, "3b")) == "unknown_tunnel");
}

TEST_CASE("read_outer() tells ICMP of the packet's family apart, and cuts it to the IP length") {
  for (const auto& [hex, at, proto, l4] :
       {std::tuple(scapy::kVxlan4, 23U, "01", 34U), std::tuple(scapy::kVxlan6, 20U, "3a", 54U)}) {
    Bytes bytes = bytes::with(from_hex(hex), at, proto);
    if (at == 23) bytes = mended(bytes);
    const std::size_t size = bytes.size();
    bytes.insert(bytes.end(), 7, 0);
    const Frame frame(bytes);
    adit::Packet packet = frame.packet;
    OuterPacket outer;
    CHECK(adit::read_outer(endpoints(), packet, outer) == DropReason::kNone);
    CHECK(outer.is_icmp);
    CHECK(outer.l4_offset == l4);
    CHECK(packet.size() == size);
  }
}

TEST_CASE("parse() of VXLAN asks for the I bit and ignores all others") {
  for (int flags = 0; flags < 256; ++flags) {
    Bytes frame = from_hex(scapy::kVxlan4);
    frame[42] = static_cast<std::uint8_t>(flags);
    CHECK(reason_of(frame) == ((flags & 8) != 0 ? "none" : "vxlan_flags"));
  }
  CHECK(reason_of(bytes::with(from_hex(scapy::kVxlan4), 43, "ffffff")) == "none");
  CHECK(reason_of(bytes::with(from_hex(scapy::kVxlan4), 49, "ff")) == "none");
}

TEST_CASE("parse() of GRE discards by each flag bit as RFC 2784 and 2890 say") {
  const Bytes whole = from_hex(scapy::kGre4);
  for (std::uint32_t bit = 0; bit < 16; ++bit) {
    CAPTURE(bit);
    const std::uint32_t mask = 1U << bit;
    Bytes frame = whole;
    set16(frame, 34, mask);
    const bool is_version = (mask & 7) != 0;
    const bool is_reserved = (mask & 0x4c00) != 0;
    CHECK(reason_of(frame) == (is_version ? "gre_version" : is_reserved ? "gre_flags" : "none"));
  }
}
