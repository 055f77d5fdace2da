#include "worker/fast_claims.h"

#include "worker/fast_frame.h"
#include "worker/fast_rows.h"

namespace adit {
namespace {

constexpr std::uint32_t kTagBytes = sizeof(VlanTag);
constexpr std::uint32_t kLow = 0xffff;
// In the fourth word of an attachment.
constexpr unsigned kPopsShift = 8;
static_assert(offsetof(Attachment, fast_way) == 12 && offsetof(Attachment, pops) == 13);
constexpr std::uint32_t kNone = FastBurst::kNone;
static_assert(kNone == TagMap::kNone && kNone == VlanPairMap::kNone);

/// How the frames of a burst are tagged, by place in the burst.
struct FastTags {
  /// Tags in front of an ordinary packet; kNone: it is for the pipeline.
  alignas(32) FastBurst::Column count;
  /// Of two tags, the key of the pair and the place of its bucket.
  alignas(32) FastBurst::Column key;
  alignas(32) FastBurst::Column place;
  /// VID of a single tag, else 0.
  alignas(32) FastBurst::Column vid;
};

/// One of two words, by lane.
Lanes choose(Lanes is_first, Lanes first, Lanes second) noexcept {
  return (first & is_first) | (second & ~is_first);
}

/// The VID of a tag as it stands in a frame.
Lanes vid_of(Lanes tag) noexcept { return ((tag >> 8) & 0xf00) | (tag >> 24); }

/// Reads tags, and what stands behind them, of several frames, and fetches the buckets of pairs.
[[gnu::always_inline]] inline void read_tags(const FastRows& rows, std::size_t first,
                                             const VlanPairMap::Reader pairs, FastBurst& burst,
                                             FastTags& tags) noexcept {
  const auto [outer, inner, behind_two, unused] = four_word_lanes(rows.data(), kTypeOffset).words;
  const Lanes is_service = where((outer & kLow) == raw(EtherType::kServiceVlan));
  const Lanes is_tagged = is_service | where((outer & kLow) == raw(EtherType::kVlan));
  const Lanes is_pair = is_tagged & where((inner & kLow) == raw(EtherType::kVlan));
  const Lanes is_single = is_tagged & ~is_pair;
  const Lanes word = choose(is_pair, behind_two, choose(is_tagged, inner, outer));
  const Lanes count = (is_tagged & 1) + (is_pair & 1);
  const Lanes vid = vid_of(outer) & is_single;
  // Nobody claims a single service tag but as the outer one of any two; VID 0 is a priority alone.
  Lanes wrong = is_single & (is_service | where(vid == 0));
  const Lanes begin = count * kTagBytes;
  const Lanes size = rows.sizes() - begin;
  const Lanes read = read_inner(word, size, wrong);
  const Lanes key = VlanPairMap::keys_of(is_service, outer, inner);
  store_lanes(&burst.inner[first], read);
  store_lanes(&burst.begin[first], begin);
  store_lanes(&burst.size[first], size);
  store_lanes(&tags.count[first], count | where(wrong != 0));
  store_lanes(&tags.key[first], key);
  store_lanes(&tags.place[first], pairs.place(VlanPairMap::hash_of(key)));
  store_lanes(&tags.vid[first], vid);
  if (is_zero(is_pair)) return;
  for (std::size_t lane = 0; lane < kLanes; ++lane) pairs.prefetch(tags.place[first + lane]);
}

/// Finds who claims several frames, and fetches what is read of them.
[[gnu::always_inline]] inline void claim(const TagMap& map, const VlanPairMap::Reader pairs,
                                         const Attachment* attachments, const FastTags& tags,
                                         std::size_t first, FastBurst& burst) noexcept {
  const std::span<const std::uint32_t> singles = map.singles();
  const Lanes count = load_lanes(&tags.count[first]);
  const Lanes is_pair = where(count == 2);
  if (is_zero(~is_pair)) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::size_t i = first + lane;
      burst.from[i] = pairs.candidate(tags.place[i], tags.key[i]);
    }
  } else if (singles.empty()) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::size_t i = first + lane;
      burst.from[i] = tags.count[i] == 2 ? pairs.candidate(tags.place[i], tags.key[i]) : kNone;
    }
  } else {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::size_t i = first + lane;
      burst.from[i] =
          tags.count[i] == 2 ? pairs.candidate(tags.place[i], tags.key[i]) : singles[tags.vid[i]];
    }
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const std::size_t i = first + lane;
    __builtin_prefetch(attachments + burst.from[i]);
  }
}

/// Leaves out frames that are for the pipeline.
/// \returns all ones where pairs are to be looked for in further buckets.
[[nodiscard]] Lanes leave_out(const FastTags& tags, std::size_t first, FastBurst& burst) noexcept {
  const Lanes count = load_lanes(&tags.count[first]);
  const Lanes from = load_lanes(&burst.from[first]);
  store_lanes(&burst.from[first], from | where(count == kNone));
  return where(count == 2) & where(from == kNone);
}

/// Looks in further buckets for pairs that are not in the first one.
[[gnu::noinline]] void look_elsewhere(const VlanPairMap::Reader pairs, const FastTags& tags,
                                      std::size_t count, FastBurst& burst) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    if (tags.count[i] == 2 && burst.from[i] == kNone) burst.from[i] = pairs.find(tags.key[i]);
  }
}

