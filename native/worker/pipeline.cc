#include "worker/pipeline.h"

#include <utility>

#include "packet/headers.h"
#include "service/ip_attachment.h"
#include "service/mss_clamp.h"
#include "table/outer.h"
#include "table/size_limit.h"

namespace adit {
namespace {

/// A prefix of sources may hold addresses that no host has; a remote never is
/// one.
bool is_source_ok(const Table& table, const OwnAddresses& own, std::uint32_t tunnel,
                  const OuterPacket& outer) noexcept {
  return table.tunnel(tunnel).accepts_remote_alone ||
         is_valid_source(table.endpoints(), own, outer.source);
}

/// Why no tunnel takes a packet that has an endpoint of ours.
DropReason mismatch_of(const Table& table, const OwnAddresses& own,
                       const OuterPacket& outer) noexcept {
  if (!table.tunnels().knows_id(outer)) {
    return tunnel_type_ops(table.endpoints().at(outer.endpoint).type).unknown_id;
  }
  return is_valid_source(table.endpoints(), own, outer.source) ? DropReason::k_peer_not_allowed
                                                               : DropReason::k_bad_outer_source;
}

/// Goes through a burst in order: `fast(begin)` returns how many it took from there on, and
/// `general(begin, count)` takes those that it is not for, all at once where it is known of them.
/// \pre the fast path has looked at the ports.
template <typename IsFast, typename Fast, typename General>
void share_out(FastPath& fast_path, std::size_t size, IsFast is_fast, Fast fast,
               General general) noexcept {
  for (std::size_t begin = 0; begin < size;) {
    std::size_t end = begin;
    while (end < size && !is_fast(end)) ++end;
    if (end == begin) {
      const std::size_t taken = fast(begin);
      begin += taken;
      if (taken > 0) continue;
      end = begin + 1;
    }
    general(begin, end - begin);
    begin = end;
    fast_path.look_at_ports();
  }
}

}  // namespace

Pipeline::Pipeline(Environment environment)
    : env_(std::move(environment)),
      egress_(env_),
      fast_path_(env_, egress_),
      underlay_errors_(env_, egress_) {}

void Pipeline::process(const Table& table, std::size_t port, std::span<const Packet> burst,
                       std::uint64_t now_ns) noexcept {
  now_ns_ = now_ns;
  env_.counters.ports[port].received.add(burst.size());
  const bool takes_tunnels = table.port(port).takes_tunnels;
  if (!takes_tunnels) return process_attachments(table, port, burst, now_ns);
  if (table.tags(port).empty()) return process_tunnels(table, port, burst, now_ns);

  const HostRules& rules = *env_.rules.load(std::memory_order_acquire);
  std::size_t tunnel_count = 0;
  std::size_t attached_count = 0;
  for (const Packet& packet : burst) {
    const SteerVerdict verdict = rules.decide_on(port, packet);
    if (verdict == STEER_TUNNEL) {
      tunnels_[tunnel_count++] = packet;
    } else {
      attached_[attached_count++] = packet;
    }
  }
  process_tunnels(table, port, {tunnels_.data(), tunnel_count}, now_ns);
  process_attachments(table, port, {attached_.data(), attached_count}, now_ns);
}

void Pipeline::process_tunnels(const Table& table, std::size_t port, std::span<const Packet> burst,
                               std::uint64_t now_ns) noexcept {
  if (trace_ != nullptr) [[unlikely]] {
    return take_tunnels(table, port, burst, now_ns);
  }
  fast_path_.look_at_ports();
  FastBurst arrivals;
  fast_path_.find_arrivals(table, port, burst, arrivals);
  share_out(
      fast_path_, burst.size(), [&](std::size_t i) { return arrivals.has(i); },
      [&](std::size_t begin) {
        return fast_path_.forward_arrivals(table, port, burst, arrivals, begin);
      },
      [&](std::size_t begin, std::size_t count) {
        take_tunnels(table, port, burst.subspan(begin, count), now_ns);
      });
}

void Pipeline::process_attachments(const Table& table, std::size_t port,
                                   std::span<const Packet> burst, std::uint64_t now_ns) noexcept {
  if (trace_ != nullptr) [[unlikely]] {
    return take_attached(table, port, burst, now_ns);
  }
  fast_path_.look_at_ports();
  const auto take = [&](std::size_t begin, std::size_t count) {
    take_attached(table, port, burst.subspan(begin, count), now_ns);
  };
  const TagMap& tags = table.tags(port);
  if (tags.is_untagged_only() && tags.untagged() != TagMap::kNone) {
    const Attachment& from = table.attachment(tags.untagged());
    return share_out(
        fast_path_, burst.size(), [&](std::size_t) { return from.fast_way != FastWay::kNone; },
        [&](std::size_t begin) {
          return fast_path_.forward_all(table, from, port, burst.subspan(begin));
        },
        take);
  }
  if (table.has_crossing(port)) {
    burst = burst.subspan(fast_path_.forward_crossing(table, port, burst));
    if (burst.empty()) return;
  }
  FastBurst claims;
  fast_path_.find_claims(table, port, burst, claims);
  share_out(
      fast_path_, burst.size(), [&](std::size_t i) { return claims.has(i); },
      [&](std::size_t begin) {
        return fast_path_.forward_claims(table, port, burst, claims, begin);
      },
      take);
}

void Pipeline::take_tunnels(const Table& table, std::size_t port, std::span<const Packet> burst,
                            std::uint64_t now_ns) noexcept {
  fill_slots(port, burst);
  std::size_t count = read_outer_headers(table, port, burst.size());
  count = find_tunnels(table, count);
  count = decapsulate(table, count);
  send_to_peers(table, count, now_ns);
}

void Pipeline::take_attached(const Table& table, std::size_t port, std::span<const Packet> burst,
                             std::uint64_t now_ns) noexcept {
  fill_slots(port, burst);
  const std::size_t count = receive_attachment(table, port, burst.size(), now_ns);
  send_to_peers(table, count, now_ns);
}

void Pipeline::fill_slots(std::size_t port, std::span<const Packet> burst) noexcept {
  for (std::size_t i = 0; i < burst.size(); ++i) {
    slots_[i].packet = burst[i];
    slots_[i].packet.reserve(env_.reserved[port]);
    slots_[i].member_in = kNoMember;
    slots_[i].popped_pcp = Outgoing::kNoPcp;
  }
}

std::size_t Pipeline::receive_attachment(const Table& table, std::size_t port, std::size_t count,
                                         std::uint64_t now_ns) noexcept {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Slot& slot = slots_[i];
    const DropReason reason = match_attachment(table, port, slot);
    if (reason != DropReason::kNone) {
      egress_.drop(table, slot.packet, slot.member_in, reason);
      continue;
    }
    const Attachment& attachment = table.attachment(table.member(slot.member_in).index);
    if (attachment.faces_ip && !enter_ip(table, attachment, slot, now_ns)) continue;
    if (kept != i) slots_[kept] = slot;
    ++kept;
  }
  return kept;
}

