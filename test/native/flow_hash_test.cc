#include <doctest/doctest.h>

#include <set>

#include "bytes.h"
#include "packet/inner.h"
#include "scapy_packets.h"
#include "table/tunnel.h"
#include "wire/udp.h"

namespace {

using adit::HashSeed;
using bytes::Bytes;
using bytes::Frame;
using bytes::from_hex;

constexpr HashSeed kSeed = HashSeed::from(1);

std::uint64_t hash_of(const Bytes& bytes, const HashSeed& seed = kSeed) {
  const Frame frame(bytes);
  adit::InnerFrame inner;
  REQUIRE(adit::parse_inner(frame.packet, inner) == adit::DropReason::kNone);
  return adit::flow_hash(frame.packet, inner, seed);
}

Bytes flipped(Bytes bytes, std::size_t at) {
  bytes[at] ^= 0x01;
  return bytes;
}

/// Checks which bytes of a frame decide its hash: those in [first, last) of each range, and no
/// other.
void check_deciding_bytes(const Bytes& frame,
                          const std::vector<std::pair<std::size_t, std::size_t>>& ranges,
                          const std::set<std::size_t>& left_out) {
  const std::uint64_t hash = hash_of(frame);
  for (std::size_t at = 0; at < frame.size(); ++at) {
    if (left_out.contains(at)) continue;
    bool decides = false;
    for (const auto& [first, last] : ranges) decides = decides || (at >= first && at < last);
    CAPTURE(at);
    CHECK((hash_of(flipped(frame, at)) != hash) == decides);
  }
}

/// InnerUdp4 of another flow: source address and ports by number.
Bytes flow(std::uint32_t number) {
  Bytes frame = from_hex(scapy::kInnerUdp4);
  frame[28] = static_cast<std::uint8_t>(number >> 16);
  frame[34] = static_cast<std::uint8_t>(number >> 8);
  frame[35] = static_cast<std::uint8_t>(number);
  return frame;
}

/// The UDP source port of `frame` in a VXLAN tunnel with the whole dynamic range.
std::uint16_t source_port_of(const adit::Tunnel& tunnel, const Bytes& bytes) {
  Frame frame(bytes, 64);
  const std::uint64_t hash = hash_of(bytes);
  REQUIRE(adit::push_tunnel(frame.packet, tunnel, {}, {.hash = hash}) == adit::DropReason::kNone);
  return frame.packet.at<adit::UdpHeader>(34)->source_port.get();
}

adit::Tunnel vxlan_tunnel(std::uint16_t first, std::uint16_t last) {
  adit::TunnelSpec spec;
  spec.remote.emplace();
  spec.source_port_min = first;
  spec.source_port_max = last;
  adit::Endpoint endpoint;
  return adit::make_tunnel(spec, endpoint);
}

}  // namespace

TEST_CASE("flow_hash() of IPv4 depends on addresses, protocol and ports alone") {
  // MAC addresses 0-11, then DSCP, length, identification, TTL and checksum, then payload: not
  // part. Byte 14 is version and IHL, 20 and 21 make a fragment, 23 as protocol 16 has no ports.
  check_deciding_bytes(from_hex(scapy::kInnerUdp4), {{26, 38}, {23, 24}}, {12, 13, 14, 20, 21});
}

TEST_CASE("flow_hash() of IPv6 depends on addresses, next header and ports alone") {
  check_deciding_bytes(from_hex(scapy::kInnerTcp6), {{20, 21}, {22, 58}}, {12, 13});
}

TEST_CASE("flow_hash() of other payloads depends on MAC addresses and EtherType alone") {
  check_deciding_bytes(from_hex(scapy::kInnerArp), {{0, 14}}, {});
}

TEST_CASE("flow_hash() is the same with and without tags") {
  CHECK(hash_of(from_hex(scapy::kInnerVlan)) == hash_of(from_hex(scapy::kInnerUdp4)));
  CHECK(hash_of(from_hex(scapy::kInnerQinq)) == hash_of(from_hex(scapy::kInnerUdp4)));
}

TEST_CASE("flow_hash() of all fragments of a datagram agrees: ports are left out") {
  const Bytes whole = from_hex(scapy::kInnerUdp4);
  const std::uint64_t first = hash_of(bytes::with(whole, 20, "2000"));
  CHECK(first != hash_of(whole));
  for (const char* flags_offset : {"2005", "000a", "1fff", "3fff"}) {
    // What stands where ports would be is data.
    const Bytes later = bytes::with(bytes::with(whole, 20, flags_offset), 34, "deadbeef");
    CHECK(hash_of(later) == first);
  }
  // DF does not make a fragment.
  CHECK(hash_of(bytes::with(whole, 20, "4000")) == hash_of(whole));
}

