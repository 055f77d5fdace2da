#include "worker/fast_arrivals.h"

#include <numeric>

#include "worker/outer_reader.h"

namespace adit {
namespace {

/// Reads the outer headers of a burst, several at a time where they have the shape of the first,
/// and fetches the buckets that tunnels are looked for in.
void read_outers(const Table& table, std::span<const Packet> packets, FastBurst& burst,
                 FastOuters& outers) noexcept {
  const TunnelMap::Buckets buckets = table.tunnels().buckets();
  OuterReader reader(table.endpoints(), table.tunnels());
  burst.from.fill(FastBurst::kNone);
  reader.read(packets[0], 0, burst, outers);
  if (reader.shape() && packets.size() >= kLanes) {
    if (reader.shape()->read(packets, buckets, burst, outers)) return;
  } else {
    // Places behind the last one are looked at with it.
    for (std::size_t i = packets.size(); i % kLanes != 0; ++i) {
      outers.place[i] = outers.tag[i] = 0;
    }
  }
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (burst.has(i)) continue;
    reader.read(packets[i], i, burst, outers);
    buckets.prefetch(outers.place[i]);
  }
}

/// Where a tunnel is that is not in the bucket of its hash. What a key that no tunnel has may be
/// besides: an NVGRE subnet and flow (RFC 7637 §3.2).
std::uint32_t candidate_elsewhere(const TunnelMap& tunnels, FastOuters& outers,
                                  std::size_t i) noexcept {
  constexpr unsigned kFlowBits = 8;
  const auto candidate = [&] {
    const std::uint32_t endpoint = Tunnel::endpoint_of(outers.identity[i]);
    const IdKind kind = Tunnel::kind_of(outers.identity[i]);
    const std::uint32_t salt = tunnels.salt(endpoint, kind);
    return tunnels.buckets().any_candidate(TunnelMap::hash(outers.source[i], outers.id[i], salt));
  };
  const std::uint32_t found = candidate();
  const bool may_be_subnet =
      tunnels.has_vsids() && Tunnel::kind_of(outers.identity[i]) == IdKind::kKey;
  if (found != TunnelMap::kNone || !may_be_subnet) return found;
  outers.id[i] >>= kFlowBits;
  outers.identity[i] = Tunnel::identity_of(Tunnel::endpoint_of(outers.identity[i]), IdKind::kVsid);
  return candidate();
}

/// Looks further for those of several packets whose bucket has nothing, and takes the table's last
/// arrival, which no packet matches, where nothing else has.
[[gnu::noinline]] void look_elsewhere(const Table& table, std::size_t first, std::size_t count,
                                      FastOuters& outers, FastBurst& burst) noexcept {
  const auto none = static_cast<std::uint32_t>(table.arrivals().size() - 1);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const std::size_t i = first + lane;
    if (burst.from[i] != TunnelMap::kNone) continue;
    const bool is_read = i < count && outers.identity[i] != Arrival::kNoIdentity;
    const std::uint32_t found =
        is_read ? candidate_elsewhere(table.tunnels(), outers, i) : TunnelMap::kNone;
    burst.from[i] = std::min(found, none);
    __builtin_prefetch(&table.arrivals()[burst.from[i]]);
  }
}

/// Finds which tunnel each packet may be of, and fetches what it must match.
void find_candidates(const Table& table, std::size_t count, FastOuters& outers,
                     FastBurst& burst) noexcept {
  const TunnelMap::Buckets buckets = table.tunnels().buckets();
  const Arrival* arrivals = table.arrivals().data();
  for (std::size_t first = 0; first < count; first += kLanes) {
#pragma GCC unroll 8
    for (std::size_t i = first; i < first + kLanes; ++i) {
      const auto tag = static_cast<std::uint16_t>(outers.tag[i]);
      const std::uint32_t tunnel = buckets.candidate(outers.place[i], tag);
      burst.from[i] = tunnel;
      __builtin_prefetch(arrivals + tunnel);
    }
  }
  for (std::size_t first = 0; first < count; first += kLanes) {
    const Lanes is_lacking = where(load_lanes(&burst.from[first]) == kept(TunnelMap::kNone));
    if (!is_zero(is_lacking)) [[unlikely]]
      look_elsewhere(table, first, count, outers, burst);
  }
}

/// Where so many words of memory are, by lane.
struct ArrivalRows {
  ArrivalRows(const Arrival* arrivals, const std::uint32_t* indexes) noexcept {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      rows[lane] = reinterpret_cast<const std::uint8_t*>(&arrivals[indexes[lane]]);
    }
  }
  const std::uint8_t* rows[kLanes];
};

