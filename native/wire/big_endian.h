#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>

namespace adit {

/// An unsigned integer as it stands on the wire: most significant byte first, alignment 1.
/// Byte order is in the type, so a host-order value cannot be stored by mistake.
template <std::unsigned_integral T>
class BigEndian {
 public:
  constexpr BigEndian() noexcept = default;
  constexpr explicit BigEndian(T host) noexcept { *this = host; }

  constexpr BigEndian& operator=(T host) noexcept {
    bytes_ = std::bit_cast<Bytes>(swapped(host));
    return *this;
  }

  /// The value in host order.
  [[nodiscard]] constexpr T get() const noexcept { return swapped(std::bit_cast<T>(bytes_)); }

  /// The bytes as they stand, read as an integer of this machine.
  [[nodiscard]] constexpr T raw() const noexcept { return std::bit_cast<T>(bytes_); }
  [[nodiscard]] static constexpr BigEndian from_raw(T raw) noexcept {
    BigEndian value;
    value.bytes_ = std::bit_cast<Bytes>(raw);
    return value;
  }

  [[nodiscard]] constexpr bool operator==(const BigEndian&) const noexcept = default;

 private:
  using Bytes = std::array<std::uint8_t, sizeof(T)>;

  static constexpr T swapped(T value) noexcept {
    if constexpr (std::endian::native == std::endian::big) return value;
    if constexpr (sizeof(T) == 2) return __builtin_bswap16(value);
    if constexpr (sizeof(T) == 4) return __builtin_bswap32(value);
    if constexpr (sizeof(T) == 8) return __builtin_bswap64(value);
  }

  Bytes bytes_{};
};

using be16 = BigEndian<std::uint16_t>;
using be32 = BigEndian<std::uint32_t>;
using be64 = BigEndian<std::uint64_t>;

static_assert(sizeof(be16) == 2 && alignof(be16) == 1);
static_assert(sizeof(be32) == 4 && alignof(be32) == 1);

}  // namespace adit
