#include <doctest/doctest.h>

#include <set>
#include <vector>

#include "bytes.h"
#include "scapy_packets.h"
#include "table/tunnel.h"
#include "wire/checksum.h"

namespace {

using adit::DropReason;
using adit::Ecn;
using adit::IpAddress;
using adit::Packet;
using adit::Tunnel;
using adit::TunnelSpec;
using adit::TunnelType;
using bytes::Bytes;
using bytes::Frame;
using bytes::from_hex;

const IpAddress kLocal4 = IpAddress::v4(from_hex("c0000201").data());
const IpAddress kRemote4 = IpAddress::v4(from_hex("c6336407").data());
const IpAddress kLocal6 = IpAddress::v6(from_hex("20010db8000000000000000000000001").data());
const IpAddress kRemote6 = IpAddress::v6(from_hex("20010db8000100000000000000000007").data());
/// The lower 20 bits are scapy's flow label.
constexpr std::uint64_t kHash = 0x9abcdef000012345;

Tunnel built(const TunnelSpec& spec) {
  adit::Endpoint endpoint;
  return adit::make_tunnel(spec, endpoint);
}

TunnelSpec spec4(TunnelSpec spec) {
  spec.local = kLocal4;
  spec.remote = kRemote4;
  return spec;
}
TunnelSpec spec6(TunnelSpec spec) {
  spec.local = kLocal6;
  spec.remote = kRemote6;
  return spec;
}
TunnelSpec vxlan(std::uint32_t vni, bool udp_checksum) {
  TunnelSpec spec;
  spec.send_id = vni;
  spec.receive_id = vni;
  spec.udp_port = 4789;
  spec.source_port_min = 50000;
  spec.source_port_max = 50000;
  spec.udp_checksum = udp_checksum;
  return spec;
}
TunnelSpec gre(std::optional<std::uint32_t> key = std::nullopt) {
  TunnelSpec spec;
  spec.type = TunnelType::kGre;
  spec.send_id = key;
  spec.receive_id = key;
  return spec;
}
adit::InnerFrame with_ecn(Ecn ecn) {
  adit::InnerFrame inner;
  inner.ecn = ecn;
  return inner;
}

/// The frame that `tunnel` makes of `inner`, from the IP header on.
std::string sent(const Tunnel& tunnel, std::string_view inner, Ecn ecn = Ecn::kNotEct,
                 std::uint16_t identification = 0) {
  Frame frame(inner, tunnel.template_bytes + 14U);
  const std::uint8_t* payload = frame.packet.data();
  REQUIRE(adit::push_tunnel(frame.packet, tunnel, with_ecn(ecn),
                            {.hash = kHash, .identification = identification}) ==
          DropReason::kNone);
  CHECK(frame.packet.headroom() == 0);
  CHECK(frame.packet.data() + 14 + tunnel.template_bytes == payload);
  return frame.hex().substr(24);
}

/// One of scapy's frames from the EtherType on: the MAC addresses are the next hop's.
std::string from_type(std::string_view hex) { return std::string(hex.substr(24)); }

}  // namespace

TEST_CASE("A tunnel's template ends where a cache line does") {
  const auto end_of = [](const Tunnel& tunnel) {
    return reinterpret_cast<std::uintptr_t>(tunnel.outer_end());
  };
  // In memory that begins with a line, as those of a table do.
  const std::vector<Tunnel> tunnels{built(spec4(vxlan(1, false))), built(spec6(vxlan(1, false)))};
  for (const Tunnel& tunnel : tunnels) CHECK(end_of(tunnel) % Tunnel::kLine == 0);
}

TEST_CASE("push_tunnel() makes scapy's VXLAN over IPv4") {
  CHECK(sent(built(spec4(vxlan(5001, false))), scapy::kInnerUdp4) == from_type(scapy::kSentVxlan4));
}

TEST_CASE("push_tunnel() makes scapy's VXLAN with TTL, DSCP, ECN, identification, other port") {
  TunnelSpec spec = spec4(vxlan(0xffffff, true));
  spec.udp_port = 8472;
  spec.ttl = 17;
  spec.dscp = 46;
  spec.df = TunnelSpec::Df::kClear;
  CHECK(sent(built(spec), scapy::kInnerUdp4, Ecn::kCe, 0xbeef) == from_type(scapy::kSentVxlan4Tos));
}

TEST_CASE("push_tunnel() makes scapy's VXLAN over IPv6, checksum and flow label included") {
  TunnelSpec spec = spec6(vxlan(6001, true));
  spec.dscp = 10;
  CHECK(sent(built(spec), scapy::kInnerUdp4, Ecn::kEct1) == from_type(scapy::kSentVxlan6));
}

TEST_CASE("push_tunnel() makes scapy's GRE, keyed and not, over IPv4 and IPv6") {
  CHECK(sent(built(spec4(gre())), scapy::kInnerUdp4) == from_type(scapy::kSentGre4));
  CHECK(sent(built(spec4(gre(77))), scapy::kInnerUdp4) == from_type(scapy::kSentGre4Keyed));
  TunnelSpec spec = spec6(gre(0xffffffff));
  spec.ttl = 255;
  CHECK(sent(built(spec), scapy::kInnerUdp4) == from_type(scapy::kSentGre6Keyed));
}

TEST_CASE("push_tunnel() sends a computed UDP checksum of 0 as 0xffff") {
  CHECK(sent(built(spec6(vxlan(6001, true))), scapy::kZeroSumInner6) ==
        from_type(scapy::kSentZeroSum6));
  CHECK(sent(built(spec4(vxlan(5001, true))), scapy::kZeroSumInner4) ==
        from_type(scapy::kSentZeroSum4));
}

