#include "worker/pipeline.h"

#include <utility>

#include "packet/headers.h"
#include "table/outer.h"

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

}  // namespace

Pipeline::Pipeline(Environment environment)
    : env_(std::move(environment)), tx_(env_.ports.size()) {}

void Pipeline::process(const Table& table, std::size_t port, std::span<const Packet> burst,
                       std::uint64_t now_ns) noexcept {
  env_.counters.ports[port].received.add(burst.size());
  for (std::size_t i = 0; i < burst.size(); ++i) {
    slots_[i].packet = burst[i];
    slots_[i].packet.reserve(env_.reserved[port]);
    slots_[i].member_in = kNoMember;
  }
  std::size_t count = burst.size();
  if (table.takes_tunnels(port)) {
    count = read_outer_headers(table, count);
    count = find_tunnels(table, count);
    count = decapsulate(table, count);
  } else {
    count = receive_attachment(table, port, count);
  }
  send_to_peers(table, count, now_ns);
}

std::size_t Pipeline::receive_attachment(const Table& table, std::size_t port,
                                         std::size_t count) noexcept {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Slot& slot = slots_[i];
    const DropReason reason = match_attachment(table, port, slot);
    if (reason == DropReason::kNone) {
      if (kept != i) slots_[kept] = slot;
      ++kept;
    } else {
      drop(table, slot.packet, slot.member_in, reason);
    }
  }
  return kept;
}

DropReason Pipeline::match_attachment(const Table& table, std::size_t port, Slot& slot) noexcept {
  const auto* ethernet = slot.packet.at<EthernetHeader>(0);
  if (ethernet == nullptr) return DropReason::k_inner_truncated;
  // The steering rules passed only claimed tag sets; what does not match now met an older table.
  std::uint16_t vlan = 0;
  const bool tagged = is_vlan(ethernet->ether_type());
  if (tagged) {
    const std::optional<VlanFields> tag = pop_vlan(slot.packet);
    if (!tag || tag->tpid != EtherType::kVlan) return DropReason::k_unknown_tunnel;
    if (is_vlan(slot.packet.at<EthernetHeader>(0)->ether_type())) {
      return DropReason::k_unknown_tunnel;
    }
    vlan = tag->tci & 0x0fff;
  }
  slot.member_in = table.find_attachment(port, vlan);
  if (slot.member_in == kNoMember) return DropReason::k_unknown_tunnel;
  count_received(slot);
  return parse_inner(slot.packet, slot.inner);
}

std::size_t Pipeline::read_outer_headers(const Table& table, std::size_t count) noexcept {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Slot& slot = slots_[i];
    DropReason reason = read_outer(table.endpoints(), slot.packet, slot.outer);
    if (reason == DropReason::kNone) {
      const TunnelType type = table.endpoints().at(slot.outer.endpoint).type;
      reason = tunnel_type_ops(type).parse(slot.packet, slot.outer);
    }
    if (reason != DropReason::kNone) {
      drop(table, slot.packet, kNoMember, reason);
      continue;
    }
    slot.hash = table.tunnels().hash(slot.outer);
    table.tunnels().prefetch(slot.hash);
    if (kept != i) slots_[kept] = slot;
    ++kept;
  }
  return kept;
}

std::size_t Pipeline::find_tunnels(const Table& table, std::size_t count) noexcept {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Slot& slot = slots_[i];
    slot.tunnel = table.tunnels().find(slot.hash, slot.outer);
    if (slot.tunnel != TunnelMap::kNone) {
      if (kept != i) slots_[kept] = slot;
      ++kept;
      continue;
    }
    DropReason reason = DropReason::k_peer_not_allowed;
    if (!table.tunnels().knows_id(slot.outer)) {
      reason = tunnel_type_ops(table.endpoints().at(slot.outer.endpoint).type).unknown_id;
    } else if (!is_valid_source(table.endpoints(), slot.outer.source)) {
      reason = DropReason::k_bad_outer_source;
    }
    drop(table, slot.packet, kNoMember, reason);
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
      drop(table, slot.packet, slot.member_in, reason);
    }
  }
  return kept;
}

