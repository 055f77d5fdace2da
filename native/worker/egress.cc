#include "worker/egress.h"

#include "packet/headers.h"
#include "service/mss_clamp.h"
#include "table/size_limit.h"
#include "worker/pushed_tags.h"

namespace adit {
namespace {

/// Why nothing can be sent to a next hop of this status.
DropReason refusal_of(NextHop::Status status) noexcept {
  switch (status) {
    case NextHop::Status::kUp:
      return DropReason::kNone;
    case NextHop::Status::kNoRoute:
      return DropReason::k_no_route;
    case NextHop::Status::kPortDown:
      return DropReason::k_port_down;
    case NextHop::Status::kResolving:
    case NextHop::Status::kFailed:
      break;
  }
  return DropReason::k_no_neighbor;
}

/// Why nothing is sent into a tunnel, whatever the way to its remote is.
DropReason refusal_of(const Tunnel& tunnel) noexcept {
  if (tunnel.next_hop == kNoNextHop) return DropReason::k_no_route;
  // Whether or not the kernel or a neighbor entry would find a way there.
  return tunnel.loops ? DropReason::k_inner_loop : DropReason::kNone;
}

/// Frames that wait for neighbors are at most this part of a worker's, so that the rest goes on.
constexpr std::uint32_t kShareOfFramesHeld = 4;

}  // namespace

Egress::Egress(const PathEnvironment& environment)
    : env_(environment),
      tx_(environment.ports.size()),
      held_(environment.pool.total() / kShareOfFramesHeld) {}

void Egress::send(const Table& table, const Outgoing& outgoing, const InnerFrame& inner,
                  std::uint64_t now_ns) noexcept {
  const bool is_tunnel = table.member(outgoing.member_out).kind == Member::Kind::kTunnel;
  const DropReason reason = is_tunnel ? send_to_tunnel(table, outgoing, inner, now_ns)
                                      : send_to_attachment(table, outgoing, inner, now_ns);
  if (reason != DropReason::kNone) drop(table, outgoing.frame, outgoing.member_in, reason);
}

DropReason Egress::send_to_attachment(const Table& table, const Outgoing& outgoing,
                                      const InnerFrame& inner, std::uint64_t now_ns) noexcept {
  const Attachment& attachment = table.attachment(table.member(outgoing.member_out).index);
  const PortStatus& port = env_.port_status[attachment.port];
  if (!port.up.load(std::memory_order_relaxed)) return DropReason::k_port_down;
  const SizeLimit limit = limit_of(attachment, port.mtu.load(std::memory_order_relaxed));
  Packet packet = outgoing.frame;
  const std::uint32_t ip_bytes = packet.length() - inner.ip_offset;
  if (trace_ != nullptr) [[unlikely]] {
    trace_->size(limit, ip_bytes);
  }
  if (ip_bytes > limit.bytes) return refuse_size(table, outgoing, inner, limit.bytes, now_ns);
  if (inner.is_ip_packet()) {
    const DropReason refused = push_neighbor(table, attachment, inner, packet);
    if (refused != DropReason::kNone) return refused;
  }
  const std::uint32_t frame_bytes = packet.length();
  const std::uint8_t pcp = pcp_for(attachment, outgoing, inner);
  const Tags sent = tags_as_sent(attachment, read_tags(packet), pcp);
  const std::uint32_t selected = table.tags(attachment.port).find(sent);
  if (!may_leave(attachment, sent, selected, table.member(outgoing.member_out).index))
    return DropReason::k_tag_mismatch;
  if (packet.headroom() < attachment.pops * sizeof(VlanTag)) return DropReason::k_no_headroom;
  if (attachment.pops == 2) {
    static_cast<void>(push_vlan(packet, {EtherType::kVlan, tci_of(pcp, attachment.inner)}));
  }
  if (attachment.pops > 0) {
    static_cast<void>(push_vlan(packet, {attachment.outer_tpid, tci_of(pcp, attachment.outer)}));
  }
  return queue(table, attachment.port, packet, outgoing, frame_bytes);
}

/// Puts an IP packet into a frame to the attachment's neighbor. There is no
/// address to ask from, so a neighbor that was neither given nor heard is not
/// known.
DropReason Egress::push_neighbor(const Table& table, const Attachment& attachment,
                                 const InnerFrame& inner, Packet& packet) noexcept {
  const std::optional<MacAddress> own = env_.port_status[attachment.port].mac.load();
  const std::optional<MacAddress> neighbor = attachment.has_next_hop_mac
                                                 ? table.next_hop_mac(attachment)
                                                 : env_.learned.find(attachment.member);
  if (!own || !neighbor) return DropReason::k_no_neighbor;
  if (trace_ != nullptr) [[unlikely]] {
    trace_->neighbor(attachment.port, *neighbor, !attachment.has_next_hop_mac);
  }
  const bool is_ipv4 = inner.payload == InnerFrame::Payload::kIpv4;
  const EtherType type = is_ipv4 ? EtherType::kIpv4 : EtherType::kIpv6;
  return push_ethernet(packet, *neighbor, *own, type) ? DropReason::kNone
                                                      : DropReason::k_no_headroom;
}

DropReason Egress::send_to_tunnel(const Table& table, const Outgoing& outgoing,
                                  const InnerFrame& inner, std::uint64_t now_ns) noexcept {
  const Tunnel& tunnel = table.tunnel(table.member(outgoing.member_out).index);
  const std::uint32_t next_hop = tunnel.next_hop;
  const DropReason refused = refusal_of(tunnel);
  if (refused != DropReason::kNone) return refused;
  const NextHop hop = env_.next_hops.get(next_hop, now_ns);
  if (hop.status == NextHop::Status::kResolving) {
    return hold(table, outgoing, next_hop, now_ns);
  }
  // What waited for the same answer goes first: a flow keeps its order.
  if (held_.count_of(next_hop) > 0) release_held(table, now_ns);
  return encapsulate(table, outgoing, inner, hop, now_ns);
}

DropReason Egress::encapsulate(const Table& table, const Outgoing& outgoing,
                               const InnerFrame& inner, const NextHop& hop,
                               std::uint64_t now_ns) noexcept {
  if (trace_ != nullptr) [[unlikely]] {
    trace_->next_hop(hop);
  }
  const DropReason unusable = refusal_of(hop.status);
  if (unusable != DropReason::kNone) return unusable;
  const Tunnel& tunnel = table.tunnel(table.member(outgoing.member_out).index);
  // RFC 7637 §3.3: no tag goes into an NVGRE tunnel.
  if (tunnel.type == TunnelType::kNvgre && inner.tagged) return DropReason::k_tag_mismatch;
  Packet packet = outgoing.frame;
  const std::uint32_t outer_bytes = tunnel.template_bytes + packet.length();
  const SizeLimit limit = limit_of(tunnel, hop);
  if (trace_ != nullptr) [[unlikely]] {
    trace_->size(limit, tunnel, inner, outer_bytes);
  }
  if (outer_bytes > limit.bytes) return exceed(table, outgoing, inner, hop, now_ns);
  // Before a sequence number is taken, which would be missing at the peer.
  if (is_out_of_time(tunnel, inner)) return DropReason::k_inner_ttl;
  if (tunnel.mss_clamp) clamp_mss(packet, inner, inner_limit(tunnel, limit, inner.ip_offset));
  PushFields fields{.hash = flow_hash(packet, inner, table.seed())};
  if (!tunnel.always_df) fields.identification = env_.identifications.next(tunnel.next_hop);
  if (tunnel.sequence) fields.sequence = env_.sequences.next(outgoing.member_out);
  const DropReason pushed = push_tunnel(packet, tunnel, inner, fields);
  if (pushed != DropReason::kNone) return pushed;
  auto* ethernet = packet.at<EthernetHeader>(0);
  ethernet->destination = hop.destination;
  ethernet->source = hop.source;
  const std::uint16_t vlan = env_.port_status[hop.port].tunnel_vlan.load(std::memory_order_relaxed);
  if (vlan != 0 && !push_vlan(packet, {EtherType::kVlan, vlan})) return DropReason::k_no_headroom;
  return queue(table, hop.port, packet, outgoing, outgoing.frame.length());
}

DropReason Egress::hold(const Table& table, const Outgoing& outgoing, std::uint32_t next_hop,
                        std::uint64_t now_ns) noexcept {
  if (trace_ != nullptr) [[unlikely]] {
    trace_->held(outgoing.member_out);
  }
  const std::uint32_t tenant = table.member(outgoing.member_in).tenant;
  return held_.add(outgoing, next_hop, tenant, now_ns) ? DropReason::kNone
                                                       : DropReason::k_no_neighbor;
}

DropReason Egress::queue(const Table& table, std::size_t port, Packet packet,
                         const Outgoing& outgoing, std::uint32_t bytes) noexcept {
  if (env_.ports[port] == nullptr) return DropReason::k_port_down;
  if (!packet.pad(kMinFrameBytes)) return DropReason::k_no_headroom;
  if (trace_ != nullptr) [[unlikely]] {
    trace_->sent(port, packet);
  }
  TxQueue& tx = tx_[port];
  tx.members_in[tx.size] = outgoing.member_in;
  tx.members_out[tx.size] = outgoing.member_out;
  tx.packets[tx.size] = packet;
  tx.bytes[tx.size] = bytes;
  ++tx.size;
  MemberCounters& member = env_.counters.members[outgoing.member_out];
  member.tx_packets.add(1);
  member.tx_bytes.add(bytes);
  flush_if_full(table, port);
  return DropReason::kNone;
}

void Egress::flush_port(const Table& table, std::size_t port) noexcept {
  TxQueue& tx = tx_[port];
  const std::size_t sent = env_.ports[port]->tx_burst({tx.packets.data(), tx.size});
  env_.counters.ports[port].sent.add(sent);
  if (sent < tx.size) [[unlikely]] {
    refuse(table, port, sent);
  }
  tx.size = 0;
}

/// Drops what a port did not take: all from the packet `first` on.
void Egress::refuse(const Table& table, std::size_t port, std::size_t first) noexcept {
  const TxQueue& tx = tx_[port];
  const bool is_up = env_.port_status[port].up.load(std::memory_order_relaxed);
  const DropReason reason = is_up ? DropReason::k_tx_full : DropReason::k_port_down;
  for (std::size_t i = first; i < tx.size; ++i) {
    MemberCounters& member = env_.counters.members[tx.members_out[i]];
    member.tx_packets.take_back(1);
    member.tx_bytes.take_back(tx.bytes[i]);
    drop(table, tx.packets[i], tx.members_in[i], reason);
  }
}

void Egress::flush(const Table& table) noexcept {
  for (std::size_t port = 0; port < tx_.size(); ++port) {
    if (env_.ports[port] == nullptr) continue;
    if (tx_[port].size > 0) flush_port(table, port);
    env_.ports[port]->flush();
  }
}

void Egress::release_held(const Table& table, std::uint64_t now_ns) noexcept {
  // Read before the next hops are: what changes meanwhile is looked at again.
  const std::uint64_t generation = env_.next_hops.generation();
  if (generation == held_generation_ && !held_.is_any_late(now_ns)) return;
  held_generation_ = generation;
  const auto is_done = [&](std::uint32_t next_hop, bool late) {
    return late || env_.next_hops.get(next_hop).status != NextHop::Status::kResolving;
  };
  const auto take = [&](const Outgoing& outgoing) {
    const Tunnel& tunnel = table.tunnel(table.member(outgoing.member_out).index);
    // The tunnel may be another table's by now.
    DropReason reason = refusal_of(tunnel);
    InnerFrame inner;
    if (reason == DropReason::kNone) {
      reason = parse_payload(outgoing.frame, tunnel.payload_ip, inner);
    }
    if (reason == DropReason::kNone) {
      // An answer that came late is still one. What is unresolved by now has had its wait: it is
      // not held a second time.
      const NextHop hop = env_.next_hops.get(tunnel.next_hop, now_ns);
      reason = encapsulate(table, outgoing, inner, hop, now_ns);
    }
    if (reason != DropReason::kNone) drop(table, outgoing.frame, outgoing.member_in, reason);
  };
  held_.take_if(now_ns, is_done, take);
}

void Egress::drop_held(const Table& table) noexcept {
  held_.take_if(
      0, [](std::uint32_t, bool) { return true; },
      [&](const Outgoing& outgoing) {
        drop(table, outgoing.frame, outgoing.member_in, DropReason::k_no_neighbor);
      });
}

std::size_t Egress::frames_in_hand() const noexcept {
  std::size_t frames = held_.frames();
  for (const TxQueue& tx : tx_) {
    for (std::size_t i = 0; i < tx.size; ++i) frames += FramePool::frames_of(tx.packets[i]);
  }
  return frames;
}

void Egress::drop(const Table& table, const Packet& packet, std::uint32_t member_in,
                  DropReason reason) noexcept {
  count_drop(table, packet, member_in, reason);
  env_.pool.give(packet);
}

void Egress::count_drop(const Table& table, const Packet& packet, std::uint32_t member_in,
                        DropReason reason) noexcept {
  if (trace_ != nullptr) [[unlikely]] {
    trace_->dropped(reason, packet);
  }
  const auto index = static_cast<std::size_t>(reason);
  env_.counters.drops[index].add(1);
  if (member_in != kNoMember) {
    env_.counters.tenant_drops[table.member(member_in).tenant][index].add(1);
  }
}

}  // namespace adit
