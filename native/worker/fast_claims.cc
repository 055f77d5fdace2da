#include "worker/fast_claims.h"

#include "worker/fast_frame.h"
#include "worker/fast_rows.h"

namespace adit {
namespace {

constexpr std::uint32_t kTypeOffset = 2 * sizeof(MacAddress);
constexpr std::uint32_t kTagBytes = sizeof(VlanTag);
constexpr std::uint32_t kLow = 0xffff;
constexpr std::uint16_t kVidMask = 0x0fff;

/// How the frames of a burst are tagged, by place in the burst.
struct FastTags {
  /// Tags in front of an ordinary packet; kNone: it is for the pipeline.
  alignas(32) FastBurst::Column count;
  /// Of two tags, the key of the pair and its hash.
  alignas(32) FastBurst::Column key;
  alignas(32) FastBurst::Column hash;
  /// The outer tag's TCI as it stands in the frame.
  alignas(32) FastBurst::Column tci;
};

/// One of two words, by lane.
Lanes choose(Lanes is_first, Lanes first, Lanes second) noexcept {
  return (first & is_first) | (second & ~is_first);
}

/// Reads tags, and what stands behind them, of several frames.
[[gnu::always_inline]] inline void read_tags(const FastRows& rows, std::size_t first,
                                             FastBurst& burst, FastTags& tags) noexcept {
  const auto [outer, inner, behind_two, unused] = four_word_lanes(rows.data(), kTypeOffset).words;
  const Lanes is_service = where((outer & kLow) == raw(EtherType::kServiceVlan));
  const Lanes is_tagged = is_service | where((outer & kLow) == raw(EtherType::kVlan));
  const Lanes is_pair = is_tagged & where((inner & kLow) == raw(EtherType::kVlan));
  const Lanes word = choose(is_pair, behind_two, choose(is_tagged, inner, outer));
  const Lanes count = (is_tagged & 1) + (is_pair & 1);
  // Nobody claims a single service tag but as the outer one of any two.
  Lanes wrong = is_service & ~is_pair;
  const Lanes read = read_inner(word, rows.sizes() - count * kTagBytes, wrong);
  store_lanes(&burst.inner[first], read);
  store_lanes(&tags.count[first], count | where(wrong != 0));
  const Lanes key = VlanPairMap::keys_of(is_service, outer, inner);
  store_lanes(&tags.key[first], key);
  store_lanes(&tags.hash[first], VlanPairMap::hash_of(key));
  store_lanes(&tags.tci[first], outer >> 16);
}

/// The claim, or kNone where what it takes is always for the pipeline.
std::uint32_t with_way(const Table& table, std::uint32_t claim) noexcept {
  const bool has_way = claim != TagMap::kNone && table.attachment(claim).fast_way != FastWay::kNone;
  return has_way ? claim : FastBurst::kNone;
}

/// The claim of a single tag. \param tci as it stands in the frame.
std::uint32_t single_claim(const Table& table, const TagMap& tags, std::uint32_t tci) noexcept {
  const std::uint16_t vid = be16::from_raw(static_cast<std::uint16_t>(tci)).get() & kVidMask;
  // VID 0 is a priority alone.
  return vid == 0 ? FastBurst::kNone : with_way(table, tags.single(vid));
}

}  // namespace

void find_claims(const Table& table, std::size_t port, const Counters& counters,
                 std::span<const Packet> packets, FastBurst& burst) noexcept {
  static_assert(FastBurst::kNone == TagMap::kNone);
  const TagMap& map = table.tags(port);
  const VlanPairMap::Reader pairs = map.pairs().reader();
  const std::uint32_t untagged = with_way(table, map.untagged());
  const std::size_t count = packets.size();
  FastTags tags;
  for (std::size_t first = 0; first < count; first += kLanes) {
    read_tags(FastRows(packets, first, kLeastInnerBytes), first, burst, tags);
  }
  // Each step fetches for the whole burst what the next one reads.
  bool is_any_pair = false;
  burst.from.fill(FastBurst::kNone);
  for (std::size_t i = 0; i < count; ++i) {
    if (tags.count[i] == 2) {
      is_any_pair = true;
      pairs.prefetch(tags.hash[i]);
    } else if (tags.count[i] == 1) {
      burst.from[i] = single_claim(table, map, tags.tci[i]);
    } else if (tags.count[i] == 0) {
      burst.from[i] = untagged;
    }
  }
  if (!is_any_pair) return;
  const Attachment* attachments = table.attachments().data();
  const Tunnel* tunnels = table.tunnel_list().data();
  const MemberCounters* members = &counters.members[0];
  for (std::size_t i = 0; i < count; ++i) {
    if (tags.count[i] != 2) continue;
    const std::uint32_t claim = pairs.find(tags.hash[i], tags.key[i]);
    burst.from[i] = claim;
    if (claim != TagMap::kNone) __builtin_prefetch(&attachments[claim]);
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (!burst.has(i)) continue;
    const Attachment& attachment = attachments[burst.from[i]];
    __builtin_prefetch(&members[attachment.member]);
    if (attachment.fast_way > FastWay::kToAttachment) {
      __builtin_prefetch(&tunnels[attachment.peer_index]);
    } else if (attachment.fast_way == FastWay::kNone) {
      burst.from[i] = FastBurst::kNone;
    }
  }
}

}  // namespace adit
