#include "worker/fast_path.h"

#include <algorithm>

#include "worker/fast_sources.h"
#include "worker/fast_view.h"

namespace adit {
namespace {

constexpr std::uint32_t kTypeOffset = 2 * sizeof(MacAddress);
constexpr std::uint32_t kTagBytes = sizeof(VlanTag);
constexpr std::uint16_t kVidMask = 0x0fff;

bool is_ip(std::uint16_t type) noexcept {
  return type == raw(EtherType::kIpv4) || type == raw(EtherType::kIpv6);
}

/// The claim, or kNone where what it takes is always for the pipeline.
std::uint32_t with_way(const Table& table, std::uint32_t claim) noexcept {
  const bool has_way = claim != TagMap::kNone && table.attachment(claim).fast_way != FastWay::kNone;
  return has_way ? claim : TagMap::kNone;
}

/// The claim of a single tag. \param tci as it stands in the frame.
std::uint32_t single_claim(const Table& table, const TagMap& tags, std::uint16_t tci) noexcept {
  const std::uint16_t vid = be16::from_raw(tci).get() & kVidMask;
  // VID 0 is a priority alone.
  return vid == 0 ? TagMap::kNone : with_way(table, tags.single(vid));
}

}  // namespace

FastPath::FastPath(const PathEnvironment& environment, Egress& egress)
    : env_(environment), egress_(egress), exits_(environment.ports.size()) {}

void FastPath::look_at_ports() noexcept {
  // What waits for a neighbor may have to go first.
  const bool may_push = !egress_.holds_any();
  for (std::size_t i = 0; i < exits_.size(); ++i) {
    const PortStatus& status = env_.port_status[i];
    TxQueue* queue = env_.ports[i] != nullptr ? &egress_.queue_of(i) : nullptr;
    const bool is_up = status.up.load(std::memory_order_relaxed);
    const bool is_untagged = status.tunnel_vlan.load(std::memory_order_relaxed) == 0;
    exits_[i] = {.of_attachments = is_up ? queue : nullptr,
                 .of_tunnels = may_push && is_untagged ? queue : nullptr,
                 .mtu = status.mtu.load(std::memory_order_relaxed)};
  }
}

void FastPath::find_claims(const Table& table, std::size_t port, std::span<const Packet> burst,
                           Claims& claims) const noexcept {
  // Two tags and the EtherType behind them are read from shorter frames too, but not beyond those.
  constexpr std::uint32_t kLeast = sizeof(EthernetHeader) + sizeof(Ipv4Header);
  const TagMap& tags = table.tags(port);
  const VlanPairMap& pair_map = tags.pairs();
  const std::uint32_t untagged = with_way(table, tags.untagged());
  const std::size_t count = burst.size();
  std::array<std::uint32_t, kBurst> keys;
  std::array<std::uint8_t, kBurst> paired;
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < count; ++i) {
    claims[i] = TagMap::kNone;
    if (burst[i].size() < kLeast) continue;
    const std::uint64_t words = load64(burst[i].data() + kTypeOffset);
    const auto type = static_cast<std::uint16_t>(words);
    const auto behind = static_cast<std::uint16_t>(words >> 32);
    const bool is_service = type == raw(EtherType::kServiceVlan);
    if (is_service || type == raw(EtherType::kVlan)) {
      if (behind == raw(EtherType::kVlan)) {
        keys[pairs] = VlanPairMap::key_of(is_service, words);
        pair_map.prefetch(keys[pairs]);
        paired[pairs++] = static_cast<std::uint8_t>(i);
      } else if (!is_service && is_ip(behind)) {
        claims[i] = single_claim(table, tags, static_cast<std::uint16_t>(words >> 16));
      }
    } else if (is_ip(type)) {
      claims[i] = untagged;
    }
  }
  if (pairs == 0) return;
  // Each step fetches for the whole burst what the next one reads.
  const Attachment* attachments = table.attachments().data();
  const Tunnel* tunnels = table.tunnel_list().data();
  const MemberCounters* members = &env_.counters.members[0];
  for (std::size_t i = 0; i < pairs; ++i) {
    const std::uint32_t claim = pair_map.find(keys[i]);
    claims[paired[i]] = claim;
    if (claim != TagMap::kNone) __builtin_prefetch(&attachments[claim]);
  }
  for (std::size_t i = 0; i < pairs; ++i) {
    std::uint32_t& claim = claims[paired[i]];
    if (claim == TagMap::kNone) continue;
    const Attachment& attachment = attachments[claim];
    __builtin_prefetch(&members[attachment.member]);
    if (attachment.fast_way > FastWay::kToAttachment) {
      __builtin_prefetch(&tunnels[attachment.peer_index]);
    } else if (attachment.fast_way == FastWay::kNone) {
      claim = TagMap::kNone;
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

std::size_t FastPath::forward_all(const Table& table, const Attachment& from, std::size_t port,
                                  std::span<const Packet> packets) noexcept {
  const FromAttachment<0> source(packets, {});
  return with_sink(from.fast_way, [&]<typename Sink>() {
    return send_all<Sink>(table, source, from, env_.reserved[port]);
  });
}

std::size_t FastPath::forward(const Table& table, std::size_t port, std::span<const Packet> packets,
                              std::span<const std::uint32_t> claims) noexcept {
  const std::uint32_t reserved = env_.reserved[port];
  const Attachment& first = table.attachment(claims[0]);
  const FastWay way = first.fast_way;
  switch (first.pops) {
    case 0:
      return forward_by(table, FromAttachment<0>(packets, claims), way, reserved);
    case 1:
      return forward_by(table, FromAttachment<kTagBytes>(packets, claims), way, reserved);
    default:
      return forward_by(table, FromAttachment<2 * kTagBytes>(packets, claims), way, reserved);
  }
}

std::size_t FastPath::forward(const Table& table, std::size_t port, std::span<const Packet> packets,
                              std::span<const FastArrival> arrivals) noexcept {
  return forward_by(table, FromTunnel(packets, arrivals), table.tunnel(arrivals[0].tunnel).fast_way,
                    env_.reserved[port]);
}

template <typename Source>
std::size_t FastPath::forward_by(const Table& table, const Source& source, FastWay way,
                                 std::uint32_t reserved) noexcept {
  return with_sink(way,
                   [&]<typename Sink>() { return send_each<Sink>(table, source, way, reserved); });
}

template <typename Send>
std::size_t FastPath::with_sink(FastWay way, Send send) noexcept {
  using enum IpFamily;
  using enum FlowField;
  switch (way) {
    case FastWay::kToAttachment:
      return send.template operator()<ToAttachment>();
    case FastWay::kToIpv4Udp:
      return send.template operator()<ToTunnel<kIpv4, kUdpPort>>();
    case FastWay::kToIpv4Gre:
      return send.template operator()<ToTunnel<kIpv4, FlowField::kNone>>();
    case FastWay::kToIpv4Nvgre:
      return send.template operator()<ToTunnel<kIpv4, kNvgreFlow>>();
    case FastWay::kToIpv6Udp:
      return send.template operator()<ToTunnel<kIpv6, kUdpPort>>();
    case FastWay::kToIpv6Gre:
      return send.template operator()<ToTunnel<kIpv6, FlowField::kNone>>();
    case FastWay::kToIpv6Nvgre:
      return send.template operator()<ToTunnel<kIpv6, kNvgreFlow>>();
    case FastWay::kNone:
      break;
  }
  return 0;
}

template <typename Sink, typename Source>
std::size_t FastPath::send_each(const Table& table, Source source, FastWay way,
                                std::uint32_t reserved) noexcept {
  const FastView view(table, env_, exits_.data());
  const HashSeed seed = table.seed();
  std::size_t at = 0;
  for (; at < source.size(); ++at) {
    const typename Source::Entry* from = nullptr;
    if (!source.find(view, at, from) || from->fast_way != way) break;
    FastFrame frame;
    typename Sink::Target target;
    if (!source.look(at, frame) || !view.open(from->peer_index, target)) break;
    const Sink sink(target, seed, reserved);
    if (!sink.fits(frame)) break;
    source.strip(frame);
    TxQueue& queue = *target.queue;
    const std::uint32_t place = queue.size;
    queue.ends[place] = {from->member, target.member()};
    queue.bytes[place] = frame.size;
    queue.size = place + 1;
    sink.push(frame, queue.packets[place]);
    view.count_in(from->member, 1, frame.size);
    view.count_out(target.member(), 1, frame.size);
    if (place + 1 == kBurst) [[unlikely]] {
      egress_.flush_if_full(table, target.port());
    }
  }
  return at;
}

template <typename Sink, typename Source>
std::size_t FastPath::send_all(const Table& table, const Source& source, const Attachment& from,
                               std::uint32_t reserved) noexcept {
  const FastView view(table, env_, exits_.data());
  typename Sink::Target target;
  if (!view.open(from.peer_index, target)) return 0;
  const Sink sink(target, table.seed(), reserved);
  TxQueue& queue = *target.queue;
  const TxQueue::Ends ends{from.member, target.member()};
  std::size_t done = 0;
  std::uint64_t bytes = 0;
  for (bool more = true; more;) {
    const std::uint32_t begin = queue.size;
    const std::size_t room = std::min<std::size_t>(source.size() - done, kBurst - begin);
    const std::size_t filled = fill(source.part(done, room), sink, queue);
    std::fill_n(queue.ends.begin() + begin, filled, ends);
    queue.size += static_cast<std::uint32_t>(filled);
    bytes += queue.bytes_from(begin);
    done += filled;
    more = filled == room && done < source.size();
    egress_.flush_if_full(table, target.port());
  }
  view.count_in(from.member, done, bytes);
  view.count_out(target.member(), done, bytes);
  return done;
}

/// Queues packets; returns how many, fewer than all at one that is for the pipeline. \pre the queue
/// has room for them. By itself and with values, so that all it uses stays in registers.
template <typename Sink, typename Source>
std::size_t FastPath::fill(Source source, Sink sink, TxQueue& queue) noexcept {
  Packet* packet = queue.packets.data() + queue.size;
  std::uint32_t* bytes = queue.bytes.data() + queue.size;
  const Packet* const first = packet;
  for (const Packet& received : source.packets()) {
    FastFrame frame;
    if (!Source::look(received, frame) || !sink.fits(frame)) break;
    Source::strip(frame);
    sink.push(frame, *packet++);
    *bytes++ = frame.size;
  }
  return static_cast<std::size_t>(packet - first);
}

}  // namespace adit
