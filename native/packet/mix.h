#pragma once

#include <cstdint>
#include <cstring>

namespace adit {

/// Secret that hashes are keyed with, so that nobody outside can aim at a
/// bucket or a source port.
struct HashSeed {
  std::uint64_t words[4];

  /// Spreads one number over the words (SplitMix64).
  [[nodiscard]] static constexpr HashSeed from(std::uint64_t number) noexcept {
    HashSeed seed{};
    for (std::uint64_t& word : seed.words) {
      number += 0x9e3779b97f4a7c15U;
      std::uint64_t z = number;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
      word = z ^ (z >> 31);
    }
    return seed;
  }
};

/// Folds the 128-bit product of two words into one: each output bit depends on
/// all input bits.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

[[nodiscard]] inline std::uint64_t load64(const std::uint8_t* bytes) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

[[nodiscard]] inline std::uint16_t load16(const std::uint8_t* bytes) noexcept {
  std::uint16_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

[[nodiscard]] inline std::uint32_t load32(const std::uint8_t* bytes) noexcept {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

}  // namespace adit
