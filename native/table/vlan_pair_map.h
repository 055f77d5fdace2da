#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "packet/large_pages.h"
#include "packet/match.h"
#include "wire/ethernet.h"

namespace adit {

/// Finds what claims a pair of VLAN tags: exact match of the outer tag's TPID and VID
/// and of the inner VID.
///
/// Buckets of one cache line hold eight pairs and a number for each; a full bucket continues in the
/// next one. `prefetch` and `find` are two steps, so that a burst can fetch all its buckets before
/// it reads the first.
class VlanPairMap {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  [[nodiscard]] static constexpr std::uint32_t key_of(EtherType outer_tpid, std::uint16_t outer,
                                                      std::uint16_t inner) noexcept {
    return key_of(outer_tpid == EtherType::kServiceVlan, be16{outer}.raw(), be16{inner}.raw());
  }
  /// The keys of several pairs. \param outer, inner the tags as they stand in a frame; what the
  /// TPIDs are is not looked at. \param is_service all ones where the outer one's is 0x88a8.
  template <typename Words>
  [[nodiscard]] static Words keys_of(Words is_service, Words outer, Words inner) noexcept {
    static_assert(std::endian::native == std::endian::little);
    constexpr unsigned kTci = 16;
    return ((outer >> kTci) & kVid) | (inner & (kVid << kTci)) | (is_service & kService) | kUsed;
  }

  /// Makes room for so many pairs in all, so that nothing has to move as they come.
  void reserve(std::size_t pairs);
  /// Makes `value` the one that claims `key`; of two claims the last one stands.
  void add(std::uint32_t key, std::uint32_t value);

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// Spreads neighboring VIDs, over the upper bits most. The pairs are the operator's, so the
  /// spreading is no secret.
  template <typename Words>
  [[nodiscard]] static Words hash_of(Words key) noexcept {
    constexpr std::uint32_t kOdd = 0x9e3779b1U;
    return key * kOdd;
  }
  /// The value, or kNone.
  [[nodiscard]] std::uint32_t find(std::uint32_t key) const noexcept { return reader().find(key); }

 private:
  static constexpr std::size_t kWays = 8;

  struct alignas(64) Bucket {
    std::uint32_t keys[kWays];
    std::uint32_t values[kWays];
  };
  static_assert(sizeof(Bucket) == 64);
  using Buckets = std::vector<Bucket, LargePageAllocator<Bucket>>;

 public:
  /// Where the buckets are, by value, for a burst.
  class Reader {
   public:
    /// The place of the bucket for a hash, in words of 64 bits from the first one on; of several
    /// hashes at once too.
    template <typename Words>
    [[nodiscard]] Words place(Words hash) const noexcept {
      return number_of(hash) * kBucketWords;
    }
    void prefetch(std::uint32_t place) const noexcept { __builtin_prefetch(at(place)); }
    /// What `find` finds, as far as it is in the bucket itself, or kNone.
    /// \param place of the key's hash.
    [[nodiscard]] std::uint32_t candidate(std::uint32_t place, std::uint32_t key) const noexcept {
      const Bucket* bucket = at(place);
      const unsigned way = first_match(bucket->keys, key);
      return way < kWays ? bucket->values[way] : kNone;
    }
    [[nodiscard]] std::uint32_t find(std::uint32_t key) const noexcept {
      for (const Bucket* bucket = at(place(hash_of(key)));;) {
        const unsigned way = first_match(bucket->keys, key);
        if (way < kWays) return bucket->values[way];
        // Places are taken from the first one on, and never given back.
        if (bucket->keys[kWays - 1] == 0) return kNone;
        bucket = bucket == buckets_ + mask_ ? buckets_ : bucket + 1;
      }
    }

   private:
    friend class VlanPairMap;
    Reader(const Bucket* buckets, std::size_t mask) noexcept
        : buckets_(buckets),
          mask_(mask),
          shift_(kHashBits - 1 - static_cast<std::uint32_t>(std::bit_width(mask))) {}
    /// The uppermost bits, as many as there are in a bucket's number, which may be none.
    template <typename Words>
    [[nodiscard]] Words number_of(Words hash) const noexcept {
      return hash >> 1 >> shift_;
    }
    [[nodiscard]] const Bucket* at(std::uint32_t place) const noexcept {
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(buckets_);
      return reinterpret_cast<const Bucket*>(bytes + std::size_t{place} * sizeof(std::uint64_t));
    }
    static constexpr std::uint32_t kHashBits = 32;
    static constexpr std::uint32_t kBucketWords = sizeof(Bucket) / sizeof(std::uint64_t);
    const Bucket* buckets_;
    std::size_t mask_;
    std::uint32_t shift_;
  };
  [[nodiscard]] Reader reader() const noexcept { return {buckets_.data(), mask_}; }

 private:
  /// At most five of eight places taken on average: buckets that run over are rare.
  static constexpr std::size_t kMostPerBucket = 5;
  // Where a TCI, as it stands in memory, has its priority.
  static constexpr std::uint32_t kVid = 0xff0f;
  static constexpr std::uint32_t kService = 0x10;
  /// Never 0, which stands for a free place.
  static constexpr std::uint32_t kUsed = 0x20;

  /// \param outer, inner as they stand in memory.
  [[nodiscard]] static constexpr std::uint32_t key_of(bool is_service, std::uint32_t outer,
                                                      std::uint32_t inner) noexcept {
    return (outer & kVid) | ((inner & kVid) << 16) | (is_service ? kUsed | kService : kUsed);
  }

  void insert(std::uint32_t key, std::uint32_t value) noexcept;
  void grow(std::size_t buckets);

  Buckets buckets_ = Buckets(1);
  std::size_t mask_ = 0;
  std::size_t size_ = 0;
};

}  // namespace adit
