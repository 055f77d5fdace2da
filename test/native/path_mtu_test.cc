#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "table/next_hop.h"
#include "table/path_advice.h"
#include "table/path_errors.h"

namespace {

using adit::IpFamily;
using adit::NextHopTable;
using adit::PathAdvice;
using adit::UnderlayError;

constexpr std::uint64_t kSecond = 1'000'000'000;

adit::NextHop with_mtu(std::uint16_t mtu) {
  adit::NextHop hop;
  hop.status = adit::NextHop::Status::kUp;
  hop.mtu = mtu;
  return hop;
}

std::uint32_t mtu_of(const NextHopTable& hops, std::uint64_t now_ns) {
  const auto path = hops.path_mtu(0, now_ns);
  return path ? path->mtu : 0;
}

PathAdvice advice(IpFamily family, std::uint8_t type, std::uint8_t code, std::uint32_t rest = 0,
                  std::uint32_t ip_bytes = 1500) {
  UnderlayError error;
  error.family = family;
  error.type = type;
  error.code = code;
  error.rest = rest;
  error.quote.ip_bytes = ip_bytes;
  return adit::advice_of(error);
}

}  // namespace

TEST_CASE("NextHopTable lower_path_mtu() lowers, never raises, and forgets after ten minutes") {
  NextHopTable hops(2);
  hops.set(0, with_mtu(1500));
  hops.set(1, with_mtu(1500));
  CHECK(mtu_of(hops, 0) == 0);
  CHECK_FALSE(hops.lower_path_mtu(0, 1500, kSecond));
  CHECK_FALSE(hops.lower_path_mtu(0, 9000, kSecond));
  CHECK(hops.lower_path_mtu(0, 1400, kSecond));
  CHECK_FALSE(hops.lower_path_mtu(0, 1400, 5 * kSecond));
  CHECK_FALSE(hops.lower_path_mtu(0, 1401, 5 * kSecond));
  CHECK(mtu_of(hops, 5 * kSecond) == 1400);
  CHECK_FALSE(hops.path_mtu(1, 5 * kSecond));
  // What was refused did not make it last longer.
  CHECK(mtu_of(hops, 601 * kSecond - 1) == 1400);
  CHECK(mtu_of(hops, 601 * kSecond) == 0);
  CHECK(hops.lower_path_mtu(0, 1450, 601 * kSecond));
  CHECK(hops.lower_path_mtu(0, 1280, 900 * kSecond));
  CHECK(mtu_of(hops, 1300 * kSecond) == 1280);
  CHECK(mtu_of(hops, 1500 * kSecond) == 0);
}

TEST_CASE("NextHopTable path_mtu() stays when the record changes, and is of no way that is not") {
  NextHopTable hops(1);
  CHECK_FALSE(hops.lower_path_mtu(0, 1400, 0));
  hops.set(0, with_mtu(1500));
  CHECK(hops.lower_path_mtu(0, 1400, 0));
  hops.set(0, with_mtu(1300));
  CHECK(hops.get(0).mtu == 1300);
  CHECK(mtu_of(hops, 0) == 1400);
  CHECK_FALSE(hops.lower_path_mtu(0, 1350, 0));
  CHECK(hops.lower_path_mtu(0, 1299, 0));
}