DropReason Pipeline::match_attachment(const Table& table, std::size_t port, Slot& slot) noexcept {
  if (slot.packet.at<EthernetHeader>(0) == nullptr) return DropReason::k_inner_truncated;
  const Tags tags = read_tags(slot.packet);
  // The steering rules passed only claimed tag sets; what does not match now
  // met an older table.
  const std::uint32_t claimed = table.tags(port).find(tags);
  if (claimed == TagMap::kNone) return DropReason::k_unknown_tunnel;
  const Attachment& attachment = table.attachment(claimed);
  const bool is_untagged = attachment.match == TagMatch::kUntagged;
  const unsigned pops = is_untagged && tags.count == 1 ? 1 : attachment.pops;
  for (unsigned i = 0; i < pops; ++i) {
    if (!pop_vlan(slot.packet)) return DropReason::k_inner_truncated;
  }
  if (pops > 0) slot.popped_pcp = static_cast<std::uint8_t>(tags.outer_tci >> VlanTag::kPcpShift);
  slot.member_in = attachment.member;
  count_received(slot);
  return parse_inner(slot.packet, slot.inner);
}

bool Pipeline::enter_ip(const Table& table, const Attachment& attachment, Slot& slot,
                        std::uint64_t now_ns) noexcept {
  const MacAddress own = env_.port_status[attachment.port].mac.load().value_or(MacAddress{});
  const IpArrival arrival = judge_ip_arrival(slot.packet, slot.inner, own);
  if (arrival.teaches && !attachment.has_next_hop_mac) {
    env_.learned.learn(slot.member_in, slot.packet.at<EthernetHeader>(0)->source);
  }
  switch (arrival.fate) {
    case IpArrival::Fate::kForward:
      take_ip_packet(slot.packet, slot.inner);
      if (trace_ != nullptr) [[unlikely]] {
        trace_->unwrapped(slot.packet);
      }
      return true;
    case IpArrival::Fate::kConsume:
    case IpArrival::Fate::kAnswer:
      consume(table, slot, arrival.fate == IpArrival::Fate::kAnswer, own, now_ns);
      return false;
    case IpArrival::Fate::kDrop:
      break;
  }
  egress_.drop(table, slot.packet, slot.member_in, arrival.reason);
  return false;
}

