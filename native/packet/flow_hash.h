#pragma once

#include <cstdint>

#include "packet/mix.h"

namespace adit {

// The steps of `flow_hash` for those who have looked at the headers themselves.

/// The two ports as they stand in the packet, and the protocol; 0 for ports that do not count.
[[nodiscard]] constexpr std::uint64_t hash_word(std::uint8_t proto, std::uint32_t ports) noexcept {
  return (std::uint64_t{proto} << 32) | ports;
}

/// \param ip an IPv4 header; \param word of `hash_word`.
[[nodiscard]] inline std::uint64_t hash_ipv4(const std::uint8_t* ip, std::uint64_t word,
                                             const HashSeed& seed) noexcept {
  constexpr std::size_t kAddresses = 12;
  return mix(load64(ip + kAddresses) ^ seed.words[0], word ^ seed.words[1]);
}

/// \param ip an IPv6 header.
[[nodiscard]] inline std::uint64_t hash_ipv6(const std::uint8_t* ip, std::uint64_t word,
                                             const HashSeed& seed) noexcept {
  const std::uint8_t* source = ip + 8;
  const std::uint8_t* destination = source + 16;
  const std::uint64_t from =
      mix(load64(source) ^ seed.words[2], load64(source + 8) ^ seed.words[3]);
  const std::uint64_t to =
      mix(load64(destination) ^ seed.words[1], load64(destination + 8) ^ seed.words[0]);
  return mix(from ^ seed.words[0] ^ word, to ^ seed.words[1]);
}

/// Spreads what these made over all bits.
[[nodiscard]] constexpr std::uint64_t finish_hash(std::uint64_t hash,
                                                  const HashSeed& seed) noexcept {
  return mix(hash ^ seed.words[2], seed.words[3]);
}

}  // namespace adit
