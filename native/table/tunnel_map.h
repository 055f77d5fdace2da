#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "packet/mix.h"
#include "table/tunnel.h"

namespace adit {

/// Finds the tunnel of a received packet: exact match of endpoint, identifier and outer source.
///
/// Buckets of one cache line hold eight 16-bit tags and tunnel indexes; a full bucket continues in
/// the next one. Built once, never changed: lookups need no lock. Two steps, `hash` then `find`, so
/// that a burst can prefetch all its buckets before it reads the first.
class TunnelMap {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  /// \param tunnels stays alive and unchanged as long as the map; the keys are read from it.
  TunnelMap(std::span<const Tunnel> tunnels, const HashSeed& seed);

  [[nodiscard]] std::uint64_t hash(const OuterPacket& outer) const noexcept {
    return hash_of(outer.endpoint, outer.id, outer.keyed, outer.source);
  }
  void prefetch(std::uint64_t hash) const noexcept { __builtin_prefetch(&buckets_[hash & mask_]); }
  /// Index of the tunnel, or kNone.
  [[nodiscard]] std::uint32_t find(std::uint64_t hash, const OuterPacket& outer) const noexcept;

  /// Whether any tunnel, from whatever source, has this endpoint and identifier.
  [[nodiscard]] bool knows_id(const OuterPacket& outer) const noexcept;

 private:
  static constexpr std::size_t kWays = 8;

  struct alignas(64) Bucket {
    std::uint16_t tags[kWays];
    std::uint32_t tunnels[kWays];
    std::uint8_t used;
    /// Some tunnel of this bucket stands in the next one.
    bool continues;
  };
  static_assert(sizeof(Bucket) == 64);

  struct Identity {
    std::uint32_t endpoint;
    std::uint32_t id;
    bool keyed;
    auto operator<=>(const Identity&) const = default;
  };

  [[nodiscard]] std::uint64_t hash_of(std::uint32_t endpoint, std::uint32_t id, bool keyed,
                                      const IpAddress& source) const noexcept;
  void insert(std::uint64_t hash, std::uint32_t tunnel) noexcept;

  std::span<const Tunnel> tunnels_;
  HashSeed seed_;
  std::uint64_t mask_;
  std::vector<Bucket> buckets_;
  /// Sorted; asked only when a packet matches no tunnel.
  std::vector<Identity> identities_;
};

}  // namespace adit
