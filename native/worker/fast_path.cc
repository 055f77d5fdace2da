#include "worker/fast_path.h"

#include <algorithm>

#include "worker/fast_arrivals.h"
#include "worker/fast_claims.h"
#include "worker/fast_delivery.h"
#include "worker/fast_retag.h"
#include "worker/fast_sinks.h"
#include "worker/fast_sources.h"
#include "worker/tag_run.h"

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
  const std::uint32_t reserved = env_.reserved[port];
  if (from.fast_way == FastWay::kToAttachment) return cross(table, from, packets, reserved);
  return with_tunnels(from.fast_way, [&]<typename Sink>() {
    return push_all<Sink>(table, from, packets, reserved);
  });
}

template <FastSource kFrom>
std::size_t FastPath::forward(const Table& table, std::size_t port, std::span<const Packet> packets,
                              const FastBurst& burst, std::size_t begin) noexcept {
  const Job job{packets, burst, env_.reserved[port]};
  const FastWay way = burst.way(begin);
  if (way == FastWay::kToAttachment) return deliver<kFrom>(table, job, begin);
  return with_tunnels(way,
                      [&]<typename Sink>() { return send_each<Sink, kFrom>(table, job, begin); });
}

std::size_t FastPath::forward_claims(const Table& table, std::size_t port,
                                     std::span<const Packet> packets, const FastBurst& burst,
                                     std::size_t begin) noexcept {
  return forward<FastSource::kAttachments>(table, port, packets, burst, begin);
}

std::size_t FastPath::forward_arrivals(const Table& table, std::size_t port,
                                       std::span<const Packet> packets, const FastBurst& burst,
                                       std::size_t begin) noexcept {
  return forward<FastSource::kTunnels>(table, port, packets, burst, begin);
}

template <typename Send>
std::size_t FastPath::with_tunnels(FastWay way, Send send) noexcept {
  switch (way) {
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
    case FastWay::kToAttachment:
    case FastWay::kNone:
      break;
  }
  return 0;
}

template <FastSource kFrom>
std::size_t FastPath::deliver(const Table& table, const Job& job, std::size_t begin) noexcept {
  const FastView view(table, env_);
  std::size_t at = begin;
  while (at < job.packets.size() && job.burst.way(at) == FastWay::kToAttachment) {
    const std::uint32_t port = job.burst.exits[at] & FastBurst::kPort;
    const PortExit& exit = exits_[port];
    if (exit.of_attachments == nullptr) break;
    const std::size_t done = deliver_to_port<kFrom>(
        view, {job.packets, job.burst, at, port, exit.mtu, job.reserved}, *exit.of_attachments);
    if (done == 0) break;
    at += done;
    egress_.flush_if_full(table, port);
  }
  return at - begin;
}

/// Goes from one port's packets to the next one's. What is for one port is looked at first, then
/// written, in two loops whose state fits the registers.
template <typename Sink, FastSource kFrom>
std::size_t FastPath::send_each(const Table& table, const Job& job, std::size_t begin) noexcept {
  const FastView view(table, env_);
  std::size_t at = begin;
  while (at < job.packets.size() && job.burst.way(at) == Sink::kWay) {
    typename Sink::Target first;
    if (!view.find(job.burst.peers[at], first)) break;
    TxQueue* queue = exits_[first.port()].of_tunnels;
    if (queue == nullptr) break;
    const PortJob work{job, at, first.port()};
    Targets<Sink> targets;
    const std::size_t count = open_each<Sink>(view, work, targets, *queue);
    if (count == 0) break;
    push_each<Sink, kFrom>(view, work, count, targets, table.seed(), *queue);
    at += count;
    egress_.flush_if_full(table, first.port());
  }
  return at - begin;
}

/// Finds what is to be pushed onto packets for one port, and notes it behind what the queue holds;
/// returns of how many, up to one for another port, as far as the queue has room.
template <typename Sink>
std::size_t FastPath::open_each(const FastView view, const PortJob work, Targets<Sink>& targets,
                                TxQueue& queue) noexcept {
  // By value, for what is written to could else be any of these.
  const FastBurst* burst = &work.job.burst;
  const Packet* packets = work.job.packets.data();
  const std::size_t port = work.port;
  const std::uint32_t headroom = Sink::headroom_for(work.job.reserved);
  const std::size_t begin = queue.size;
  const std::size_t end =
      std::min<std::size_t>(begin + work.job.packets.size() - work.begin, kBurst);
  std::size_t at = work.begin;
  std::size_t place = begin;
  for (; place < end && burst->way(at) == Sink::kWay; ++place, ++at) {
    typename Sink::Target target;
    if (!view.find(burst->peers[at], target)) break;
    const FastFrame frame = frame_at(packets, *burst, at);
    const typename Sink::Limit limit(target, headroom);
    if (target.port() != port || !limit.fits(frame)) break;
    targets[place] = target;
    queue.members_in[place] = burst->counters_in[at] / FastBurst::kCountersOfMember;
    queue.members_out[place] = target.member();
    queue.bytes[place] = frame.size;
  }
  return place - begin;
}

