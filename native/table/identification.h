#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "packet/mix.h"

namespace adit {

/// IPv4 identifications of packets that may be fragmented, by next hop: one pair of outer
/// addresses. RFC 6864 §4.1: none repeats for the same source, destination and protocol within the
/// packets' lifetime; one counter a pair, shared by all workers as a relaxed atomic, gives the most
/// that 16 bits can. Where it starts depends on the seed, so that a restart does not go over the
/// last ones again.
class IdentificationTable {
 public:
  IdentificationTable(std::size_t next_hops, const HashSeed& seed)
      : next_(std::make_unique<std::atomic<std::uint16_t>[]>(next_hops)) {
    for (std::size_t i = 0; i < next_hops; ++i) {
      next_[i] = static_cast<std::uint16_t>(mix(seed.words[0] ^ i, seed.words[1]));
    }
  }

  [[nodiscard]] std::uint16_t next(std::uint32_t next_hop) noexcept {
    return next_[next_hop].fetch_add(1, std::memory_order_relaxed);
  }

 private:
  std::unique_ptr<std::atomic<std::uint16_t>[]> next_;
};

}  // namespace adit