/// The first words of several attachments; `indexes` is read.
[[gnu::always_inline]] inline LaneWords words_of(const Attachment* attachments,
                                                 const Lanes indexes) noexcept {
  std::uint32_t index[kLanes];
  store_lanes(index, indexes);
  const std::uint8_t* rows[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) {
    rows[i] = reinterpret_cast<const std::uint8_t*>(attachments + index[i]);
  }
  return four_word_lanes(rows, 0);
}

/// Notes where several frames go, and fetches what sending reads and writes.
/// \returns all ones where that is an attachment.
[[gnu::always_inline]] inline Lanes route(const Table& table, const MemberCounters* members,
                                          std::size_t first, FastBurst& burst) noexcept {
  constexpr auto kToAttachment = static_cast<std::uint32_t>(FastWay::kToAttachment);
  const Attachment* attachments = table.attachments().data();
  const Lanes from = load_lanes(&burst.from[first]);
  const Lanes is_nobodys = where(from == kNone);
  const auto [member, peer, exit, kind] = words_of(attachments, from & ~is_nobodys).words;
  const Lanes is_left = is_nobodys | where((kind & kept(FastBurst::kWay)) == 0);
  const Lanes way = kind & kept(FastBurst::kWay) & ~is_left;
  store_lanes(&burst.from[first], from | is_left);
  store_lanes(&burst.counters_in[first], member * FastBurst::kCountersOfMember);
  store_lanes(&burst.peers[first], peer);
  store_lanes(&burst.ways[first], way);
  const Counter* counters = &members->rx_packets;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const std::size_t i = first + lane;
    __builtin_prefetch(counters + burst.counters_in[i]);
  }
  const Lanes is_to_tunnel = below(kept(kToAttachment), way);
  const bool is_all = is_zero(~is_to_tunnel);
  const Tunnel* tunnels = table.tunnel_list().data();
  for (std::size_t lane = 0; is_all && lane < kLanes; ++lane) {
    __builtin_prefetch(tunnels + burst.peers[first + lane]);
  }
  for (std::size_t lane = 0; !is_all && lane < kLanes; ++lane) {
    const std::size_t i = first + lane;
    if (burst.way(i) > FastWay::kToAttachment) {
      __builtin_prefetch(tunnels + burst.peers[i]);
    } else {
      __builtin_prefetch(attachments + burst.peers[i]);
    }
  }
  return where(way == kToAttachment);
}

/// Notes what is to be known of the attachments that several frames go to.
void read_exits(const Table& table, const MemberCounters* members, std::size_t first,
                FastBurst& burst) noexcept {
  constexpr auto kToAttachment = static_cast<std::uint32_t>(FastWay::kToAttachment);
  const Lanes ways = load_lanes(&burst.ways[first]);
  const Lanes is_meant = where(ways == kToAttachment);
  const Lanes peers = load_lanes(&burst.peers[first]) & is_meant;
  const auto [member, peer, exit, kind] = words_of(table.attachments().data(), peers).words;
  const Lanes tag_bytes = ((kind >> kPopsShift) & 0xff) * kTagBytes;
  store_lanes(&burst.counters_out[first],
              member * FastBurst::kCountersOfMember + FastBurst::kTxCounters);
  store_lanes(&burst.exits[first], exit);
  store_lanes(&burst.ways[first], ways | ((tag_bytes << FastBurst::kTagBytesShift) & is_meant));
  const Counter* counters = &members->rx_packets;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const std::size_t i = first + lane;
    __builtin_prefetch(counters + burst.counters_out[i]);
  }
}

}  // namespace

void find_claims(const Table& table, std::size_t port, const Counters& counters,
                 std::span<const Packet> packets, FastBurst& burst) noexcept {
  const TagMap& map = table.tags(port);
  burst.from.fill(kNone);
  if (map.empty()) return;
  const VlanPairMap::Reader pairs = map.pairs().reader();
  const MemberCounters* members = &counters.members[0];
  const std::size_t count = packets.size();
  FastTags tags;
  // Each step fetches for the whole burst what the next one reads.
  for (std::size_t first = 0; first < count; first += kLanes) {
    read_tags(FastRows(packets, first, kLeastInnerBytes), first, pairs, burst, tags);
  }
  for (std::size_t first = 0; first < count; first += kLanes) {
    claim(map, pairs, table.attachments().data(), tags, first, burst);
  }
  Lanes is_lacking = {};
  for (std::size_t first = 0; first < count; first += kLanes) {
    is_lacking |= leave_out(tags, first, burst);
  }
  if (!is_zero(is_lacking)) [[unlikely]]
    look_elsewhere(pairs, tags, count, burst);
  Lanes is_to_attachment = {};
  for (std::size_t first = 0; first < count; first += kLanes) {
    is_to_attachment |= route(table, members, first, burst);
  }
  if (is_zero(is_to_attachment)) return;
  for (std::size_t first = 0; first < count; first += kLanes) {
    read_exits(table, members, first, burst);
  }
}

}  // namespace adit