TEST_CASE("push_tunnel() gives right IPv4 and UDP checksums for every inner size") {
  for (const bool dont_fragment : {false, true}) {
    TunnelSpec spec = spec4(vxlan(0x13579b, true));
    spec.dscp = 63;
    spec.df = dont_fragment ? TunnelSpec::Df::kSet : TunnelSpec::Df::kClear;
    const Tunnel tunnel = built(spec);
    for (std::uint32_t size = 14; size < 2000; size += 7) {
      Frame frame(Bytes(size, 0xff), 50);
      const auto identification = static_cast<std::uint16_t>(size * 77);
      REQUIRE(adit::push_tunnel(frame.packet, tunnel, with_ecn(Ecn::kCe),
                                {.hash = kHash, .identification = identification}) ==
              DropReason::kNone);
      const auto* ip = frame.packet.at<adit::Ipv4Header>(14);
      CHECK(adit::ipv4_checksum(*ip) == ip->checksum);
      CHECK(ip->total_length.get() == size + 36);
      CHECK(ip->identification.get() == (dont_fragment ? 0 : identification));
      adit::ChecksumSum sum =
          adit::pseudo_header_sum(ip->source, ip->destination, 4, adit::IpProto::kUdp, size + 16);
      sum.add(frame.packet.data() + 34, size + 16);
      CHECK(sum.verifies());
    }
  }
}

TEST_CASE("push_tunnel() gives a right IPv4 checksum for every identification") {
  TunnelSpec spec = spec4(gre());
  spec.df = TunnelSpec::Df::kClear;
  const Tunnel tunnel = built(spec);
  Frame frame(scapy::kInnerUdp4, 38);
  int wrong = 0;
  for (std::uint32_t id = 0; id <= 0xffff; ++id) {
    Packet packet = frame.packet;
    const auto identification = static_cast<std::uint16_t>(id);
    REQUIRE(adit::push_tunnel(packet, tunnel, with_ecn(Ecn::kNotEct),
                              {.hash = kHash, .identification = identification}) ==
            DropReason::kNone);
    const auto* ip = packet.at<adit::Ipv4Header>(14);
    const bool is_right = adit::ipv4_checksum(*ip) == ip->checksum &&
                          ip->identification.get() == id && ip->flags_offset.get() == 0;
    wrong += is_right ? 0 : 1;
  }
  CHECK(wrong == 0);
}

TEST_CASE("push_tunnel() holds the largest IP packets") {
  const Tunnel four = built(spec4(gre()));
  Frame largest(Bytes(65535 - 24, 1), 38);
  REQUIRE(adit::push_tunnel(largest.packet, four, with_ecn(Ecn::kNotEct),
                            {.hash = kHash, .identification = 0}) == DropReason::kNone);
  const auto* ip = largest.packet.at<adit::Ipv4Header>(14);
  CHECK(ip->total_length.get() == 65535);
  CHECK(adit::ipv4_checksum(*ip) == ip->checksum);
}

TEST_CASE("push_tunnel() never sends flow label 0, which says that there is none (RFC 6437)") {
  const Tunnel tunnel = built(spec6(gre()));
  for (const std::uint64_t hash : {std::uint64_t{0}, std::uint64_t{0xfff00000}}) {
    Frame frame(scapy::kInnerUdp4, 58);
    REQUIRE(adit::push_tunnel(frame.packet, tunnel, with_ecn(Ecn::kNotEct),
                              {.hash = hash, .identification = 0}) == DropReason::kNone);
    CHECK(frame.packet.at<adit::Ipv6Header>(14)->flow_label() != 0);
    CHECK(frame.packet.at<adit::Ipv6Header>(14)->version() == 6);
    CHECK(frame.packet.at<adit::Ipv6Header>(14)->traffic_class() == 0);
  }
}

TEST_CASE("push_tunnel() is refused, and nothing changed, one byte short of room") {
  for (const TunnelSpec& spec : {spec4(vxlan(1, true)), spec6(vxlan(1, true)), spec4(gre()),
                                 spec4(gre(7)), spec6(gre()), spec6(gre(7))}) {
    const Tunnel tunnel = built(spec);
    Frame frame(scapy::kInnerUdp4, tunnel.template_bytes + 13U);
    const std::string before = frame.memory();
    CHECK(adit::push_tunnel(frame.packet, tunnel, with_ecn(Ecn::kCe),
                            {.hash = kHash, .identification = 1}) == DropReason::k_no_headroom);
    CHECK(frame.memory() == before);
    CHECK(frame.hex() == scapy::kInnerUdp4);
  }
}

TEST_CASE("Tunnel keeps its remote in the template and the overhead that its type has") {
  CHECK(built(spec4(vxlan(1, false))).remote() == kRemote4);
  CHECK(built(spec6(gre(7))).remote() == kRemote6);
  CHECK(built(spec4(vxlan(1, false))).template_bytes + 14 == 50);
  CHECK(built(spec6(vxlan(1, true))).template_bytes + 14 == 70);
  CHECK(built(spec4(gre())).template_bytes + 14 == 38);
  CHECK(built(spec4(gre(1))).template_bytes + 14 == 42);
  CHECK(built(spec6(gre())).template_bytes + 14 == 58);
  CHECK(built(spec6(gre(1))).template_bytes + 14 == 62);
}
