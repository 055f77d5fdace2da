#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <span>

namespace adit {

/// A 48-bit MAC address, in wire order.
struct MacAddress {
  std::array<std::uint8_t, 6> bytes{};

  /// Group bit: multicast or broadcast (IEEE 802).
  [[nodiscard]] constexpr bool is_group() const noexcept { return (bytes[0] & 1) != 0; }
  [[nodiscard]] constexpr bool operator==(const MacAddress&) const noexcept = default;
};
static_assert(sizeof(MacAddress) == 6);

enum class IpFamily : std::uint8_t { kIpv4 = 4, kIpv6 = 6 };

/// An IPv4 or IPv6 address in wire order. IPv4 uses the first 4 bytes; the rest are 0, so that
/// equality and hashing of all 16 bytes together with the family are exact.
struct IpAddress {
  IpFamily family = IpFamily::kIpv4;
  std::array<std::uint8_t, 16> bytes{};

  [[nodiscard]] static IpAddress v4(const std::uint8_t* wire) noexcept {
    IpAddress a;
    std::memcpy(a.bytes.data(), wire, 4);
    return a;
  }
  [[nodiscard]] static IpAddress v6(const std::uint8_t* wire) noexcept {
    IpAddress a;
    a.family = IpFamily::kIpv6;
    std::memcpy(a.bytes.data(), wire, 16);
    return a;
  }
  [[nodiscard]] constexpr std::size_t size() const noexcept {
    return family == IpFamily::kIpv4 ? 4 : 16;
  }
  [[nodiscard]] std::span<const std::uint8_t> wire() const noexcept {
    return {bytes.data(), size()};
  }
  [[nodiscard]] constexpr auto operator<=>(const IpAddress&) const noexcept = default;
};

/// An IP prefix: `length` leading bits of `address` count.
struct IpPrefix {
  IpAddress address;
  std::uint8_t length = 0;

  [[nodiscard]] bool contains(const IpAddress& other) const noexcept {
    if (other.family != address.family) return false;
    const std::size_t whole = length / 8;
    if (std::memcmp(address.bytes.data(), other.bytes.data(), whole) != 0) return false;
    const unsigned rest = length % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<std::uint8_t>(0xff00U >> rest);
    return ((address.bytes[whole] ^ other.bytes[whole]) & mask) == 0;
  }
};

}  // namespace adit
