#include "worker/fast_path.h"

#include "table/size_limit.h"
#include "worker/fast_sinks.h"
#include "worker/fast_sources.h"

namespace adit {
namespace {

constexpr std::uint32_t kTypeOffset = 2 * sizeof(MacAddress);
constexpr std::uint32_t kTagBytes = sizeof(VlanTag);
constexpr std::uint16_t kVidMask = 0x0fff;

bool is_ip(std::uint16_t type) noexcept {
  return type == raw(EtherType::kIpv4) || type == raw(EtherType::kIpv6);
}

std::uint16_t vid_at(const std::uint8_t* tag) noexcept {
  return reinterpret_cast<const VlanTag*>(tag)->tci.get() & kVidMask;
}

}  // namespace

void FastPath::find_claims(const Table& table, std::size_t port, std::span<const Packet> burst,
                           Claims& claims) const noexcept {
  // Two tags and the EtherType behind them are read from shorter frames too, but not beyond those.
  constexpr std::uint32_t kLeast = sizeof(EthernetHeader) + sizeof(Ipv4Header);
  const TagMap& tags = table.tags(port);
  const std::uint32_t untagged = tags.untagged();
  std::array<std::uint32_t, kBurst> keys;
  std::array<std::uint8_t, kBurst> paired;
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < burst.size(); ++i) {
    claims[i] = TagMap::kNone;
    if (burst[i].size() < kLeast) continue;
    const std::uint8_t* first = burst[i].data() + kTypeOffset;
    const std::uint16_t type = load16(first);
    if (is_ip(type)) {
      claims[i] = untagged;
      continue;
    }
    const bool is_customer = type == raw(EtherType::kVlan);
    if (!is_customer && type != raw(EtherType::kServiceVlan)) continue;
    const std::uint8_t* second = first + kTagBytes;
    const std::uint16_t behind = load16(second);
    if (behind == raw(EtherType::kVlan)) {
      const EtherType tpid = is_customer ? EtherType::kVlan : EtherType::kServiceVlan;
      keys[pairs] = VlanPairMap::key_of(tpid, vid_at(first), vid_at(second));
      tags.pairs().prefetch(keys[pairs]);
      paired[pairs++] = static_cast<std::uint8_t>(i);
    } else if (is_customer && is_ip(behind) && vid_at(first) != 0) {
      claims[i] = tags.single(vid_at(first));
    }
  }
  if (pairs == 0) return;
  // Each step fetches for the whole burst what the next one reads.
  for (std::size_t i = 0; i < pairs; ++i) {
    const std::uint32_t claim = tags.pairs().find(keys[i]);
    claims[paired[i]] = claim;
    if (claim != TagMap::kNone) __builtin_prefetch(&table.attachment(claim));
  }
  for (std::size_t i = 0; i < pairs; ++i) {
    const std::uint32_t claim = claims[paired[i]];
    if (claim == TagMap::kNone) continue;
    const Attachment& attachment = table.attachment(claim);
    __builtin_prefetch(&env_.counters.members[attachment.member]);
    if (attachment.fast_way == FastWay::kToTunnel) {
      const Tunnel& tunnel = table.tunnel(attachment.peer_index);
      __builtin_prefetch(&tunnel);
      if (tunnel.family == IpFamily::kIpv6) __builtin_prefetch(tunnel.outer());
    }
  }
}

void FastPath::find_arrivals(const Table& table, std::size_t port, std::span<const Packet> burst,
                             std::array<FastArrival, kBurst>& arrivals) const noexcept {
  if (env_.port_status[port].tunnel_vlan.load(std::memory_order_relaxed) != 0) {
    for (std::size_t i = 0; i < burst.size(); ++i) arrivals[i].tunnel = TunnelMap::kNone;
    return;
  }
  adit::find_arrivals(table, env_.counters, burst, arrivals);
}

FastPath::Run FastPath::forward(const Table& table, const Attachment& from, std::size_t port,
                                std::span<const Packet> packets) noexcept {
  const Way way{from.fast_way, from.peer_index, from.member, env_.reserved[port]};
  switch (from.pops) {
    case 0:
      return send(table, FromAttachment<0>(packets), way);
    case 1:
      return send(table, FromAttachment<kTagBytes>(packets), way);
    default:
      return send(table, FromAttachment<2 * kTagBytes>(packets), way);
  }
}

FastPath::Run FastPath::forward(const Table& table, const Tunnel& from, std::size_t port,
                                std::span<const Packet> packets,
                                std::span<const FastArrival> arrivals) noexcept {
  return send(table, FromTunnel(packets, arrivals),
              {from.fast_way, from.peer_index, from.member, env_.reserved[port]});
}