TEST_CASE("NextHopTable path_mtu() is the least that any of many threads told") {
  NextHopTable hops(1);
  hops.set(0, with_mtu(65535));
  std::vector<std::thread> threads;
  for (unsigned first = 0; first < 4; ++first) {
    threads.emplace_back([&hops, first] {
      for (unsigned mtu = 60000 + first; mtu >= 1280 + first; mtu -= 4) {
        hops.lower_path_mtu(0, static_cast<std::uint16_t>(mtu), kSecond);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(mtu_of(hops, kSecond) == 1280);
}

TEST_CASE("advice_of() believes no size below 576 on IPv4 and 1280 on IPv6") {
  for (const std::uint32_t mtu : {1U, 68U, 552U, 575U}) {
    const PathAdvice is = advice(IpFamily::kIpv4, 3, 4, mtu);
    CHECK(is.kind == PathAdvice::Kind::kTooBig);
    CHECK(is.mtu == 0);
  }
  CHECK(advice(IpFamily::kIpv4, 3, 4, 576).mtu == 576);
  CHECK(advice(IpFamily::kIpv4, 3, 4, 65535).mtu == 65535);
  // Bytes 4 and 5 are no part of it (RFC 4884 has a length there).
  CHECK(advice(IpFamily::kIpv4, 3, 4, 0x00200578).mtu == 1400);
  for (const std::uint32_t mtu : {0U, 68U, 576U, 1279U}) {
    CHECK(advice(IpFamily::kIpv6, 2, 0, mtu).mtu == 0);
  }
  CHECK(advice(IpFamily::kIpv6, 2, 0, 1280).mtu == 1280);
  CHECK(advice(IpFamily::kIpv6, 2, 0, 0xffffffff).mtu == 65535);
}

TEST_CASE("advice_of() takes the next plateau where an old router tells no size") {
  const auto plateau = [](std::uint32_t ip_bytes) {
    return advice(IpFamily::kIpv4, 3, 4, 0, ip_bytes).mtu;
  };
  CHECK(plateau(65535) == 32000);
  CHECK(plateau(9000) == 8166);
  CHECK(plateau(1500) == 1492);
  CHECK(plateau(1493) == 1492);
  CHECK(plateau(1492) == 1006);
  CHECK(plateau(1007) == 1006);
  CHECK(plateau(1006) == 0);
  CHECK(plateau(0) == 0);
}

TEST_CASE("advice_of() tells what is the inner sender's matter from what is the tunnel's") {
  using Kind = PathAdvice::Kind;
  const auto kind4 = [](std::uint8_t type, std::uint8_t code) {
    return advice(IpFamily::kIpv4, type, code).kind;
  };
  CHECK(kind4(3, 0) == Kind::kNetUnreachable);
  CHECK(kind4(3, 1) == Kind::kHostUnreachable);
  CHECK(kind4(3, 2) == Kind::kHostUnreachable);
  CHECK(kind4(11, 0) == Kind::kHostUnreachable);
  for (const std::uint8_t code : std::vector<std::uint8_t>{3, 5, 6, 9, 13, 255}) {
    CHECK(kind4(3, code) == Kind::kOther);
  }
  CHECK(kind4(11, 1) == Kind::kOther);
  CHECK(kind4(12, 0) == Kind::kOther);
  const auto kind6 = [](std::uint8_t type, std::uint8_t code) {
    return advice(IpFamily::kIpv6, type, code).kind;
  };
  CHECK(kind6(1, 0) == Kind::kHostUnreachable);
  CHECK(kind6(1, 3) == Kind::kHostUnreachable);
  CHECK(kind6(3, 0) == Kind::kHostUnreachable);
  for (const std::uint8_t code : std::vector<std::uint8_t>{1, 2, 4, 5, 255}) {
    CHECK(kind6(1, code) == Kind::kOther);
  }
  CHECK(kind6(3, 1) == Kind::kOther);
  CHECK(kind6(4, 1) == Kind::kOther);
}

TEST_CASE("PathErrors keep the last error and count all, for each next hop") {
  adit::PathErrors errors(2);
  CHECK(errors.get(1).count == 0);
  errors.add(1, 3, 3, 7 * kSecond);
  errors.add(1, 11, 0, 9 * kSecond + 5'000'000);
  const adit::PathError last = errors.get(1);
  CHECK(last.count == 2);
  CHECK(last.type == 11);
  CHECK(last.code == 0);
  CHECK(last.at_ms == 9005);
  CHECK(errors.get(0).count == 0);
}
