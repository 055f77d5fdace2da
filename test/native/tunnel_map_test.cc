#include <doctest/doctest.h>

#include <map>
#include <random>
#include <tuple>

#include "bytes.h"
#include "table/tunnel_map.h"

namespace {

using adit::HashSeed;
using adit::IdKind;
using adit::IpAddress;
using adit::OuterPacket;
using adit::Tunnel;
using adit::TunnelMap;
using adit::TunnelSpec;
using adit::TunnelType;

using Key = std::tuple<std::uint32_t, std::uint32_t, bool, IpAddress>;

IpAddress v4(std::uint32_t host) {
  const adit::be32 wire{host};
  std::uint8_t bytes[4];
  std::memcpy(bytes, &wire, sizeof bytes);
  return IpAddress::v4(bytes);
}

IpAddress v6(std::uint64_t high, std::uint64_t low) {
  const adit::be64 words[2] = {adit::be64{high}, adit::be64{low}};
  std::uint8_t bytes[16];
  std::memcpy(bytes, words, sizeof bytes);
  return IpAddress::v6(bytes);
}

/// Two kinds of identifier stand for keyed and not.
IdKind kind_of(bool keyed) { return keyed ? IdKind::kVni : IdKind::kNone; }

/// A tunnel of this identity; its template holds the remote.
Tunnel tunnel_of(const Key& key) {
  const auto& [endpoint, id, keyed, remote] = key;
  TunnelSpec spec;
  spec.local = remote;
  spec.remote = remote;
  spec.type = TunnelType::kGre;
  adit::Endpoint ignored;
  Tunnel tunnel = adit::make_tunnel(spec, ignored);
  tunnel.set_endpoint(endpoint);
  tunnel.id = id;
  tunnel.set_id_kind(kind_of(keyed));
  return tunnel;
}

/// A map of tunnels that take packets from their remotes alone.
std::unique_ptr<TunnelMap> map_of(const std::vector<Tunnel>& tunnels, std::uint64_t seed) {
  return std::make_unique<TunnelMap>(tunnels, std::span<const adit::AcceptedSources>{},
                                     HashSeed::from(seed));
}

OuterPacket packet_of(const Key& key) {
  OuterPacket outer;
  bool keyed = false;
  std::tie(outer.endpoint, outer.id, keyed, outer.source) = key;
  outer.id_kind = kind_of(keyed);
  outer.family = outer.source.family;
  return outer;
}

/// The map, and the slow oracle that it must agree with.
class Both {
 public:
  explicit Both(const std::vector<Key>& keys, std::uint64_t seed = 1) {
    for (const Key& key : keys) {
      if (oracle_.emplace(key, tunnels_.size()).second) tunnels_.push_back(tunnel_of(key));
    }
    map_ = map_of(tunnels_, seed);
    for (const auto& [key, index] : oracle_) {
      ids_.insert({{std::get<0>(key), std::get<1>(key), std::get<2>(key)}, index});
    }
  }

  [[nodiscard]] bool agree_on(const Key& key) const {
    const OuterPacket outer = packet_of(key);
    const auto found = oracle_.find(key);
    const std::uint32_t expected =
        found == oracle_.end() ? TunnelMap::kNone : static_cast<std::uint32_t>(found->second);
    const std::uint32_t hash = map_->hash(outer);
    map_->buckets().prefetch(hash);
    const bool knows = ids_.contains({std::get<0>(key), std::get<1>(key), std::get<2>(key)});
    return map_->find(hash, outer) == expected && map_->knows_id(outer) == knows;
  }

  /// Each key, and its near misses in every field.
  [[nodiscard]] std::size_t disagreements(const std::vector<Key>& keys) const {
    std::size_t wrong = 0;
    for (const Key& key : keys) {
      const auto& [endpoint, id, keyed, remote] = key;
      IpAddress other = remote;
      other.bytes[remote.size() - 1] ^= 1;
      IpAddress other_family = remote;
      other_family.family =
          remote.family == adit::IpFamily::kIpv4 ? adit::IpFamily::kIpv6 : adit::IpFamily::kIpv4;
      for (const Key& asked :
           {key, Key{endpoint + 1, id, keyed, remote}, Key{endpoint, id ^ 1, keyed, remote},
            Key{endpoint, id ^ 0x800000, keyed, remote}, Key{endpoint, id << 8, keyed, remote},
            Key{endpoint, id, !keyed, remote}, Key{endpoint, id, keyed, other},
            Key{endpoint, id, keyed, other_family}}) {
        wrong += agree_on(asked) ? 0 : 1;
      }
    }
    return wrong;
  }

