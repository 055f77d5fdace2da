#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "packet/large_pages.h"
#include "packet/match.h"
#include "packet/mix.h"
#include "table/source_ranges.h"
#include "table/tunnel.h"

namespace adit {

/// The prefixes of sources that may send into a tunnel, by its index.
struct AcceptedSources {
  std::uint32_t tunnel = 0;
  std::span<const IpPrefix> prefixes;
};

/// Finds the tunnel of a received packet: exact match of endpoint, identifier
/// and outer source.
///
/// Tunnels that take packets from their remote alone are in buckets of one
/// cache line, which hold eight 16-bit tags and tunnel indexes; a full bucket
/// continues in the next one. Tunnels with prefixes of sources are in a sorted
/// list, asked after the buckets. Built once, never changed: lookups need no
/// lock. Two steps, `hash` then `find`, so that a burst can prefetch all its
/// buckets before it reads the first.
class TunnelMap {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  /// \param tunnels stays alive and unchanged as long as the map; the keys are
  /// read from it. \param accept_from of the tunnels that take others than their remote.
  TunnelMap(std::span<const Tunnel> tunnels, std::span<const AcceptedSources> accept_from,
            const HashSeed& seed);

  [[nodiscard]] std::uint64_t hash(const OuterPacket& outer) const noexcept {
    return hash_of(identity_of(outer), outer.source);
  }
  /// The same from the parts. \param low, high the source's 16 bytes, as they stand.
  [[nodiscard]] std::uint64_t hash(const TunnelIdentity& identity, std::uint64_t low,
                                   std::uint64_t high) const noexcept {
    const std::uint64_t words = (std::uint64_t{identity.id} << 32) | identity.endpoint;
    const auto kind = static_cast<std::uint64_t>(identity.id_kind);
    return mix(mix(low ^ seed_.words[0], high ^ seed_.words[1] ^ kind) ^ words ^ seed_.words[2],
               seed_.words[3]);
  }
  void prefetch(std::uint64_t hash) const noexcept { __builtin_prefetch(&buckets_[hash & mask_]); }
  /// Index of the tunnel, or kNone. A GRE key is also looked up as an NVGRE
  /// subnet; no key is both at one endpoint.
  [[nodiscard]] std::uint32_t find(std::uint64_t hash, const OuterPacket& outer) const noexcept;

  /// The first tunnel that `find` would look at, or kNone: whether it is the one is to be checked.
  /// Where another one is, or it has a prefix of sources, `find` alone finds it.
  [[nodiscard]] std::uint32_t candidate(std::uint64_t hash) const noexcept {
    for (std::uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
      const Bucket& bucket = buckets_[at];
      const unsigned way = first_match(bucket.tags, tag_of(hash));
      if (way < bucket.used) return bucket.tunnels[way];
      if (!bucket.continues) return kNone;
    }
  }
  /// Whether a GRE key may also be an NVGRE subnet and flow.
  [[nodiscard]] bool has_vsids() const noexcept { return has_vsids_; }

  /// Whether any tunnel, from whatever source, has this endpoint and
  /// identifier.
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

  [[nodiscard]] static TunnelIdentity identity_of(const OuterPacket& outer) noexcept {
    return {outer.endpoint, outer.id, outer.id_kind};
  }
  [[nodiscard]] static std::uint16_t tag_of(std::uint64_t hash) noexcept {
    return static_cast<std::uint16_t>(hash >> 48);
  }
  [[nodiscard]] std::uint64_t hash_of(const TunnelIdentity& identity,
                                      const IpAddress& source) const noexcept {
    return hash(identity, load64(source.bytes.data()), load64(source.bytes.data() + 8));
  }
  [[nodiscard]] std::uint32_t find_identity(std::uint64_t hash, const TunnelIdentity& identity,
                                            const IpAddress& source) const noexcept;
  /// An identity in eight bytes, since there may be a million. \pre there are less than 2^30
  /// endpoints, which is more than tunnels fit any memory.
  [[nodiscard]] static std::uint64_t packed(const TunnelIdentity& identity) noexcept {
    constexpr unsigned kEndpoint = 34;
    constexpr unsigned kKind = 32;
    return (std::uint64_t{identity.endpoint} << kEndpoint) |
           (static_cast<std::uint64_t>(identity.id_kind) << kKind) | identity.id;
  }
  [[nodiscard]] static TunnelIdentity identity_of(const Tunnel& tunnel) noexcept {
    return {tunnel.endpoint, tunnel.id, tunnel.id_kind};
  }
  void insert_all() noexcept;
  void insert(std::uint64_t hash, std::uint32_t tunnel) noexcept;
  void list_identities();

  std::span<const Tunnel> tunnels_;
  HashSeed seed_;
  std::uint64_t mask_;
  std::vector<Bucket, LargePageAllocator<Bucket>> buckets_;
  SourceRanges ranges_;
  bool has_vsids_ = false;
  /// Packed and sorted; asked only when a packet matches no tunnel.
  std::vector<std::uint64_t> identities_;
};

}  // namespace adit
