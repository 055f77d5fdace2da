#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "packet/mix.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace adit {

// Several packets side by side: a vector holds one 32-bit word of each, so that one instruction
// does for all of them what one does for a word.

#if defined(__AVX2__)
inline constexpr std::size_t kLanes = 8;
#else
inline constexpr std::size_t kLanes = 4;
#endif

using Lanes [[gnu::vector_size(kLanes * sizeof(std::uint32_t))]] = std::uint32_t;
/// Where each packet's bytes are.
using LaneRows = const std::uint8_t* const (&)[kLanes];

/// All ones in the lanes where a comparison holds.
template <typename Truth>
[[nodiscard]] Lanes where(Truth truth) noexcept {
  return std::bit_cast<Lanes>(truth);
}

/// All ones where `value` is below `least`; numbers below 2^31.
[[nodiscard]] inline Lanes below(Lanes value, Lanes least) noexcept {
  using Signed [[gnu::vector_size(sizeof(Lanes))]] = std::int32_t;
  return where(std::bit_cast<Signed>(value) < std::bit_cast<Signed>(least));
}

[[nodiscard]] inline Lanes all_lanes(std::uint32_t value) noexcept { return Lanes{} + value; }

/// A constant in all lanes that stays where it was made; compilers else make it anew of the number
/// each time, in three instructions.
[[nodiscard]] inline Lanes kept(std::uint32_t value) noexcept {
  Lanes lanes = all_lanes(value);
#if defined(__x86_64__)
  asm("" : "+x"(lanes));
#endif
  return lanes;
}

inline void store_lanes(std::uint32_t* to, Lanes lanes) noexcept {
  std::memcpy(to, &lanes, sizeof lanes);
}
[[nodiscard]] inline Lanes load_lanes(const std::uint32_t* from) noexcept {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}

/// Where the first lane is that is all ones, of lanes that are that or 0; kLanes: there is none.
[[nodiscard]] inline std::size_t first_lane(Lanes truths) noexcept {
#if defined(__AVX2__)
  const auto bits = _mm256_movemask_ps(std::bit_cast<__m256>(truths));
#elif defined(__SSE2__)
  const auto bits = _mm_movemask_ps(std::bit_cast<__m128>(truths));
#else
  unsigned bits = 0;
  for (std::size_t i = 0; i < kLanes; ++i) bits |= (truths[i] & 1U) << i;
#endif
  return static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(bits) | (1U << kLanes)));
}
/// Of lanes that are all ones or 0.
[[nodiscard]] inline bool is_zero(Lanes truths) noexcept { return first_lane(truths) == kLanes; }

/// The word at one offset in each packet, as it stands there.
[[nodiscard]] inline Lanes word_lanes(LaneRows rows, std::size_t offset) noexcept {
#if defined(__AVX2__)
  return Lanes{load32(rows[0] + offset), load32(rows[1] + offset), load32(rows[2] + offset),
               load32(rows[3] + offset), load32(rows[4] + offset), load32(rows[5] + offset),
               load32(rows[6] + offset), load32(rows[7] + offset)};
#else
  return Lanes{load32(rows[0] + offset), load32(rows[1] + offset), load32(rows[2] + offset),
               load32(rows[3] + offset)};
#endif
}

/// The bytes of each word turned round: numbers of network byte order.
[[nodiscard]] inline Lanes swapped(Lanes lanes) noexcept {
  using Bytes [[gnu::vector_size(sizeof(Lanes))]] = std::uint8_t;
  const auto bytes = std::bit_cast<Bytes>(lanes);
#if defined(__AVX2__)
  const Bytes turned =
      __builtin_shufflevector(bytes, bytes, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12,
                              19, 18, 17, 16, 23, 22, 21, 20, 27, 26, 25, 24, 31, 30, 29, 28);
#else
  const Bytes turned =
      __builtin_shufflevector(bytes, bytes, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
#endif
  return std::bit_cast<Lanes>(turned);
}

/// 16 bytes at one offset in each packet, as four words.
struct LaneWords {
  Lanes words[4];
};

namespace lanes {

/// 16 bytes of a packet, with AVX2 beside those of the packet four places further.
[[nodiscard]] inline Lanes row(LaneRows rows, std::size_t i, std::size_t offset) noexcept {
  using Quarter [[gnu::vector_size(16)]] = std::uint32_t;
  Quarter low;
  std::memcpy(&low, rows[i] + offset, sizeof low);
#if defined(__AVX2__)
  Quarter high;
  std::memcpy(&high, rows[i + 4] + offset, sizeof high);
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
#else
  return low;
#endif
}

// Words of two rows by turns: from the lower and the upper half of each 16 bytes, one by one or in
// pairs.
#if defined(__AVX2__)
[[nodiscard]] inline Lanes low_words(Lanes a, Lanes b) noexcept {
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13);
}
[[nodiscard]] inline Lanes high_words(Lanes a, Lanes b) noexcept {
  return __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15);
}
[[nodiscard]] inline Lanes low_pairs(Lanes a, Lanes b) noexcept {
  return __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13);
}
[[nodiscard]] inline Lanes high_pairs(Lanes a, Lanes b) noexcept {
  return __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15);
}
#else
[[nodiscard]] inline Lanes low_words(Lanes a, Lanes b) noexcept {
  return __builtin_shufflevector(a, b, 0, 4, 1, 5);
}
[[nodiscard]] inline Lanes high_words(Lanes a, Lanes b) noexcept {
  return __builtin_shufflevector(a, b, 2, 6, 3, 7);
}
[[nodiscard]] inline Lanes low_pairs(Lanes a, Lanes b) noexcept {
  return __builtin_shufflevector(a, b, 0, 1, 4, 5);
}
[[nodiscard]] inline Lanes high_pairs(Lanes a, Lanes b) noexcept {
  return __builtin_shufflevector(a, b, 2, 3, 6, 7);
}
#endif

}  // namespace lanes

/// Four words from one offset on in each packet, as they stand there: rows become columns.
[[nodiscard]] inline LaneWords four_word_lanes(LaneRows rows, std::size_t offset) noexcept {
  const Lanes first = lanes::row(rows, 0, offset);
  const Lanes second = lanes::row(rows, 1, offset);
  const Lanes third = lanes::row(rows, 2, offset);
  const Lanes fourth = lanes::row(rows, 3, offset);
  const Lanes low_even = lanes::low_words(first, second);
  const Lanes low_odd = lanes::low_words(third, fourth);
  const Lanes high_even = lanes::high_words(first, second);
  const Lanes high_odd = lanes::high_words(third, fourth);
  return {{lanes::low_pairs(low_even, low_odd), lanes::high_pairs(low_even, low_odd),
           lanes::low_pairs(high_even, high_odd), lanes::high_pairs(high_even, high_odd)}};
}

}  // namespace adit