 private:
  std::map<Key, std::size_t> oracle_;
  std::map<std::tuple<std::uint32_t, std::uint32_t, bool>, std::size_t> ids_;
  std::vector<Tunnel> tunnels_;
  std::unique_ptr<TunnelMap> map_;
};

}  // namespace

TEST_CASE("TunnelMap of no tunnel finds nothing and knows nothing") {
  const TunnelMap map({}, {}, HashSeed::from(1));
  const OuterPacket outer;
  CHECK(map.find(map.hash(outer), outer) == TunnelMap::kNone);
  CHECK_FALSE(map.knows_id(outer));
}

TEST_CASE("TunnelMap of every small size agrees with the oracle") {
  for (std::uint32_t size = 1; size < 70; ++size) {
    std::vector<Key> keys;
    for (std::uint32_t i = 0; i < size; ++i) keys.emplace_back(i % 3, i, i % 2 == 0, v4(i + 1));
    CHECK(Both(keys, size).disagreements(keys) == 0);
  }
}

TEST_CASE("TunnelMap of 100000 random tunnels agrees with the oracle") {
  std::mt19937_64 random(20);
  std::vector<Key> keys;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t draw = random();
    // Few endpoints and identifiers, so that keys share all but one field; every third is IPv6.
    const IpAddress remote = draw % 3 == 0
                                 ? v6(0x20010db800000000 | (draw >> 50), random() % 50)
                                 : v4(static_cast<std::uint32_t>(0x0a000000 | (draw >> 48)));
    keys.emplace_back(draw >> 8 & 7, draw >> 12 & 0xffff, (draw >> 30 & 1) != 0, remote);
  }
  const Both both(keys);
  CHECK(both.disagreements(keys) == 0);
}

TEST_CASE("TunnelMap of 20000 tunnels that share endpoint and identifier agrees") {
  std::vector<Key> keys;
  for (std::uint32_t i = 0; i < 20'000; ++i) keys.emplace_back(0, 5001, false, v4(i * 256));
  CHECK(Both(keys).disagreements(keys) == 0);
}

TEST_CASE("TunnelMap of tunnels with adversarially equal low or high bits agrees") {
  std::vector<Key> keys;
  for (std::uint32_t i = 0; i < 4096; ++i) {
    keys.emplace_back(0, i << 12, true, v4(0xc0000200));
    keys.emplace_back(0, i, true, v4(i << 20));
    keys.emplace_back(1, 0, false, v6(std::uint64_t{i} << 52, 0));
    keys.emplace_back(1, 0, false, v6(0, i));
    keys.emplace_back(i, 7, false, v4(1));
  }
  for (std::uint64_t seed = 0; seed < 3; ++seed) CHECK(Both(keys, seed).disagreements(keys) == 0);
}

TEST_CASE("TunnelMap spreads tunnels with a hash that changes with the seed") {
  const OuterPacket outer = packet_of({0, 5001, false, v4(0xc6336407)});
  const std::vector<Tunnel> tunnels = {tunnel_of({0, 5001, false, v4(0xc6336407)})};
  std::map<std::uint64_t, int> hashes;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto owned = map_of(tunnels, seed);
    const TunnelMap& map = *owned;
    ++hashes[map.hash(outer)];
    CHECK(map.find(map.hash(outer), outer) == 0);
  }
  CHECK(hashes.size() == 200);
}

TEST_CASE("TunnelMap compares every field, also where the hashes collide in full") {
  for (const Key& key : {Key{3, 5001, true, v4(0xc6336407)}, Key{3, 0, false, v6(1, 2)}}) {
    const std::vector<Tunnel> tunnels = {tunnel_of(key)};
    const auto owned = map_of(tunnels, 1);
    const TunnelMap& map = *owned;
    const OuterPacket same = packet_of(key);
    // What a packet with the same hash and another identity would ask.
    const std::uint32_t hash = map.hash(same);
    REQUIRE(map.find(hash, same) == 0);
    OuterPacket other = same;
    other.endpoint = 2;
    CHECK(map.find(hash, other) == TunnelMap::kNone);
    other = same;
    other.id ^= 0x100;
    CHECK(map.find(hash, other) == TunnelMap::kNone);
    other = same;
    other.id_kind = same.id_kind == IdKind::kNone ? IdKind::kVni : IdKind::kNone;
    CHECK(map.find(hash, other) == TunnelMap::kNone);
    other = same;
    other.source.bytes[3] ^= 1;
    CHECK(map.find(hash, other) == TunnelMap::kNone);
    other = same;
    other.source.family =
        same.source.family == adit::IpFamily::kIpv4 ? adit::IpFamily::kIpv6 : adit::IpFamily::kIpv4;
    CHECK(map.find(hash, other) == TunnelMap::kNone);
  }
}
