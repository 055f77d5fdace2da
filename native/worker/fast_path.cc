#include "worker/fast_path.h"

#include <algorithm>

#include "worker/fast_arrivals.h"
#include "worker/fast_claims.h"
#include "worker/fast_delivery.h"
#include "worker/fast_sources.h"

namespace adit {

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

void FastPath::find_claims(const Table& table, std::size_t port, std::span<const Packet> packets,
                           FastBurst& burst) const noexcept {
  adit::find_claims(table, port, env_.counters, packets, burst);
}

void FastPath::find_arrivals(const Table& table, std::size_t port, std::span<const Packet> packets,
                             FastBurst& burst) const noexcept {
  if (env_.port_status[port].tunnel_vlan.load(std::memory_order_relaxed) != 0) {
    return burst.from.fill(FastBurst::kNone);
  }
  adit::find_arrivals(table, env_.counters, packets, burst);
}

std::size_t FastPath::forward_all(const Table& table, const Attachment& from, std::size_t port,
                                  std::span<const Packet> packets) noexcept {
  return with_sink(from.fast_way, [&]<typename Sink>() {
    return send_all<Sink>(table, packets, from, env_.reserved[port]);
  });
}

std::size_t FastPath::forward_claims(const Table& table, std::size_t port,
                                     std::span<const Packet> packets, const FastBurst& burst,
                                     std::size_t begin) noexcept {
  const Attachment& first = table.attachment(burst.from[begin]);
  const Job job{packets, burst, env_.reserved[port]};
  const FastWay way = first.fast_way;
  switch (first.pops) {
    case 0:
      return forward_by<FromAttachment<0>>(table, way, job, begin);
    case 1:
      return forward_by<FromAttachment<sizeof(VlanTag)>>(table, way, job, begin);
    default:
      return forward_by<FromAttachment<2 * sizeof(VlanTag)>>(table, way, job, begin);
  }
}

std::size_t FastPath::forward_arrivals(const Table& table, std::size_t port,
                                       std::span<const Packet> packets, const FastBurst& burst,
                                       std::size_t begin) noexcept {
  const Job job{packets, burst, env_.reserved[port]};
  const FastWay way = burst.way(begin);
  if (way == FastWay::kToAttachment) return deliver(table, job, begin);
  return forward_by<FromTunnel>(table, way, job, begin);
}

std::size_t FastPath::deliver(const Table& table, const Job& job, std::size_t begin) noexcept {
  const FastView view(table, env_);
  std::size_t at = begin;
  while (at < job.packets.size() && job.burst.way(at) == FastWay::kToAttachment) {
    const std::uint32_t port = job.burst.exits[at] & FastBurst::kPort;
    const PortExit& exit = exits_[port];
    if (exit.of_attachments == nullptr) break;
    const std::size_t done = deliver_to_port(
        view, {job.packets, job.burst, at, port, exit.mtu, job.reserved}, *exit.of_attachments);
    if (done == 0) break;
    at += done;
    egress_.flush_if_full(table, port);
  }
  return at - begin;
}

template <typename Source>
std::size_t FastPath::forward_by(const Table& table, FastWay way, const Job& job,
                                 std::size_t begin) noexcept {
  return with_sink(way,
                   [&]<typename Sink>() { return send_each<Sink, Source>(table, job, begin); });
}

template <typename Send>
std::size_t FastPath::with_sink(FastWay way, Send send) noexcept {
  switch (way) {
    case FastWay::kToAttachment:
      return send.template operator()<ToAttachment>();
    case FastWay::kToIpv4Udp:
      return send.template operator()<ToTunnel<FastWay::kToIpv4Udp>>();
    case FastWay::kToIpv4Gre:
      return send.template operator()<ToTunnel<FastWay::kToIpv4Gre>>();
    case FastWay::kToIpv4Nvgre:
      return send.template operator()<ToTunnel<FastWay::kToIpv4Nvgre>>();
    case FastWay::kToIpv6Udp:
      return send.template operator()<ToTunnel<FastWay::kToIpv6Udp>>();
    case FastWay::kToIpv6Gre:
      return send.template operator()<ToTunnel<FastWay::kToIpv6Gre>>();
    case FastWay::kToIpv6Nvgre:
      return send.template operator()<ToTunnel<FastWay::kToIpv6Nvgre>>();
    case FastWay::kNone:
      break;
  }
  return 0;
}

/// Goes from one port's packets to the next one's. What is for one port is looked at first, then
/// written, in two loops whose state fits the registers.
template <typename Sink, typename Source>
std::size_t FastPath::send_each(const Table& table, const Job& job, std::size_t begin) noexcept {
  const FastView view(table, env_);
  const Source source(job.packets, job.burst);
  std::size_t at = begin;
  while (at < job.packets.size() && job.burst.has(at)) {
    typename Sink::Target first;
    if (!view.find(source.origin(view, at).peer_index, first)) break;
    const PortExit& exit = exits_[first.port()];
    TxQueue* queue = first.queue_of(exit);
    if (queue == nullptr) break;
    const Run run{job, at, first.port(), exit.mtu};
    Targets<Sink> targets;
    const std::size_t count = open_each<Sink, Source>(view, run, targets, *queue);
    if (count == 0) break;
    push_each<Sink, Source>(run, count, targets, table.seed(), *queue);
    at += count;
    egress_.flush_if_full(table, first.port());
  }
  return at - begin;
}

/// Finds and counts what is to be pushed onto packets for one port, and notes it behind what the
/// queue holds; returns of how many, up to one for another port, as far as the queue has room.
template <typename Sink, typename Source>
std::size_t FastPath::open_each(const FastView view, const Run run, Targets<Sink>& targets,
                                TxQueue& queue) noexcept {
  const Source source(run.job.packets, run.job.burst);
  const std::size_t begin = queue.size;
  const std::size_t end = std::min<std::size_t>(begin + run.job.packets.size() - run.begin, kBurst);
  std::size_t at = run.begin;
  std::size_t place = begin;
  for (; place < end && run.job.burst.has(at); ++place, ++at) {
    const FastOrigin from = source.origin(view, at);
    typename Sink::Target& target = targets[place];
    if (from.way != Sink::kWay || !view.find(from.peer_index, target)) break;
    const FastFrame frame = source.frame(at);
    const typename Sink::Limit limit(target, run.mtu, run.job.reserved);
    if (target.port() != run.port || !limit.fits(frame)) break;
    const std::uint32_t in = from.member;
    const std::uint32_t out = target.member();
    queue.members_in[place] = in;
    queue.members_out[place] = out;
    queue.bytes[place] = frame.size;
    view.count_in(in, 1, frame.size);
    view.count_out(out, 1, frame.size);
  }
  return place - begin;
}

/// Writes headers, and the packets into the queue.
template <typename Sink, typename Source>
void FastPath::push_each(const Run run, std::size_t count, const Targets<Sink>& targets,
                         const HashSeed seed, TxQueue& queue) noexcept {
  const Source source(run.job.packets, run.job.burst);
  const std::size_t end = queue.size + count;
  std::size_t at = run.begin;
  for (std::size_t place = queue.size; place < end; ++place, ++at) {
    const FastFrame frame = source.frame(at);
    const std::uint64_t flow = Sink::flow_of(frame, seed);
    source.strip(frame);
    Sink(targets[place]).push(frame, flow, queue.packets[place]);
  }
  queue.size = static_cast<std::uint32_t>(end);
}

template <typename Sink>
std::size_t FastPath::send_all(const Table& table, std::span<const Packet> packets,
                               const Attachment& from, std::uint32_t reserved) noexcept {
  const FastView view(table, env_);
  typename Sink::Target target;
  if (!view.find(from.peer_index, target)) return 0;
  const PortExit& exit = exits_[target.port()];
  if (target.queue_of(exit) == nullptr) return 0;
  TxQueue& queue = *target.queue_of(exit);
  const typename Sink::Limit limit(target, exit.mtu, reserved);
  const Sink sink(target);
  std::size_t done = 0;
  std::uint64_t bytes = 0;
  for (bool more = true; more;) {
    const std::uint32_t begin = queue.size;
    const std::size_t room = std::min<std::size_t>(packets.size() - done, kBurst - begin);
    const std::size_t filled = fill(packets.subspan(done, room), limit, sink, table.seed(), queue);
    std::fill_n(queue.members_in.begin() + begin, filled, from.member);
    std::fill_n(queue.members_out.begin() + begin, filled, target.member());
    queue.size += static_cast<std::uint32_t>(filled);
    bytes += queue.bytes_from(begin);
    done += filled;
    more = filled == room && done < packets.size();
    egress_.flush_if_full(table, target.port());
  }
  view.count_in(from.member, done, bytes);
  view.count_out(target.member(), done, bytes);
  return done;
}

/// Queues packets without tags; returns how many, fewer than all at one that is for the pipeline.
/// \pre the queue has room for them.
template <typename Sink>
std::size_t FastPath::fill(std::span<const Packet> packets, typename Sink::Limit limit, Sink sink,
                           const HashSeed seed, TxQueue& queue) noexcept {
  Packet* packet = queue.packets.data() + queue.size;
  std::uint32_t* bytes = queue.bytes.data() + queue.size;
  const Packet* const first = packet;
  for (const Packet& received : packets) {
    FastFrame frame{&received, received.data(), received.size(), 0};
    const bool is_plain =
        received.next() == nullptr && read_inner(frame.data, frame.size, frame.inner);
    if (!is_plain || !limit.fits(frame)) break;
    sink.push(frame, Sink::flow_of(frame, seed), *packet++);
    *bytes++ = frame.size;
  }
  return static_cast<std::size_t>(packet - first);
}

}  // namespace adit