void Pipeline::consume(const Table& table, Slot& slot, bool is_answered, const MacAddress& own,
                       std::uint64_t now_ns) noexcept {
  env_.counters.consumed.add(1);
  if (trace_ != nullptr) [[unlikely]] {
    trace_->consumed(slot.member_in);
  }
  // The answer takes the place of the question in its frame, so it never lacks
  // one.
  InnerFrame answer;
  if (!is_answered || !answer_neighbor(slot.packet, own) ||
      parse_inner(slot.packet, answer) != DropReason::kNone) {
    env_.pool.give(slot.packet);
    return;
  }
  env_.counters.generated.add(1);
  if (trace_ != nullptr) [[unlikely]] {
    trace_->generated(slot.member_in, slot.packet);
  }
  egress_.send(table, {slot.packet, slot.member_in, slot.member_in, slot.popped_pcp}, answer,
               now_ns);
}

std::size_t Pipeline::read_outer_headers(const Table& table, std::size_t port,
                                         std::size_t count) noexcept {
  const bool is_tagged = env_.port_status[port].tunnel_vlan.load(std::memory_order_relaxed) != 0;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Slot& slot = slots_[i];
    // The steering rules saw that the tag is there.
    if (is_tagged) static_cast<void>(pop_vlan(slot.packet));
    DropReason reason = read_outer(table.endpoints(), slot.packet, slot.outer);
    if (slot.outer.is_icmp && reason == DropReason::kNone) [[unlikely]] {
      underlay_errors_.take(table, slot.packet, slot.outer, now_ns_);
      continue;
    }
    if (reason == DropReason::kNone) {
      const TunnelType type = table.endpoints().at(slot.outer.endpoint).type;
      reason = tunnel_type_ops(type).parse(slot.packet, slot.outer);
    }
    if (reason != DropReason::kNone) {
      egress_.drop(table, slot.packet, kNoMember, reason);
      continue;
    }
    if (trace_ != nullptr) [[unlikely]] {
      trace_->outer(slot.outer, table.endpoints().at(slot.outer.endpoint));
    }
    slot.hash = table.tunnels().hash(slot.outer);
    table.tunnels().buckets().prefetch(slot.hash);
    if (kept != i) slots_[kept] = slot;
    ++kept;
  }
  return kept;
}

std::size_t Pipeline::find_tunnels(const Table& table, std::size_t count) noexcept {
  const OwnAddresses& own = env_.own_addresses.get();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Slot& slot = slots_[i];
    slot.tunnel = table.tunnels().find(slot.hash, slot.outer);
    if (slot.tunnel != TunnelMap::kNone && is_source_ok(table, own, slot.tunnel, slot.outer)) {
      if (kept != i) slots_[kept] = slot;
      ++kept;
      continue;
    }
    egress_.drop(table, slot.packet, kNoMember, mismatch_of(table, own, slot.outer));
  }
  return kept;
}

