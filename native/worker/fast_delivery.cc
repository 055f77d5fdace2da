#include "worker/fast_delivery.h"

#include <algorithm>

#include "wire/ethernet.h"

namespace adit {
namespace {

/// Notes members and sizes of frames behind what the queue holds, several at a time; returns of how
/// many, up to one for elsewhere or too big.
std::size_t note(const Delivery& delivery, TxQueue& queue) noexcept {
  constexpr std::uint32_t kToAttachment = static_cast<std::uint32_t>(FastWay::kToAttachment);
  const FastBurst& burst = delivery.burst;
  const std::size_t room =
      std::min(delivery.packets.size() - delivery.begin, kBurst - std::size_t{queue.size});
  const Lanes port_mtu = all_lanes(delivery.mtu);
  const Lanes port = all_lanes(delivery.port);
  const Lanes header = kept(sizeof(EthernetHeader));
  for (std::size_t i = 0; i < room; i += kLanes) {
    const std::size_t at = delivery.begin + i;
    const std::size_t place = queue.size + i;
    const Lanes exit = load_lanes(&burst.exits[at]);
    const Lanes size = load_lanes(&burst.size[at]);
    const Lanes elsewhere =
        ((exit & kept(FastBurst::kPort)) ^ port) |
        ((load_lanes(&burst.ways[at]) & kept(FastBurst::kWay)) ^ kept(kToAttachment));
    const Lanes ip_bytes = size - header;
    const Lanes is_left = where(elsewhere != 0) | below(exit >> FastBurst::kMtuShift, ip_bytes) |
                          below(port_mtu, ip_bytes);
    store_lanes(&queue.members_in[place],
                load_lanes(&burst.counters_in[at]) / FastBurst::kCountersOfMember);
    store_lanes(&queue.members_out[place],
                load_lanes(&burst.counters_out[at]) / FastBurst::kCountersOfMember);
    store_lanes(&queue.bytes[place], size);
    const std::size_t taken = first_lane(is_left);
    if (taken < kLanes) return std::min(i + taken, room);
  }
  return room;
}

/// Writes the tags of a frame that starts at `start`.
void write_tags(std::uint8_t* start, const Attachment& to, std::uint32_t tag_bytes) noexcept {
  constexpr std::size_t kAddresses = 2 * sizeof(MacAddress);
  if (tag_bytes == sizeof(VlanTag)) {
    std::memcpy(start + kAddresses, to.tags, sizeof(VlanTag));
  } else {
    std::memcpy(start + kAddresses, to.tags, sizeof to.tags);
  }
}

}  // namespace

template <FastSource kFrom>
std::size_t deliver_to_port(const FastView& to, const Delivery& delivery, TxQueue& queue) noexcept {
  const std::size_t count = note(delivery, queue);
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
