#include "worker/fast_arrivals.h"

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
  if (packets.empty()) return;
  reader.read(packets[0], 0, burst, outers);
  if (reader.shape() && packets.size() >= kLanes) {
    reader.shape()->read(packets, burst, outers);
  }
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (!burst.has(i)) reader.read(packets[i], i, burst, outers);
    if (burst.has(i)) buckets.prefetch(outers.hash[i]);
  }
}

/// What a key that no tunnel has may be besides: an NVGRE subnet and flow (RFC 7637 §3.2).
[[gnu::noinline]] std::uint32_t candidate_of_subnet(const TunnelMap& tunnels, FastOuters& outers,
                                                    std::size_t i) noexcept {
  constexpr unsigned kFlowBits = 8;
  if (!tunnels.has_vsids()) return TunnelMap::kNone;
  const std::uint32_t endpoint = Tunnel::endpoint_of(outers.identity[i]);
  if (outers.identity[i] != Tunnel::identity_of(endpoint, IdKind::kKey)) return TunnelMap::kNone;
  outers.id[i] >>= kFlowBits;
  outers.identity[i] = Tunnel::identity_of(endpoint, IdKind::kVsid);
  const std::uint32_t salt = tunnels.salt(endpoint, IdKind::kVsid);
  return tunnels.buckets().candidate(TunnelMap::hash(outers.source[i], outers.id[i], salt));
}

/// Whether the candidate is the packet's tunnel, and takes it without more ado.
bool is_for(const Tunnel& tunnel, const Packet& packet, const FastOuters& outers,
            std::size_t i) noexcept {
  const bool same_identity = tunnel.identity == outers.identity[i] && tunnel.id == outers.id[i];
  if (!same_identity || tunnel.fast_way == FastWay::kNone) return false;
  if (tunnel.family == IpFamily::kIpv4) [[likely]] {
    return load32(tunnel.remote_wire()) == outers.source[i];
  }
  const auto* ip = reinterpret_cast<const Ipv6Header*>(packet.data() + sizeof(EthernetHeader));
  const bool is_udp = tunnel.type == TunnelType::kVxlan || tunnel.type == TunnelType::kGeneve;
  // Over IPv6 a checksum of 0 needs leave (RFC 6936 §4).
  const bool is_sum_ok = !is_udp || tunnel.accept_zero_checksum;
  return is_sum_ok && std::memcmp(tunnel.remote_wire(), ip->source, sizeof ip->source) == 0;
}

}  // namespace

void find_arrivals(const Table& table, const Counters& counters, std::span<const Packet> packets,
                   FastBurst& burst) noexcept {
  static_assert(FastBurst::kNone == TunnelMap::kNone);
  const TunnelMap& tunnels = table.tunnels();
  const Tunnel* list = table.tunnel_list().data();
  const Attachment* attachments = table.attachments().data();
  const MemberCounters* members = &counters.members[0];
  const std::size_t count = packets.size();
  FastOuters outers;
  // Each step fetches for the whole burst what the next one reads.
  read_outers(table, packets, burst, outers);
  const TunnelMap::Buckets buckets = tunnels.buckets();
  for (std::size_t i = 0; i < count; ++i) {
    if (!burst.has(i)) continue;
    std::uint32_t tunnel = buckets.candidate(outers.hash[i]);
    if (tunnel == TunnelMap::kNone) [[unlikely]] {
      tunnel = candidate_of_subnet(tunnels, outers, i);
    }
    burst.from[i] = tunnel;
    if (tunnel == TunnelMap::kNone) continue;
    __builtin_prefetch(&list[tunnel]);
    __builtin_prefetch(&list[tunnel].peer_index);
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (!burst.has(i)) continue;
    const Tunnel& tunnel = list[burst.from[i]];
    if (!is_for(tunnel, packets[i], outers, i)) {
      burst.from[i] = FastBurst::kNone;
      continue;
    }
    __builtin_prefetch(&members[tunnel.member]);
    if (tunnel.fast_way == FastWay::kToAttachment) {
      __builtin_prefetch(&attachments[tunnel.peer_index]);
    } else {
      __builtin_prefetch(&list[tunnel.peer_index]);
    }
  }
}

}  // namespace adit
