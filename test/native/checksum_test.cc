#include <doctest/doctest.h>

#include <random>

#include "bytes.h"
#include "scapy_packets.h"
#include "wire/checksum.h"

namespace {

using bytes::Bytes;
using bytes::from_hex;

/// RFC 1071 read literally: 16-bit words, big-endian, an odd last byte padded with 0.
std::uint16_t slow_sum(const Bytes& data) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    sum += i % 2 == 0 ? std::uint64_t{data[i]} << 8 : data[i];
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

std::uint16_t fast_sum(const Bytes& data) {
  const bytes::Frame exact(data);
  adit::ChecksumSum sum;
  sum.add(exact.packet.data(), data.size());
  return adit::be16::from_raw(sum.folded()).get();
}

}  // namespace

TEST_CASE("ChecksumSum of the example of RFC 1071 is ddf2") {
  CHECK(fast_sum(from_hex("0001f203f4f5f6f7")) == 0xddf2);
}

TEST_CASE("ChecksumSum equals the literal sum for every length, with random and extreme bytes") {
  std::mt19937 random(1071);
  for (std::size_t length = 0; length < 200; ++length) {
    CAPTURE(length);
    Bytes data(length);
    for (std::uint8_t& byte : data) byte = static_cast<std::uint8_t>(random());
    CHECK(fast_sum(data) == slow_sum(data));
    CHECK(fast_sum(Bytes(length, 0)) == 0);
    CHECK(fast_sum(Bytes(length, 0xff)) == slow_sum(Bytes(length, 0xff)));
  }
  // 64 KiB of ones: the carries of the 64-bit words must come round.
  CHECK(fast_sum(Bytes(65536, 0xff)) == 0xffff);
}

TEST_CASE("ChecksumSum is the same however the data is cut at even places") {
  std::mt19937 random(7);
  Bytes data(301);
  for (std::uint8_t& byte : data) byte = static_cast<std::uint8_t>(random());
  for (std::size_t cut = 0; cut <= data.size(); cut += 2) {
    adit::ChecksumSum sum;
    sum.add(data.data(), cut);
    sum.add(data.data() + cut, data.size() - cut);
    CHECK(adit::be16::from_raw(sum.folded()).get() == slow_sum(data));
  }
}

TEST_CASE("ChecksumSum add_word() brings the carry out of 64 bits round") {
  adit::ChecksumSum sum;
  for (int i = 0; i < 5; ++i) sum.add_word(~std::uint64_t{0});
  CHECK(sum.folded() == 0xffff);
  sum.add_word(1);
  CHECK(sum.folded() == 1);
}

TEST_CASE("ChecksumSum verifies scapy's IPv4 headers, and no header with one bit wrong") {
  for (const char* packet : {scapy::kVxlan4, scapy::kSentVxlan4Tos, scapy::kGre4Full}) {
    Bytes header = bytes::head(bytes::behind(from_hex(packet), 14), 20);
    adit::ChecksumSum good;
    good.add(header.data(), header.size());
    CHECK(good.verifies());
    for (std::size_t bit = 0; bit < 160; ++bit) {
      header[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
      adit::ChecksumSum bad;
      bad.add(header.data(), header.size());
      CHECK_FALSE(bad.verifies());
      header[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    }
  }
}

TEST_CASE("ipv4_checksum() gives scapy's, whatever stands in the field") {
  adit::Ipv4Header header;
  std::memcpy(&header, from_hex(scapy::kSentVxlan4Tos).data() + 14, sizeof header);
  const adit::be16 expected = header.checksum;
  CHECK(adit::ipv4_checksum(header) == expected);
  header.checksum = std::uint16_t{0xa5a5};
  CHECK(adit::ipv4_checksum(header) == expected);
}

TEST_CASE("pseudo_header_sum() with the datagram verifies scapy's UDP over IPv4 and IPv6") {
  const Bytes four = from_hex(scapy::kVxlan4Summed);
  adit::ChecksumSum sum =
      adit::pseudo_header_sum(&four[26], &four[30], 4, adit::IpProto::kUdp, 116 - 34);
  sum.add(&four[34], 116 - 34);
  CHECK(sum.verifies());
  const Bytes six = from_hex(scapy::kVxlan6);
  sum = adit::pseudo_header_sum(&six[22], &six[38], 16, adit::IpProto::kUdp, 136 - 54);
  sum.add(&six[54], 136 - 54);
  CHECK(sum.verifies());
}

TEST_CASE("pseudo_header_sum() counts a length over 16 bits in full") {
  const Bytes zeros(16, 0);
  const adit::ChecksumSum sum =
      adit::pseudo_header_sum(zeros.data(), zeros.data(), 16, adit::IpProto::kUdp, 0x20003);
  CHECK(adit::be16::from_raw(sum.folded()).get() == 2 + 3 + 17);
}
