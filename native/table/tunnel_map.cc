#include "table/tunnel_map.h"

#include <algorithm>
#include <bit>

namespace adit {
namespace {

std::uint16_t tag_of(std::uint64_t hash) noexcept { return static_cast<std::uint16_t>(hash >> 48); }

}  // namespace

TunnelMap::TunnelMap(std::span<const Tunnel> tunnels, const HashSeed& seed)
    : tunnels_(tunnels), seed_(seed) {
  // At most five of eight places taken on average: buckets that run over are rare.
  const std::size_t wanted = tunnels.size() / 5 + 1;
  buckets_.resize(std::bit_ceil(wanted));
  mask_ = buckets_.size() - 1;
  identities_.reserve(tunnels.size());
  for (std::uint32_t i = 0; i < tunnels.size(); ++i) {
    const Tunnel& tunnel = tunnels[i];
    insert(hash_of(tunnel.endpoint, tunnel.id, tunnel.keyed, tunnel.remote()), i);
    identities_.push_back({tunnel.endpoint, tunnel.id, tunnel.keyed});
  }
  std::ranges::sort(identities_);
  identities_.erase(std::unique(identities_.begin(), identities_.end()), identities_.end());
  identities_.shrink_to_fit();
}

std::uint64_t TunnelMap::hash_of(std::uint32_t endpoint, std::uint32_t id, bool keyed,
                                 const IpAddress& source) const noexcept {
  const std::uint64_t identity = (std::uint64_t{endpoint} << 32) | id;
  const std::uint64_t flags = keyed ? 1 : 0;
  const std::uint64_t low = load64(source.bytes.data()) ^ seed_.words[0];
  const std::uint64_t high = load64(source.bytes.data() + 8) ^ seed_.words[1] ^ flags;
  return mix(mix(low, high) ^ identity ^ seed_.words[2], seed_.words[3]);
}

void TunnelMap::insert(std::uint64_t hash, std::uint32_t tunnel) noexcept {
  std::uint64_t at = hash & mask_;
  while (buckets_[at].used == kWays) {
    buckets_[at].continues = true;
    at = (at + 1) & mask_;
  }
  Bucket& bucket = buckets_[at];
  bucket.tags[bucket.used] = tag_of(hash);
  bucket.tunnels[bucket.used] = tunnel;
  ++bucket.used;
}

std::uint32_t TunnelMap::find(std::uint64_t hash, const OuterPacket& outer) const noexcept {
  const std::uint16_t tag = tag_of(hash);
  for (std::uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
    const Bucket& bucket = buckets_[at];
    for (std::size_t i = 0; i < bucket.used; ++i) {
      if (bucket.tags[i] != tag) continue;
      const Tunnel& tunnel = tunnels_[bucket.tunnels[i]];
      const bool same = tunnel.endpoint == outer.endpoint && tunnel.id == outer.id &&
                        tunnel.keyed == outer.keyed && tunnel.remote() == outer.source;
      if (same) return bucket.tunnels[i];
    }
    if (!bucket.continues) return kNone;
  }
}

bool TunnelMap::knows_id(const OuterPacket& outer) const noexcept {
  return std::ranges::binary_search(identities_, Identity{outer.endpoint, outer.id, outer.keyed});
}

}  // namespace adit
