#include "table/tunnel_map.h"

#include <algorithm>
#include <bit>

namespace adit {
namespace {

/// A GRE key read as NVGRE's: the flow is masked out (RFC 7637 §3.2).
TunnelIdentity subnet_of(const TunnelIdentity& key) noexcept {
  return {key.endpoint, key.id >> 8, IdKind::kVsid};
}

}  // namespace

TunnelMap::TunnelMap(std::span<const Tunnel> tunnels, std::span<const AcceptedSources> accept_from,
                     const HashSeed& seed)
    : tunnels_(tunnels), seed_(seed) {
  // At most five of eight places taken on average: buckets that run over are
  // rare.
  const std::size_t wanted = tunnels.size() / 5 + 1;
  buckets_.resize(std::bit_ceil(wanted));
  mask_ = buckets_.size() - 1;
  insert_all();
  for (const AcceptedSources& sources : accept_from) {
    const TunnelIdentity identity = identity_of(tunnels[sources.tunnel]);
    for (const IpPrefix& prefix : sources.prefixes) ranges_.add(identity, prefix, sources.tunnel);
  }
  ranges_.sort();
  list_identities();
}

void TunnelMap::insert_all() noexcept {
  // Buckets come in no order, so each is fetched some tunnels before it is written to.
  constexpr std::uint32_t kAhead = 16;
  std::uint32_t hashes[kAhead] = {};
  const auto count = static_cast<std::uint32_t>(tunnels_.size());
  for (std::uint32_t i = 0; i < count + kAhead; ++i) {
    std::uint32_t& hash = hashes[i % kAhead];
    if (i >= kAhead && tunnels_[i - kAhead].accepts_remote_alone) insert(hash, i - kAhead);
    if (i >= count) continue;
    hash = hash_of(identity_of(tunnels_[i]), tunnels_[i].remote());
    buckets().prefetch(buckets().place(hash));
  }
}

void TunnelMap::list_identities() {
  identities_.reserve(tunnels_.size());
  for (const Tunnel& tunnel : tunnels_) {
    identities_.push_back(packed(identity_of(tunnel)));
    has_vsids_ = has_vsids_ || tunnel.id_kind() == IdKind::kVsid;
  }
  std::ranges::sort(identities_);
  identities_.erase(std::unique(identities_.begin(), identities_.end()), identities_.end());
  identities_.shrink_to_fit();
}

void TunnelMap::insert(std::uint32_t hash, std::uint32_t tunnel) noexcept {
  std::size_t at = hash & mask_;
  while (buckets_[at].tunnels[kWays - 1] != kNone) {
    buckets_[at].continues = true;
    at = (at + 1) & mask_;
  }
  Bucket& bucket = buckets_[at];
  std::size_t way = 0;
  while (bucket.tunnels[way] != kNone) ++way;
  bucket.tags[way] = static_cast<std::uint16_t>(tag_of(hash));
  bucket.tunnels[way] = tunnel;
}

std::uint32_t TunnelMap::find(std::uint32_t hash, const OuterPacket& outer) const noexcept {
  const TunnelIdentity identity = identity_of(outer);
  const std::uint32_t found = find_identity(hash, identity, outer.source);
  if (found != kNone || !has_vsids_ || outer.id_kind != IdKind::kKey) return found;
  const TunnelIdentity subnet = subnet_of(identity);
  return find_identity(hash_of(subnet, outer.source), subnet, outer.source);
}

std::uint32_t TunnelMap::find_identity(std::uint32_t hash, const TunnelIdentity& identity,
                                       const IpAddress& source) const noexcept {
  const auto tag = static_cast<std::uint16_t>(tag_of(hash));
  for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
    const Bucket& bucket = buckets_[at];
    for (std::size_t i = 0; i < kWays && bucket.tunnels[i] != kNone; ++i) {
      if (bucket.tags[i] != tag) continue;
      const Tunnel& tunnel = tunnels_[bucket.tunnels[i]];
      const bool same = tunnel.endpoint() == identity.endpoint && tunnel.id == identity.id &&
                        tunnel.id_kind() == identity.id_kind && tunnel.remote() == source;
      if (same) return bucket.tunnels[i];
    }
    if (!bucket.continues) break;
  }
  return ranges_.empty() ? kNone : ranges_.find(identity, source).value_or(kNone);
}

bool TunnelMap::knows_id(const OuterPacket& outer) const noexcept {
  const TunnelIdentity identity = identity_of(outer);
  if (std::ranges::binary_search(identities_, packed(identity))) return true;
  return has_vsids_ && outer.id_kind == IdKind::kKey &&
         std::ranges::binary_search(identities_, packed(subnet_of(identity)));
}

}  // namespace adit