/// Writes headers, and the packets into the queue.
template <typename Sink, FastSource kFrom>
void FastPath::push_each(const FastView view, const PortJob work, std::size_t count,
                         const Targets<Sink>& targets, const HashSeed seed,
                         TxQueue& queue) noexcept {
  const FastBurst* burst = &work.job.burst;
  const Packet* packets = work.job.packets.data();
  const typename Sink::Target* target = &targets[queue.size];
  const Packet* from = packets + work.begin;
  const Packet* const last = from + count;
  Packet* packet = &queue.packets[queue.size];
  for (std::size_t at = work.begin; from != last; ++from, ++packet, ++target, ++at) {
    const std::uint32_t bytes = burst->size[at];
    const std::uint32_t inner = burst->inner[at];
    std::uint8_t* data = from->data() + burst->begin[at];
    const std::uint64_t flow = Sink::flow_of({from, data, bytes, inner}, seed);
    if constexpr (kFrom == FastSource::kAttachments) move_addresses(from->data(), data);
    view.count(burst->counters_in[at], bytes);
    view.count_out(target->member(), 1, bytes);
    const Sink sink(*target);
    packet->become(*from, sink.write(data, bytes, inner, flow), bytes + sink.bytes());
  }
  queue.size += static_cast<std::uint32_t>(count);
}

std::size_t FastPath::forward_crossing(const Table& table, std::size_t port,
                                       std::span<const Packet> packets) noexcept {
  std::size_t done = 0;
  while (begins_run(packets.subspan(done))) {
    const std::uint32_t claimed = table.tags(port).find(read_tags(packets[done]));
    if (claimed == TagMap::kNone) break;
    const Attachment& from = table.attachment(claimed);
    if (from.fast_way != FastWay::kToAttachment) break;
    const std::size_t run = cross(table, from, packets.subspan(done), env_.reserved[port]);
    done += run;
    if (run < kLeastRun) break;
  }
  return done;
}

std::size_t FastPath::cross(const Table& table, const Attachment& from,
                            std::span<const Packet> packets, std::uint32_t reserved) noexcept {
  const Attachment& to = table.attachment(from.peer_index);
  const PortExit& exit = exits_[to.port];
  if (exit.of_attachments == nullptr) return 0;
  return send_all(table, {from.member, to.member, to.port}, packets, *exit.of_attachments,
                  [&](std::span<const Packet> piece) {
                    return retag({from, to, exit.mtu, reserved}, piece, *exit.of_attachments);
                  });
}

template <typename Sink>
std::size_t FastPath::push_all(const Table& table, const Attachment& from,
                               std::span<const Packet> packets, std::uint32_t reserved) noexcept {
  typename Sink::Target target;
  if (!FastView(table, env_).find(from.peer_index, target)) return 0;
  const PortExit& exit = exits_[target.port()];
  if (exit.of_tunnels == nullptr) return 0;
  const typename Sink::Limit limit(target, Sink::headroom_for(reserved));
  const Sink sink(target);
  return send_all(table, {from.member, target.member(), target.port()}, packets, *exit.of_tunnels,
                  [&](std::span<const Packet> piece) {
                    return fill(piece, limit, sink, table.seed(), *exit.of_tunnels);
                  });
}

/// Counts and queues packets from one member to another. \param fill writes as many as the queue
/// has room for into it, with their bytes, and returns how many it took.
template <typename Fill>
std::size_t FastPath::send_all(const Table& table, const Ends& ends,
                               std::span<const Packet> packets, TxQueue& queue,
                               Fill fill) noexcept {
  const FastView view(table, env_);
  std::size_t done = 0;
  for (bool more = true; more;) {
    const std::uint32_t begin = queue.size;
    const std::size_t room = std::min<std::size_t>(packets.size() - done, kBurst - begin);
    const std::size_t filled = fill(packets.subspan(done, room));
    queue.note_members(ends.member_in, ends.member_out, filled);
    queue.size += static_cast<std::uint32_t>(filled);
    // Before they leave: what the port refuses is taken off again.
    const std::uint32_t bytes = queue.bytes_from(begin);
    view.count_in(ends.member_in, filled, bytes);
    view.count_out(ends.member_out, filled, bytes);
    done += filled;
    more = filled == room && done < packets.size();
    egress_.flush_if_full(table, ends.port);
  }
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
  const Packet::Move move(-static_cast<std::int32_t>(sink.bytes()));
  for (const Packet& received : packets) {
    FastFrame frame{&received, received.data(), received.size(), 0};
    if (received.next() != nullptr || !limit.fits(frame)) break;
    if (!read_inner(frame.data, frame.size, frame.inner)) break;
    sink.write(frame.data, frame.size, frame.inner, Sink::flow_of(frame, seed));
    packet++->become(received, move);
    *bytes++ = frame.size;
  }
  return static_cast<std::size_t>(packet - first);
}

}  // namespace adit