TEST_CASE("flow_hash() of IPv6 fragments agrees") {
  Bytes first = from_hex(scapy::kInnerTcp6);
  first[20] = 44;
  first = bytes::with(first, 54, "0600000100000007");
  const Bytes later = bytes::with(first, 54, "0600050000000007");
  CHECK(hash_of(first) == hash_of(later));
}

TEST_CASE("flow_hash() finds the ports behind IPv4 options") {
  Bytes frame = from_hex(scapy::kInnerUdp4);
  frame[14] = 0x46;
  // Bytes 34-37 are options now, the ports stand behind them.
  CHECK(hash_of(bytes::with(frame, 34, "01010101")) == hash_of(bytes::with(frame, 34, "00000000")));
  CHECK(hash_of(flipped(frame, 38)) != hash_of(frame));
  CHECK(hash_of(flipped(frame, 41)) != hash_of(frame));
}

TEST_CASE("flow_hash() reads no ports where the frame ends before them or the protocol has none") {
  const Bytes whole = from_hex(scapy::kInnerUdp4);
  const std::uint64_t without_ports = hash_of(bytes::head(whole, 34));
  for (std::size_t size = 35; size < 38; ++size) {
    CHECK(hash_of(bytes::head(whole, size)) == without_ports);
  }
  CHECK(hash_of(bytes::head(whole, 38)) == hash_of(whole));
  const Bytes icmp = bytes::with(whole, 23, "01");
  CHECK(hash_of(flipped(icmp, 34)) == hash_of(icmp));
  for (const char* with_ports : {"06", "11", "21", "84", "88"}) {
    const Bytes frame = bytes::with(whole, 23, with_ports);
    CHECK(hash_of(flipped(frame, 34)) != hash_of(frame));
  }
}

TEST_CASE("flow_hash() changes with the seed, for every kind of payload") {
  for (const char* hex : {scapy::kInnerUdp4, scapy::kInnerTcp6, scapy::kInnerArp}) {
    std::set<std::uint64_t> hashes;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      hashes.insert(hash_of(from_hex(hex), HashSeed::from(seed)));
    }
    CHECK(hashes.size() == 100);
  }
}

TEST_CASE("source ports spread evenly over 49152-65535 (chi-square, 64 cells)") {
  const adit::Tunnel tunnel = vxlan_tunnel(49152, 65535);
  constexpr std::uint32_t kFlows = 64 * 1024;
  constexpr std::size_t kCells = 64;
  std::uint32_t cells[kCells] = {};
  std::set<std::uint16_t> seen;
  for (std::uint32_t i = 0; i < kFlows; ++i) {
    const std::uint16_t port = source_port_of(tunnel, flow(i));
    REQUIRE(port >= 49152);
    ++cells[(port - 49152U) / 256];
    seen.insert(port);
  }
  double chi_square = 0;
  constexpr double kExpected = double{kFlows} / kCells;
  for (const std::uint32_t count : cells) {
    chi_square += (count - kExpected) * (count - kExpected) / kExpected;
  }
  // 63 degrees of freedom: a fair hash is under 103.4 in 999 of 1000 seeds, and over 32.
  CHECK(chi_square < 103.4);
  CHECK(chi_square > 32);
  // 65536 draws of 16384 ports miss each with probability e^-4: about 300.
  CHECK(seen.size() > 16384 - 400);
}

TEST_CASE("source ports stay inside the smallest and the largest range, both ends reached") {
  const adit::Tunnel one = vxlan_tunnel(50000, 50000);
  const adit::Tunnel two = vxlan_tunnel(65534, 65535);
  const adit::Tunnel all = vxlan_tunnel(0, 65535);
  std::set<std::uint16_t> of_two;
  for (std::uint32_t i = 0; i < 64; ++i) {
    CHECK(source_port_of(one, flow(i)) == 50000);
    of_two.insert(source_port_of(two, flow(i)));
  }
  CHECK(of_two == std::set<std::uint16_t>{65534, 65535});
  Frame frame(scapy::kInnerUdp4, 64);
  REQUIRE(adit::push_tunnel(frame.packet, all, {}, {.hash = ~std::uint64_t{0}}) ==
          adit::DropReason::kNone);
  CHECK(frame.packet.at<adit::UdpHeader>(34)->source_port.get() == 65535);
}