template <typename Source>
FastPath::Run FastPath::send(const Table& table, const Source& source, const Way& way) noexcept {
  switch (way.kind) {
    case FastWay::kToTunnel:
      return to_tunnel(table, source, table.tunnel(way.to), way);
    case FastWay::kToAttachment:
      return to_attachment(table, source, table.attachment(way.to), way);
    case FastWay::kNone:
      break;
  }
  return {};
}

template <typename Source>
FastPath::Run FastPath::to_attachment(const Table& table, const Source& source,
                                      const Attachment& to, const Way& way) noexcept {
  const PortStatus& status = env_.port_status[to.port];
  if (!status.up.load(std::memory_order_relaxed) || env_.ports[to.port] == nullptr) return {};
  const SizeLimit limit = limit_of(to, status.mtu.load(std::memory_order_relaxed));
  return move(table, to.port, source, ToAttachment(to, limit.bytes, way.reserved),
              {way.member_in, to.member});
}

template <typename Source>
FastPath::Run FastPath::to_tunnel(const Table& table, const Source& source, const Tunnel& to,
                                  const Way& way) noexcept {
  NextHopTable::Plain hop;
  if (!env_.next_hops.read_plain(to.next_hop, hop)) return {};
  const std::size_t port = hop.port();
  const PortStatus& status = env_.port_status[port];
  // What waits for a neighbor may have to go first.
  if (egress_.holds_any() || env_.ports[port] == nullptr ||
      status.tunnel_vlan.load(std::memory_order_relaxed) != 0) {
    return {};
  }
  const Ends ends{way.member_in, to.member};
  const auto send = [&]<IpFamily kFamily, FlowField kField>() {
    return move(table, port, source,
                ToTunnel<kFamily, kField>(to, hop, table.seed(), way.reserved), ends);
  };
  const auto send_by_type = [&]<IpFamily kFamily>() {
    switch (to.type) {
      case TunnelType::kVxlan:
      case TunnelType::kGeneve:
        return send.template operator()<kFamily, FlowField::kUdpPort>();
      case TunnelType::kNvgre:
        return send.template operator()<kFamily, FlowField::kNvgreFlow>();
      case TunnelType::kGre:
      case TunnelType::kCount:
        break;
    }
    return send.template operator()<kFamily, FlowField::kNone>();
  };
  return to.family == IpFamily::kIpv4 ? send_by_type.template operator()<IpFamily::kIpv4>()
                                      : send_by_type.template operator()<IpFamily::kIpv6>();
}

/// Queues packets from `begin` on up to `end`; returns how many, fewer at one that is for the
/// pipeline. \pre the queue has room for them. By itself, so that nothing else takes up registers.
template <typename Source, typename Sink>
std::size_t FastPath::fill(const Source& source, const Sink& sink, std::size_t begin,
                           std::size_t end, TxQueue& queue) noexcept {
  Packet* packet = queue.packets.data() + queue.size;
  std::uint32_t* bytes = queue.bytes.data() + queue.size;
  const Packet* const first = packet;
  const auto last = source.at(end);
  for (auto from = source.at(begin); from != last; ++from) {
    FastFrame frame;
    if (!source.look(from, frame) || !sink.fits(frame)) break;
    source.strip(frame);
    sink.push(frame, *packet++);
    *bytes++ = frame.size;
  }
  return static_cast<std::size_t>(packet - first);
}

template <typename Source, typename Sink>
FastPath::Run FastPath::move(const Table& table, std::size_t port, const Source& source,
                             const Sink& sink, Ends ends) noexcept {
  TxQueue& queue = egress_.queue_of(port);
  std::size_t done = 0;
  std::uint64_t bytes = 0;
  for (bool more = true; more;) {
    const std::uint32_t begin = queue.size;
    const std::size_t end = std::min(source.size(), done + (kBurst - begin));
    const std::size_t filled = fill(source, sink, done, end, queue);
    if (filled > 0) queue.begin_run(ends.member_in, ends.member_out);
    queue.size += static_cast<std::uint32_t>(filled);
    bytes += queue.bytes_from(begin);
    done += filled;
    more = done == end && done < source.size();
    egress_.flush_if_full(table, port);
  }
  MemberCounters& in = env_.counters.members[ends.member_in];
  in.rx_packets.add(done);
  in.rx_bytes.add(bytes);
  MemberCounters& out = env_.counters.members[ends.member_out];
  out.tx_packets.add(done);
  out.tx_bytes.add(bytes);
  return {done, true};
}

}  // namespace adit
