#include <doctest/doctest.h>

#include "bytes.h"
#include "packet/packet.h"
#include "wire/big_endian.h"

namespace {

using adit::Packet;
using bytes::Frame;

}  // namespace

TEST_CASE("Packet push() takes headroom to the last byte and then changes nothing") {
  Frame frame("0102030405", 6, 3);
  const std::uint8_t* payload = frame.packet.data();
  CHECK(frame.packet.push(4) == payload - 4);
  CHECK(frame.packet.size() == 9);
  CHECK(frame.packet.headroom() == 2);
  CHECK(frame.packet.tailroom() == 3);
  CHECK(frame.packet.push(3) == nullptr);
  CHECK(frame.packet.push(0xffffffff) == nullptr);
  CHECK(frame.packet.size() == 9);
  CHECK(frame.packet.push(2) == payload - 6);
  CHECK(frame.packet.headroom() == 0);
  CHECK(frame.packet.push(1) == nullptr);
  CHECK(frame.memory() == "a5a5a5a5a5a50102030405a5a5a5");
}

TEST_CASE("Packet pop() gives where the bytes stood and refuses more than there are") {
  Frame frame("0102030405", 1, 0);
  std::uint8_t* first = frame.packet.data();
  CHECK(frame.packet.pop(6) == nullptr);
  CHECK(frame.packet.pop(0xffffffff) == nullptr);
  CHECK(frame.hex() == "0102030405");
  CHECK(frame.packet.pop(2) == first);
  CHECK(frame.hex() == "030405");
  CHECK(frame.packet.headroom() == 3);
  CHECK(frame.packet.pop(3) == first + 2);
  CHECK(frame.packet.size() == 0);
  CHECK(frame.packet.pop(1) == nullptr);
  CHECK(frame.packet.push(5) == first);
  CHECK(frame.hex() == "0102030405");
}

TEST_CASE("Packet trim() cuts the end and never lengthens") {
  Frame frame("0102030405", 0, 2);
  CHECK_FALSE(frame.packet.trim(6));
  CHECK(frame.hex() == "0102030405");
  CHECK(frame.packet.trim(5));
  CHECK(frame.packet.trim(2));
  CHECK(frame.hex() == "0102");
  CHECK(frame.packet.tailroom() == 5);
  CHECK(frame.packet.trim(0));
  CHECK(frame.packet.size() == 0);
}

TEST_CASE("Packet pad() appends zeros over stale bytes, as far as there is room") {
  Frame frame("0102", 1, 3);
  CHECK(frame.packet.pad(1));
  CHECK(frame.hex() == "0102");
  CHECK_FALSE(frame.packet.pad(6));
  CHECK_FALSE(frame.packet.pad(0xffffffff));
  CHECK(frame.memory() == "a50102a5a5a5");
  CHECK(frame.packet.pad(4));
  CHECK(frame.hex() == "01020000");
  CHECK(frame.memory() == "a501020000a5");
  CHECK(frame.packet.pad(5));
  CHECK(frame.memory() == "a50102000000");
}

TEST_CASE("Packet reserve() takes headroom away for good") {
  Frame frame("0102", 8, 4);
  frame.packet.reserve(5);
  CHECK(frame.packet.headroom() == 3);
  CHECK(frame.packet.tailroom() == 4);
  CHECK(frame.hex() == "0102");
  CHECK(frame.packet.push(4) == nullptr);
  CHECK(frame.packet.push(3) != nullptr);
  CHECK(frame.packet.headroom() == 0);
}

TEST_CASE("Packet at() gives a header only where the packet holds all of it") {
  Frame frame("0102030405", 2, 2);
  REQUIRE(frame.packet.at<adit::be32>(1) != nullptr);
  CHECK(frame.packet.at<adit::be32>(1)->get() == 0x02030405);
  CHECK(frame.packet.at<adit::be32>(2) == nullptr);
  CHECK(frame.packet.at<adit::be32>(5) == nullptr);
  CHECK(frame.packet.at<adit::be32>(6) == nullptr);
  CHECK(frame.packet.at<adit::be32>(0xffffffff) == nullptr);
  CHECK(frame.packet.at<adit::be32>(0xfffffffd) == nullptr);
}

TEST_CASE("Packet without a frame has no bytes and no room") {
  Packet packet;
  CHECK(packet.empty());
  CHECK(packet.size() == 0);
  CHECK(packet.push(1) == nullptr);
  CHECK(packet.pop(1) == nullptr);
  CHECK(packet.at<adit::be16>(0) == nullptr);
  CHECK_FALSE(packet.pad(1));
}