DropReason Pipeline::pop_tunnel(const Table& table, Slot& slot) noexcept {
  const Tunnel& tunnel = table.tunnel(slot.tunnel);
  slot.member_in = tunnel.member;
  const DropReason refused = tunnel_type_ops(tunnel.type).check(slot.packet, slot.outer, tunnel);
  const bool popped = slot.packet.pop(slot.outer.inner_offset) != nullptr;
  count_received(slot);
  if (refused != DropReason::kNone) return refused;
  if (!popped) return DropReason::k_truncated;
  const DropReason inner = parse_inner(slot.packet, slot.inner);
  if (inner != DropReason::kNone) return inner;
  if (slot.inner.tagged && !tunnel.keep_inner_tags) return DropReason::k_inner_tag;
  return decapsulate_ecn(slot.packet, slot.inner, slot.outer.ecn);
}

void Pipeline::send_to_peers(const Table& table, std::size_t count, std::uint64_t now_ns) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    const Slot& slot = slots_[i];
    const std::uint32_t peer = table.member(slot.member_in).peer;
    const Outgoing outgoing{slot.packet, slot.member_in, peer};
    DropReason reason = DropReason::k_no_flood_member;
    if (peer != kNoMember) {
      reason = table.member(peer).kind == Member::Kind::kTunnel
                   ? send_to_tunnel(table, outgoing, slot.inner, now_ns)
                   : send_to_attachment(table, outgoing);
    }
    if (reason != DropReason::kNone) drop(table, slot.packet, slot.member_in, reason);
  }
}

DropReason Pipeline::send_to_attachment(const Table& table, const Outgoing& outgoing) noexcept {
  const Attachment& attachment = table.attachment(table.member(outgoing.member_out).index);
  const PortStatus& port = env_.port_status[attachment.port];
  if (!port.up.load(std::memory_order_relaxed)) return DropReason::k_port_down;
  Packet packet = outgoing.frame;
  const std::uint32_t mtu =
      attachment.mtu != 0 ? attachment.mtu : port.mtu.load(std::memory_order_relaxed);
  if (packet.size() > mtu + sizeof(EthernetHeader)) return DropReason::k_too_big;
  if (attachment.vlan != 0 && !push_vlan(packet, {EtherType::kVlan, attachment.tci})) {
    return DropReason::k_no_headroom;
  }
  return queue(table, attachment.port, packet, outgoing, outgoing.frame.size());
}

DropReason Pipeline::send_to_tunnel(const Table& table, const Outgoing& outgoing,
                                    const InnerFrame& inner, std::uint64_t now_ns) noexcept {
  const std::uint32_t next_hop = table.tunnel(table.member(outgoing.member_out).index).next_hop;
  const NextHop hop = env_.next_hops.get(next_hop);
  if (hop.status == NextHop::Status::kResolving) return hold(outgoing, next_hop, now_ns);
  // What waited for the same answer goes first: a flow keeps its order.
  if (held_.count_of(next_hop) > 0) release_held(table, now_ns);
  return encapsulate(table, outgoing, inner, hop);
}

DropReason Pipeline::encapsulate(const Table& table, const Outgoing& outgoing,
                                 const InnerFrame& inner, const NextHop& hop) noexcept {
  const DropReason unusable = refusal_of(hop.status);
  if (unusable != DropReason::kNone) return unusable;
  const Tunnel& tunnel = table.tunnel(table.member(outgoing.member_out).index);
  Packet packet = outgoing.frame;
  if (tunnel.template_bytes + packet.size() > hop.mtu) return DropReason::k_too_big;
  const std::uint64_t hash = flow_hash(packet, inner, table.seed());
  const DropReason pushed = push_tunnel(packet, tunnel, inner.ecn, hash, identification_);
  if (pushed != DropReason::kNone) return pushed;
  if (!tunnel.dont_fragment) ++identification_;
  auto* ethernet = packet.at<EthernetHeader>(0);
  ethernet->destination = hop.destination;
  ethernet->source = hop.source;
  return queue(table, hop.port, packet, outgoing, outgoing.frame.size());
}

