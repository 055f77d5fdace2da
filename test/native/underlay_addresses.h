#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "wire/address.h"

namespace adit::underlay_lab {

/// The address that `text` writes; the test fails if it writes none.
inline IpAddress ip(const std::string& text) {
  std::uint8_t bytes[16];
  if (inet_pton(AF_INET, text.c_str(), bytes) == 1) return IpAddress::v4(bytes);
  REQUIRE(inet_pton(AF_INET6, text.c_str(), bytes) == 1);
  return IpAddress::v6(bytes);
}

inline MacAddress mac(std::uint8_t last) { return {{2, 0, 0, 0, 9, last}}; }

}  // namespace adit::underlay_lab
