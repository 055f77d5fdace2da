#include "table/sent_map.h"

#include <algorithm>
#include <bit>

#include "wire/ethernet.h"

namespace adit {
namespace {

constexpr unsigned kFlowBits = 8;

std::uint32_t l4_offset_of(const Tunnel& tunnel) noexcept {
  return tunnel.family == IpFamily::kIpv4 ? std::uint32_t{sizeof(Ipv4Header)}
                                          : std::uint32_t{sizeof(Ipv6Header)};
}

/// What the tunnel's packets carry, read from its template as from a quote.
SentHeader header_of(const Tunnel& tunnel) noexcept {
  std::uint8_t bytes[kMaxTemplateBytes];
  std::memcpy(bytes, tunnel.outer(), tunnel.template_bytes);
  const Packet headers(bytes, sizeof bytes, 0, tunnel.template_bytes);
  SentHeader header;
  static_cast<void>(tunnel_type_ops(tunnel.type).read_sent(headers, l4_offset_of(tunnel), header));
  return header;
}

TunnelIdentity identity_of(const Tunnel& tunnel) noexcept {
  const SentHeader header = header_of(tunnel);
  if (tunnel.id_kind() != IdKind::kVsid) return {tunnel.endpoint(), header.id, header.id_kind};
  return {tunnel.endpoint(), header.id >> kFlowBits, IdKind::kVsid};
}

/// Whether the tunnel's packets may begin with this word. Of IP packets in GRE the protocol type
/// follows the packet.
bool sends_word(const Tunnel& tunnel, std::uint32_t word) noexcept {
  const std::uint32_t own = header_of(tunnel).word;
  if (!tunnel.payload_ip) return own == word;
  const auto type = static_cast<EtherType>(word & 0xffff);
  return own >> 16 == word >> 16 && (type == EtherType::kIpv4 || type == EtherType::kIpv6);
}

bool is_udp(const Tunnel& tunnel) noexcept {
  return tunnel.type == TunnelType::kVxlan || tunnel.type == TunnelType::kGeneve;
}

bool sends(const Tunnel& tunnel, const Quote& quote) noexcept {
  const bool is_port_ok =
      !is_udp(tunnel) || (quote.source_port >= tunnel.source_port_min &&
                          quote.source_port - tunnel.source_port_min <= tunnel.source_port_span);
  return is_port_ok && sends_word(tunnel, quote.header.word);
}

/// Whether every packet of one may be the other's, seen from its headers.
bool look_alike(const Tunnel& a, const Tunnel& b) noexcept {
  return header_of(a).word == header_of(b).word && a.payload_ip == b.payload_ip &&
         a.source_port_min == b.source_port_min && a.source_port_span == b.source_port_span;
}

}  // namespace

SentMap::SentMap(std::span<const Tunnel> tunnels, const HashSeed& seed)
    : tunnels_(tunnels), seed_(seed) {
  const auto senders = static_cast<std::size_t>(std::ranges::count_if(
      tunnels, [](const Tunnel& tunnel) { return tunnel.next_hop != kNoNextHop; }));
  slots_.assign(std::bit_ceil(senders + senders / 2 + 1), kEmpty);
  mask_ = slots_.size() - 1;
  insert_all();
}

void SentMap::insert_all() noexcept {
  // Places come in no order, so each is fetched some tunnels before it is looked at.
  constexpr std::size_t kAhead = 16;
  Sender senders[kAhead];
  for (std::uint32_t i = 0; i < tunnels_.size() + kAhead; ++i) {
    Sender& sender = senders[i % kAhead];
    if (sender.index != kEmpty) insert(sender);
    sender.index = kEmpty;
    if (i >= tunnels_.size() || tunnels_[i].next_hop == kNoNextHop) continue;
    sender = sender_of(i);
    __builtin_prefetch(&slots_[sender.hash & mask_]);
  }
}

SentMap::Sender SentMap::sender_of(std::uint32_t index) const noexcept {
  const TunnelIdentity identity = identity_of(tunnels_[index]);
  return {index, identity, hash_of(identity, tunnels_[index].remote())};
}

std::uint64_t SentMap::hash_of(const TunnelIdentity& identity,
                               const IpAddress& remote) const noexcept {
  const std::uint64_t words = (std::uint64_t{identity.endpoint} << 32) | identity.id;
  const std::uint64_t low = load64(remote.bytes.data()) ^ seed_.words[0];
  const std::uint64_t high = load64(remote.bytes.data() + 8) ^ seed_.words[1] ^
                             static_cast<std::uint64_t>(identity.id_kind);
  return mix(mix(low, high) ^ words ^ seed_.words[2], seed_.words[3]);
}

std::uint64_t SentMap::seek(std::uint64_t at, const TunnelIdentity& identity,
                            const IpAddress& remote) const noexcept {
  for (;; at = (at + 1) & mask_) {
    if (slots_[at] == kEmpty) return at;
    const Tunnel& tunnel = tunnel_at(at);
    if (identity_of(tunnel) == identity && tunnel.remote() == remote) return at;
  }
}

/// One place for all tunnels whose packets look alike, so that many of them make no long search.
void SentMap::insert(const Sender& sender) noexcept {
  const Tunnel& tunnel = tunnels_[sender.index];
  const IpAddress remote = tunnel.remote();
  for (std::uint64_t at = sender.hash & mask_;; at = (at + 1) & mask_) {
    at = seek(at, sender.identity, remote);
    if (slots_[at] == kEmpty) {
      slots_[at] = sender.index;
      return;
    }
    if (!look_alike(tunnel_at(at), tunnel)) continue;
    // Of some that learn and some that do not, one that does stands for all.
    const bool keeps = tunnel_at(at).learns_path || !tunnel.learns_path;
    slots_[at] = (keeps ? slots_[at] : sender.index) | kShared;
    return;
  }
}

SentMap::Match SentMap::find_identity(const TunnelIdentity& identity,
                                      const Quote& quote) const noexcept {
  // Of that identity and remote there is none.
  Match match{.reason = DropReason::k_unknown_tunnel};
  for (std::uint64_t at = hash_of(identity, quote.remote) & mask_;; at = (at + 1) & mask_) {
    at = seek(at, identity, quote.remote);
    if (slots_[at] == kEmpty) return match;
    if (!sends(tunnel_at(at), quote)) {
      if (match.reason != DropReason::kNone) match.reason = DropReason::k_peer_not_allowed;
      continue;
    }
    // Ranges of source ports may overlap.
    const bool is_second = match.reason == DropReason::kNone;
    if (!is_second) match.tunnel = slots_[at] & ~kShared;
    match.is_shared = is_second || (slots_[at] & kShared) != 0;
    match.reason = DropReason::kNone;
    if (is_second) return match;
  }
}

SentMap::Match SentMap::find(const Quote& quote, const TunnelMap& received,
                             DropReason unknown_id) const noexcept {
  const TunnelIdentity identity{quote.endpoint, quote.header.id, quote.header.id_kind};
  Match match = find_identity(identity, quote);
  if (identity.id_kind == IdKind::kKey) {
    // RFC 7637 §3.2: the key may be a subnet and a flow.
    const Match subnet =
        find_identity({quote.endpoint, identity.id >> kFlowBits, IdKind::kVsid}, quote);
    const bool both = match.reason == DropReason::kNone && subnet.reason == DropReason::kNone;
    if (both) {
      match.is_shared = true;
    } else if (match.reason == DropReason::k_unknown_tunnel || subnet.reason == DropReason::kNone) {
      match = subnet;
    }
  }
  if (match.reason != DropReason::k_unknown_tunnel) return match;
  OuterPacket answer;
  answer.endpoint = identity.endpoint;
  answer.id = identity.id;
  answer.id_kind = identity.id_kind;
  match.reason = received.knows_id(answer) ? DropReason::k_peer_not_allowed : unknown_id;
  return match;
}

}  // namespace adit
