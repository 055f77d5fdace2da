#pragma once

#include <bit>
#include <cstdint>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace adit {

// The first place of eight that holds a value, without a branch for each; 8: none does.

#if defined(__SSE2__)

/// The bit behind those of eight places of two bits each.
inline constexpr unsigned kNoMatch = 1U << 16;

[[nodiscard]] inline unsigned first_match(const std::uint16_t (&values)[8],
                                          std::uint16_t value) noexcept {
  const __m128i all = _mm_loadu_si128(reinterpret_cast<const __m128i*>(values));
  const __m128i same = _mm_cmpeq_epi16(all, _mm_set1_epi16(static_cast<short>(value)));
  const auto bits = static_cast<unsigned>(_mm_movemask_epi8(same));
  return static_cast<unsigned>(std::countr_zero(bits | kNoMatch)) / 2;
}

[[nodiscard]] inline unsigned first_match(const std::uint32_t (&values)[8],
                                          std::uint32_t value) noexcept {
#if defined(__AVX2__)
  const __m256i all = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values));
  const __m256i same = _mm256_cmpeq_epi32(all, _mm256_set1_epi32(static_cast<int>(value)));
  const auto bits = static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(same)));
  return static_cast<unsigned>(std::countr_zero(bits | (1U << 8)));
#else
  const auto* halves = reinterpret_cast<const __m128i*>(values);
  const __m128i wanted = _mm_set1_epi32(static_cast<int>(value));
  const __m128i low = _mm_cmpeq_epi32(_mm_loadu_si128(halves), wanted);
  const __m128i high = _mm_cmpeq_epi32(_mm_loadu_si128(halves + 1), wanted);
  const auto bits = static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi32(low, high)));
  return static_cast<unsigned>(std::countr_zero(bits | kNoMatch)) / 2;
#endif
}

#else

template <typename T>
[[nodiscard]] unsigned first_match(const T (&values)[8], T value) noexcept {
  unsigned at = 0;
  while (at < 8 && values[at] != value) ++at;
  return at;
}

#endif

}  // namespace adit
