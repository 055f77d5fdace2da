#include "worker/fast_delivery.h"

#include <algorithm>

#include "worker/fast_frame.h"

namespace adit {
namespace {

constexpr std::uint32_t kToAttachment = static_cast<std::uint32_t>(FastWay::kToAttachment);

/// What was noted of frames for one port.
struct Noted {
  std::size_t count = 0;
  /// They came out of one tunnel, for an attachment without tags, and none is to be padded.
  bool is_run = false;
};

/// Notes members and sizes of frames behind what the queue holds, several at a time, up to one for
/// elsewhere or too big.
template <FastSource kFrom>
Noted note(const Delivery& delivery, TxQueue& queue) noexcept {
  const FastBurst& burst = delivery.burst;
  const std::size_t room =
      std::min(delivery.packets.size() - delivery.begin, kBurst - std::size_t{queue.size});
  const Lanes port_mtu = all_lanes(delivery.mtu);
  const Lanes port = all_lanes(delivery.port);
  const Lanes header = kept(sizeof(EthernetHeader));
  const Lanes first_in = all_lanes(burst.counters_in[delivery.begin]);
  bool is_run = kFrom == FastSource::kTunnels &&
                (burst.ways[delivery.begin] & FastBurst::kWayAndTagBytes) == kToAttachment;
  for (std::size_t i = 0; i < room; i += kLanes) {
    const std::size_t at = delivery.begin + i;
    const std::size_t place = queue.size + i;
    const Lanes exit = load_lanes(&burst.exits[at]);
    const Lanes size = load_lanes(&burst.size[at]);
    const Lanes in = load_lanes(&burst.counters_in[at]);
    const Lanes elsewhere =
        ((exit & kept(FastBurst::kPort)) ^ port) |
        ((load_lanes(&burst.ways[at]) & kept(FastBurst::kWay)) ^ kept(kToAttachment));
    const Lanes ip_bytes = size - header;
    const Lanes is_left = where(elsewhere != 0) | below(exit >> FastBurst::kMtuShift, ip_bytes) |
                          below(port_mtu, ip_bytes);
    store_lanes(&queue.members_in[place], in / FastBurst::kCountersOfMember);
    store_lanes(&queue.members_out[place],
                load_lanes(&burst.counters_out[at]) / FastBurst::kCountersOfMember);
    store_lanes(&queue.bytes[place], size);
    const std::size_t taken = std::min(first_lane(is_left), room - i);
    if constexpr (kFrom == FastSource::kTunnels) {
      const Lanes differs = where(in != first_in) | below(size, kept(kMinFrameBytes));
      is_run = is_run && first_lane(differs) >= taken;
    }
    if (taken < kLanes) return {i + taken, is_run};
  }
  return {room, is_run};
}

/// Queues a run, and counts it at once. Headers around the frames out of one tunnel are of one
/// length on the fast path, so that all are moved alike.
void deliver_run(const FastView& view, const Delivery& delivery, std::size_t count,
                 TxQueue& queue) noexcept {
  const std::uint32_t begin = queue.size;
  const Packet* const from = &delivery.packets[delivery.begin];
  Packet* const to = &queue.packets[begin];
  const std::uint32_t* const bytes = &queue.bytes[begin];
  const Packet::Move move(static_cast<std::int32_t>(delivery.burst.begin[delivery.begin]));
#pragma GCC unroll 4
  for (std::size_t i = 0; i < count; ++i) to[i].become(from[i], move, bytes[i]);
  queue.size += static_cast<std::uint32_t>(count);
  const std::uint32_t sum = queue.bytes_from(begin);
  view.count_in(queue.members_in[begin], count, sum);
  view.count_out(queue.members_out[begin], count, sum);
}

/// Writes the tags of a frame that starts at `start`.
void write_tags(std::uint8_t* start, const Attachment& to, std::uint32_t tag_bytes) noexcept {
  if (tag_bytes == sizeof(VlanTag)) {
    std::memcpy(start + kTypeOffset, to.tags, sizeof(VlanTag));
  } else {
    std::memcpy(start + kTypeOffset, to.tags, sizeof to.tags);
  }
}

}  // namespace

template <FastSource kFrom>
std::size_t deliver_to_port(const FastView& to, const Delivery& delivery, TxQueue& queue) noexcept {
  const auto [count, is_run] = note<kFrom>(delivery, queue);
  if (is_run) {
    deliver_run(to, delivery, count, queue);
    return count;
  }
  // By value, for what is written to could else be any of these.
  const FastView view = to;
  const FastBurst* burst = &delivery.burst;
  const auto reserved = static_cast<std::int32_t>(delivery.reserved);
  const Packet* const first = &delivery.packets[delivery.begin];
  const Packet* const last = first + count;
  const Packet* from = first;
  Packet* packet = &queue.packets[queue.size];
  for (std::size_t at = delivery.begin; from != last; ++at, ++from, ++packet) {
    const std::uint32_t tag_bytes = (burst->ways[at] >> FastBurst::kTagBytesShift) & 0xff;
    const std::uint32_t bytes = burst->size[at];
    const auto moved = static_cast<std::int32_t>(burst->begin[at] - tag_bytes);
    // Towards the front, where more tags are put on than were taken off. What was around a frame
    // out of a tunnel is longer than any tags.
    if constexpr (kFrom == FastSource::kAttachments) {
      if (static_cast<std::int32_t>(from->headroom()) + moved < reserved) [[unlikely]]
        break;
    }
    std::uint8_t* start = from->data() + moved;
    packet->become(*from, start, bytes + tag_bytes);
    if (packet->size() < kMinFrameBytes) [[unlikely]] {
      if (!packet->pad(kMinFrameBytes)) break;
    }
    if constexpr (kFrom == FastSource::kAttachments) move_addresses(from->data(), start);
    if (tag_bytes != 0) {
      if constexpr (kFrom == FastSource::kTunnels) move_addresses(start + tag_bytes, start);
      write_tags(start, view.attachment(burst->peers[at]), tag_bytes);
    }
    view.count(burst->counters_in[at], bytes);
    view.count(burst->counters_out[at], bytes);
  }
  const auto done = static_cast<std::size_t>(from - first);
  queue.size += static_cast<std::uint32_t>(done);
  return done;
}

template std::size_t deliver_to_port<FastSource::kAttachments>(const FastView&, const Delivery&,
                                                               TxQueue&) noexcept;
template std::size_t deliver_to_port<FastSource::kTunnels>(const FastView&, const Delivery&,
                                                           TxQueue&) noexcept;

}  // namespace adit