std::size_t Pipeline::decapsulate(const Table& table, std::size_t count) noexcept {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Slot& slot = slots_[i];
    const DropReason reason = pop_tunnel(table, slot);
    if (reason == DropReason::kNone) {
      if (kept != i) slots_[kept] = slot;
      ++kept;
    } else {
      egress_.drop(table, slot.packet, slot.member_in, reason);
    }
  }
  return kept;
}

DropReason Pipeline::pop_tunnel(const Table& table, Slot& slot) noexcept {
  const Tunnel& tunnel = table.tunnel(slot.tunnel);
  slot.member_in = tunnel.member;
  DropReason refused = tunnel_type_ops(tunnel.type).check(slot.packet, slot.outer, tunnel);
  const bool is_sequenced = tunnel.sequence && slot.outer.has_sequence;
  if (refused == DropReason::kNone && is_sequenced &&
      env_.sequences.is_late(tunnel.member, slot.outer.sequence)) {
    refused = DropReason::k_gre_sequence;
  }
  const bool popped = slot.packet.pop(slot.outer.inner_offset) != nullptr;
  count_received(slot);
  if (refused != DropReason::kNone) return refused;
  if (!popped) return DropReason::k_truncated;
  const DropReason inner = accept_inner(tunnel, slot);
  // State changes only once all checks passed; another worker may have been
  // first meanwhile.
  if (inner != DropReason::kNone || !is_sequenced) return inner;
  return env_.sequences.accept(tunnel.member, slot.outer.sequence) ? DropReason::kNone
                                                                   : DropReason::k_gre_sequence;
}

DropReason Pipeline::accept_inner(const Tunnel& tunnel, Slot& slot) noexcept {
  const DropReason inner = parse_payload(slot.packet, tunnel.payload_ip, slot.inner);
  if (inner != DropReason::kNone) return inner;
  if (slot.inner.tagged && !tunnel.keep_inner_tags) return DropReason::k_inner_tag;
  // RFC 2003 §3.1: a packet whose time is over goes no further.
  if (tunnel.payload_ip && slot.inner.ttl == 0) return DropReason::k_inner_ttl;
  const DropReason congestion = decapsulate_ecn(slot.packet, slot.inner, slot.outer.ecn());
  if (congestion != DropReason::kNone) return congestion;
  if (tunnel.mss_clamp) clamp(tunnel, slot);
  if (tunnel.copy_dscp) copy_dscp(slot.packet, slot.inner, slot.outer.traffic_class);
  if (!tunnel.copy_dscp && slot.outer.ecn() == Ecn::kNotEct) return DropReason::kNone;
  // What is inherited on the way out again is what the frame says now.
  return parse_payload(slot.packet, tunnel.payload_ip, slot.inner);
}

/// To what fits the way back into the tunnel, as it is now.
void Pipeline::clamp(const Tunnel& tunnel, const Slot& slot) noexcept {
  if (tunnel.next_hop == kNoNextHop) return;
  const SizeLimit limit = limit_of(tunnel, env_.next_hops.get(tunnel.next_hop, now_ns_));
  clamp_mss(slot.packet, slot.inner, inner_limit(tunnel, limit, slot.inner.ip_offset));
}

void Pipeline::send_to_peers(const Table& table, std::size_t count, std::uint64_t now_ns) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    const Slot& slot = slots_[i];
    const std::uint32_t peer = table.member(slot.member_in).peer;
    if (trace_ != nullptr) [[unlikely]] {
      trace_->inner(slot.inner);
      if (peer != kNoMember) trace_->served(peer);
    }
    if (peer == kNoMember) {
      egress_.drop(table, slot.packet, slot.member_in, DropReason::k_no_flood_member);
      continue;
    }
    egress_.send(table, {slot.packet, slot.member_in, peer, slot.popped_pcp}, slot.inner, now_ns);
  }
}

void Pipeline::count_received(Slot& slot) noexcept {
  if (trace_ != nullptr) [[unlikely]] {
    trace_->taken(slot.member_in, slot.packet);
  }
  MemberCounters& member = env_.counters.members[slot.member_in];
  member.rx_packets.add(1);
  member.rx_bytes.add(slot.packet.length());
}

}  // namespace adit