/// Whether a packet is from the IPv6 remote of the tunnel that was found by a hash of it.
bool is_from_remote(const Tunnel& tunnel, const Packet& packet) noexcept {
  const auto* ip = reinterpret_cast<const Ipv6Header*>(packet.data() + sizeof(EthernetHeader));
  const bool is_udp = tunnel.type == TunnelType::kVxlan || tunnel.type == TunnelType::kGeneve;
  // Over IPv6 a checksum of 0 needs leave (RFC 6936 §4).
  const bool is_sum_ok = !is_udp || tunnel.accept_zero_checksum;
  return is_sum_ok && std::memcmp(tunnel.remote_wire(), ip->source, sizeof ip->source) == 0;
}

/// What the lanes do not tell of packets of one group: addresses of IPv6.
[[gnu::noinline]] void check_remotes(const Table& table, std::span<const Packet> packets,
                                     FastBurst& burst, std::size_t first) noexcept {
  const std::size_t end = std::min(first + kLanes, packets.size());
  for (std::size_t i = first; i < end; ++i) {
    if (!burst.has(i) || (burst.ways[i] & FastBurst::kIsIpv6) == 0) continue;
    if (is_from_remote(table.tunnel(burst.from[i]), packets[i])) continue;
    burst.from[i] = FastBurst::kNone;
    burst.ways[i] = 0;
  }
}

/// Fetches what sending several packets reads and writes.
[[gnu::always_inline]] inline void prefetch(const Table& table, const MemberCounters* members,
                                            const FastBurst& burst, std::size_t first,
                                            Lanes way) noexcept {
  const Counter* counters = &members->rx_packets;
  for (std::size_t i = first; i < first + kLanes; ++i) {
    __builtin_prefetch(&counters[burst.counters_in[i]]);
    __builtin_prefetch(&counters[burst.counters_out[i]]);
  }
  // An attachment without tags is not read.
  constexpr auto kUntagged = static_cast<std::uint32_t>(FastWay::kToAttachment);
  if (is_zero(where((way & kept(FastBurst::kWayAndTagBytes)) != kept(kUntagged)))) return;
  for (std::size_t i = first; i < first + kLanes; ++i) {
    if (burst.way(i) == FastWay::kToAttachment) [[likely]] {
      __builtin_prefetch(&table.attachments()[burst.peers[i]]);
    } else if (burst.way(i) != FastWay::kNone) {
      __builtin_prefetch(&table.tunnel_list()[burst.peers[i]]);
    }
  }
}

/// Tells of several packets whether the candidate is their tunnel, and takes them without more ado.
[[gnu::always_inline]] inline void match(const Table& table, std::span<const Packet> packets,
                                         const MemberCounters* members, const FastOuters& outers,
                                         std::size_t first, FastBurst& burst) noexcept {
  const ArrivalRows at(table.arrivals().data(), &burst.from[first]);
  const auto [identity, id, source, member] = four_word_lanes(at.rows, 0).words;
  const auto [peer_member, peer, exit, way] = four_word_lanes(at.rows, 16).words;
  const Lanes wrong = (identity ^ load_lanes(&outers.identity[first])) |
                      (id ^ load_lanes(&outers.id[first])) |
                      (source ^ load_lanes(&outers.source[first]));
  const Lanes is_left = where(wrong != 0) | where((way & kept(FastBurst::kWay)) == 0);
  store_lanes(&burst.from[first], load_lanes(&burst.from[first]) | is_left);
  store_lanes(&burst.counters_in[first], member * FastBurst::kCountersOfMember);
  store_lanes(&burst.counters_out[first],
              peer_member * FastBurst::kCountersOfMember + FastBurst::kTxCounters);
  store_lanes(&burst.peers[first], peer);
  store_lanes(&burst.exits[first], exit);
  store_lanes(&burst.ways[first], way & ~is_left);
  if (!is_zero(where((way & kept(FastBurst::kIsIpv6)) != 0))) [[unlikely]] {
    check_remotes(table, packets, burst, first);
  }
  prefetch(table, members, burst, first, way & ~is_left);
}

}  // namespace

void find_arrivals(const Table& table, const Counters& counters, std::span<const Packet> packets,
                   FastBurst& burst) noexcept {
  if (packets.empty()) return;
  FastOuters outers;
  // Each step fetches for the whole burst what the next one reads.
  read_outers(table, packets, burst, outers);
  find_candidates(table, packets.size(), outers, burst);
  for (std::size_t first = 0; first < packets.size(); first += kLanes) {
    match(table, packets, &counters.members[0], outers, first, burst);
  }
}

}  // namespace adit