DropReason Pipeline::hold(const Outgoing& outgoing, std::uint32_t next_hop,
                          std::uint64_t now_ns) noexcept {
  return held_.add(outgoing, next_hop, now_ns) ? DropReason::kNone : DropReason::k_no_neighbor;
}

DropReason Pipeline::queue(const Table& table, std::size_t port, Packet packet,
                           const Outgoing& outgoing, std::uint32_t bytes) noexcept {
  if (env_.ports[port] == nullptr) return DropReason::k_port_down;
  if (!packet.pad(kMinFrameBytes)) return DropReason::k_no_headroom;
  TxQueue& tx = tx_[port];
  tx.packets[tx.size] = packet;
  tx.queued[tx.size] = {outgoing.member_in, outgoing.member_out, bytes};
  ++tx.size;
  if (tx.size == kBurst) flush_port(table, port);
  return DropReason::kNone;
}

void Pipeline::flush_port(const Table& table, std::size_t port) noexcept {
  TxQueue& tx = tx_[port];
  const std::size_t sent = env_.ports[port]->tx_burst({tx.packets.data(), tx.size});
  for (std::size_t i = 0; i < sent; ++i) {
    MemberCounters& member = env_.counters.members[tx.queued[i].member_out];
    member.tx_packets.add(1);
    member.tx_bytes.add(tx.queued[i].bytes);
  }
  env_.counters.ports[port].sent.add(sent);
  const bool is_up = env_.port_status[port].up.load(std::memory_order_relaxed);
  const DropReason refused = is_up ? DropReason::k_tx_full : DropReason::k_port_down;
  for (std::size_t i = sent; i < tx.size; ++i) {
    drop(table, tx.packets[i], tx.queued[i].member_in, refused);
  }
  tx.size = 0;
}

void Pipeline::flush(const Table& table) noexcept {
  for (std::size_t port = 0; port < tx_.size(); ++port) {
    if (env_.ports[port] == nullptr) continue;
    if (tx_[port].size > 0) flush_port(table, port);
    env_.ports[port]->flush();
  }
}

void Pipeline::release_held(const Table& table, std::uint64_t now_ns) noexcept {
  if (held_.size() == 0) return;
  const auto is_done = [&](std::uint32_t next_hop, bool late) {
    return late || env_.next_hops.get(next_hop).status != NextHop::Status::kResolving;
  };
  const auto take = [&](const Outgoing& outgoing, bool late) {
    DropReason reason = DropReason::k_no_neighbor;
    InnerFrame inner;
    if (!late && parse_inner(outgoing.frame, inner) == DropReason::kNone) {
      // Not held a second time: what is unresolved again by now has had its wait.
      const Tunnel& tunnel = table.tunnel(table.member(outgoing.member_out).index);
      reason = encapsulate(table, outgoing, inner, env_.next_hops.get(tunnel.next_hop));
    }
    if (reason != DropReason::kNone) drop(table, outgoing.frame, outgoing.member_in, reason);
  };
  held_.take_if(now_ns, is_done, take);
}

void Pipeline::drop_held(const Table& table) noexcept {
  held_.take_if(
      0, [](std::uint32_t, bool) { return true; },
      [&](const Outgoing& outgoing, bool) {
        drop(table, outgoing.frame, outgoing.member_in, DropReason::k_no_neighbor);
      });
}

std::size_t Pipeline::frames_in_hand() const noexcept {
  std::size_t frames = held_.size();
  for (const TxQueue& tx : tx_) frames += tx.size;
  return frames;
}

void Pipeline::count_received(Slot& slot) noexcept {
  MemberCounters& member = env_.counters.members[slot.member_in];
  member.rx_packets.add(1);
  member.rx_bytes.add(slot.packet.size());
}

void Pipeline::drop(const Table& table, const Packet& packet, std::uint32_t member_in,
                    DropReason reason) noexcept {
  const auto index = static_cast<std::size_t>(reason);
  env_.counters.drops[index].add(1);
  if (member_in != kNoMember) {
    env_.counters.tenant_drops[table.member(member_in).tenant][index].add(1);
  }
  env_.pool.give(packet);
}

}  // namespace adit
