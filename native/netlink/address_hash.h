#pragma once

#include <cstdint>
#include <cstring>

#include "netlink/next_hop.h"

namespace adit {

/// Mixes 64 bits so that every input bit reaches every output bit (multiply and fold).
[[nodiscard]] inline std::uint64_t mix_bits(std::uint64_t value) noexcept {
  value ^= value >> 32;
  value *= 0xd6e8feb86659fd93ULL;
  value ^= value >> 32;
  value *= 0xd6e8feb86659fd93ULL;
  return value ^ (value >> 32);
}

struct AddressHash {
  [[nodiscard]] std::size_t operator()(const IpAddress& address) const noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, address.bytes.data(), sizeof halves);
    return mix_bits(halves[0] + mix_bits(halves[1] + static_cast<std::uint64_t>(address.family)));
  }
};

struct OuterPairHash {
  [[nodiscard]] std::size_t operator()(const OuterPair& pair) const noexcept {
    return mix_bits(AddressHash{}(pair.local) + 1) ^ AddressHash {}(pair.remote);
  }
};

/// A neighbor: an address on the link of one port.
struct NeighborKey {
  std::uint16_t port = kNoPort;
  IpAddress address;
  [[nodiscard]] bool operator==(const NeighborKey&) const noexcept = default;
};

struct NeighborKeyHash {
  [[nodiscard]] std::size_t operator()(const NeighborKey& key) const noexcept {
    return mix_bits(AddressHash{}(key.address) + key.port);
  }
};

}  // namespace adit
