#include "table/own_addresses.h"

#include <doctest/doctest.h>

#include <thread>

#include "underlay_addresses.h"

namespace adit {
namespace {

using underlay_lab::ip;

TEST_CASE("OwnAddresses holds addresses and the broadcast of each IPv4 network") {
  for (unsigned length = 0; length <= 32; ++length) {
    CAPTURE(length);
    const std::vector<IpPrefix> one = {{ip("10.0.0.1"), static_cast<std::uint8_t>(length)}};
    const OwnAddresses own(one);
    const std::uint32_t host = length == 0 ? 0xffffffff : ~(0xffffffff << (32 - length) % 32);
    const std::uint32_t value = 0x0a000001U | (length == 32 ? 0 : host);
    const std::uint8_t wire[] = {
        static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
        static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
    CHECK(own.contains(ip("10.0.0.1")));
    const bool is_own_address = IpAddress::v4(wire) == ip("10.0.0.1");
    CHECK(own.contains(IpAddress::v4(wire)) == (length <= 30 || is_own_address));
    CHECK_FALSE(own.contains(ip("10.0.0.2")));
  }
  CHECK_FALSE(OwnAddresses().contains(ip("0.0.0.0")));
}

TEST_CASE("CurrentOwnAddresses publishes whole sets while others read") {
  CurrentOwnAddresses current;
  const std::vector<IpPrefix> one = {{ip("10.0.0.1"), 24}};
  const std::vector<IpPrefix> two = {{ip("10.0.1.1"), 24}, {ip("10.0.2.1"), 24}};
  CHECK_FALSE(current.get().contains(ip("10.0.0.1")));
  current.publish(one);
  const OwnAddresses* first = &current.get();
  CHECK(first->contains(ip("10.0.0.255")));
  std::atomic<bool> stop{false};
  std::atomic<int> halves{0};
  std::thread reader([&] {
    while (!stop) {
      const OwnAddresses& own = current.get();
      const bool is_one = own.contains(ip("10.0.0.1"));
      const bool is_two = own.contains(ip("10.0.1.1")) && own.contains(ip("10.0.2.255"));
      if (is_one == is_two) ++halves;
    }
  });
  for (int i = 0; i < 10000; ++i) current.publish(i % 2 == 0 ? two : one);
  stop = true;
  reader.join();
  CHECK(halves == 0);
  // What was published before is used again, so that flapping takes no memory.
  CHECK(&current.get() == first);
}

}  // namespace
}  // namespace adit
