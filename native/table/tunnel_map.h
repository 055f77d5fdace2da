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

  [[nodiscard]] std::uint32_t hash(const OuterPacket& outer) const noexcept {
    return hash_of(identity_of(outer), outer.source);
  }
  /// The same in parts: what an endpoint and a kind of identifier make of it, what a source does
  /// (16 bytes of an IpAddress, as they stand), and the whole; of several packets at once too.
  [[nodiscard]] std::uint32_t salt(std::uint32_t endpoint, IdKind kind) const noexcept {
    constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15U;
    const std::uint64_t number = (std::uint64_t{endpoint} << 2) | static_cast<std::uint64_t>(kind);
    return static_cast<std::uint32_t>((seed_.words[0] ^ number) * kOdd >> 32);
  }
  [[nodiscard]] std::uint32_t source_word(std::uint64_t low, std::uint64_t high) const noexcept {
    // An IPv4 address is its own word.
    if (high == 0 && low >> 32 == 0) return static_cast<std::uint32_t>(low);
    return static_cast<std::uint32_t>(mix(low ^ seed_.words[1], high ^ seed_.words[2]));
  }
  [[nodiscard]] std::uint32_t source_word(const IpAddress& source) const noexcept {
    const std::uint8_t* bytes = source.bytes.data();
    return source_word(load64(bytes), load64(bytes + 8));
  }
  template <typename Word>
  [[nodiscard]] static Word hash(Word source, Word id, std::uint32_t salt) noexcept {
    constexpr std::uint32_t kFirst = 0x9e3779b1U;
    constexpr std::uint32_t kSecond = 0x85ebca77U;
    Word word = (source ^ salt) * kFirst;
    word ^= word >> 15;
    word = (word ^ id) * kSecond;
    return word ^ (word >> 16);
  }
  /// What tells those that share a bucket apart: other bits of the hash than those that chose it.
  template <typename Word>
  [[nodiscard]] static Word tag_of(Word hash) noexcept {
    constexpr std::uint32_t kOdd = 0xc2b2ae3dU;
    return hash * kOdd >> 16;
  }
  /// Index of the tunnel, or kNone. A GRE key is also looked up as an NVGRE
  /// subnet; no key is both at one endpoint.
  [[nodiscard]] std::uint32_t find(std::uint32_t hash, const OuterPacket& outer) const noexcept;

  /// Whether a GRE key may also be an NVGRE subnet and flow.
  [[nodiscard]] bool has_vsids() const noexcept { return has_vsids_; }

  /// Whether any tunnel, from whatever source, has this endpoint and
  /// identifier.
  [[nodiscard]] bool knows_id(const OuterPacket& outer) const noexcept;

 private:
  static constexpr std::size_t kWays = 8;

  struct alignas(64) Bucket {
    std::uint16_t tags[kWays] = {};
    /// kNone: a free place. One more than there are: what a search comes to that finds no tag.
    std::uint32_t tunnels[kWays + 1] = {kNone, kNone, kNone, kNone, kNone,
                                        kNone, kNone, kNone, kNone};
    /// Some tunnel of this bucket stands in the next one.
    bool continues = false;
  };
  static_assert(sizeof(Bucket) == 64);

 public:
  /// Where the buckets are, by value, for a burst.
  class Buckets {
   public:
    /// The place of the bucket for a hash, in words of 64 bits from the first one on; of several
    /// hashes at once too.
    template <typename Word>
    [[nodiscard]] Word place(Word hash) const noexcept {
      return (hash & static_cast<std::uint32_t>(mask_)) * kWords;
    }
    void prefetch(std::uint32_t place) const noexcept { __builtin_prefetch(at(place)); }
    /// The first tunnel that `find` would look at in the bucket itself, or kNone.
    /// \param place, tag of the hash.
    [[nodiscard]] std::uint32_t candidate(std::uint32_t place, std::uint16_t tag) const noexcept {
      const Bucket* bucket = at(place);
      return bucket->tunnels[first_match(bucket->tags, tag)];
    }
    /// The same where the bucket continues too: whether it is the one is to be checked. Where
    /// another one is, or it has a prefix of sources, `find` alone finds it.
    [[nodiscard]] std::uint32_t any_candidate(std::uint32_t hash) const noexcept {
      const auto tag = static_cast<std::uint16_t>(tag_of(hash));
      for (const Bucket* bucket = at(place(hash));;) {
        const std::uint32_t tunnel = bucket->tunnels[first_match(bucket->tags, tag)];
        if (tunnel != kNone || !bucket->continues) return tunnel;
        bucket = bucket == buckets_ + mask_ ? buckets_ : bucket + 1;
      }
    }

   private:
    friend class TunnelMap;
    static constexpr std::uint32_t kWords = sizeof(Bucket) / sizeof(std::uint64_t);
    Buckets(const Bucket* buckets, std::size_t mask) noexcept : buckets_(buckets), mask_(mask) {}
    [[nodiscard]] const Bucket* at(std::uint32_t place) const noexcept {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(buckets_);
      return reinterpret_cast<const Bucket*>(bytes + std::size_t{place} * sizeof(std::uint64_t));
    }
    const Bucket* buckets_;
    std::size_t mask_;
  };
  [[nodiscard]] Buckets buckets() const noexcept { return {buckets_.data(), mask_}; }

 private:
  [[nodiscard]] static TunnelIdentity identity_of(const OuterPacket& outer) noexcept {
    return {outer.endpoint, outer.id, outer.id_kind};
  }
  [[nodiscard]] std::uint32_t hash_of(const TunnelIdentity& identity,
                                      const IpAddress& source) const noexcept {
    return hash(source_word(source), identity.id, salt(identity.endpoint, identity.id_kind));
  }
  [[nodiscard]] std::uint32_t find_identity(std::uint32_t hash, const TunnelIdentity& identity,
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
    return {tunnel.endpoint(), tunnel.id, tunnel.id_kind()};
  }
  void insert_all() noexcept;
  void insert(std::uint32_t hash, std::uint32_t tunnel) noexcept;
  void list_identities();

  std::span<const Tunnel> tunnels_;
  HashSeed seed_;
  std::size_t mask_;
  std::vector<Bucket, LargePageAllocator<Bucket>> buckets_;
  SourceRanges ranges_;
  bool has_vsids_ = false;
  /// Packed and sorted; asked only when a packet matches no tunnel.
  std::vector<std::uint64_t> identities_;
};

}  // namespace adit
