#include "table/vlan_pair_map.h"

namespace adit {

void VlanPairMap::add(std::uint32_t key, std::uint32_t value) {
  // At most five of eight places taken on average: buckets that run over are rare.
  constexpr std::size_t kMostPerBucket = 5;
  if (size_ >= buckets_.size() * kMostPerBucket) grow();
  insert(key, value);
}

void VlanPairMap::insert(std::uint32_t key, std::uint32_t value) noexcept {
  for (std::size_t at = place_of(key);; at = (at + 1) & mask_) {
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

void VlanPairMap::grow() {
  const Buckets before = std::move(buckets_);
  buckets_ = Buckets(before.size() * 2);
  mask_ = buckets_.size() - 1;
  size_ = 0;
  for (const Bucket& bucket : before) {
    for (std::size_t i = 0; i < kWays && bucket.keys[i] != 0; ++i) {
      insert(bucket.keys[i], bucket.values[i]);
    }
  }
}

}  // namespace adit
