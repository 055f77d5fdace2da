#include "table/vlan_pair_map.h"

namespace adit {

void VlanPairMap::reserve(std::size_t pairs) {
  const std::size_t wanted = std::bit_ceil((pairs + kMostPerBucket - 1) / kMostPerBucket);
  if (wanted > buckets_.size()) grow(wanted);
}

void VlanPairMap::add(std::uint32_t key, std::uint32_t value) {
  if (size_ >= buckets_.size() * kMostPerBucket) grow(buckets_.size() * 2);
  insert(key, value);
}

void VlanPairMap::insert(std::uint32_t key, std::uint32_t value) noexcept {
  for (std::size_t at = reader().number_of(hash_of(key));; at = (at + 1) & mask_) {
    Bucket& bucket = buckets_[at];
    for (std::size_t i = 0; i < kWays; ++i) {
      if (bucket.keys[i] != 0 && bucket.keys[i] != key) continue;
      size_ += bucket.keys[i] == 0 ? 1 : 0;
      bucket.keys[i] = key;
      bucket.values[i] = value;
      return;
    }
  }
}

void VlanPairMap::grow(std::size_t buckets) {
  const Buckets before = std::move(buckets_);
  buckets_ = Buckets(buckets);
  mask_ = buckets_.size() - 1;
  size_ = 0;
  for (const Bucket& bucket : before) {
    for (std::size_t i = 0; i < kWays && bucket.keys[i] != 0; ++i) {
      insert(bucket.keys[i], bucket.values[i]);
    }
  }
}

}  // namespace adit
