#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "packet/tags.h"
#include "table/fast_way.h"
#include "table/table_spec.h"
#include "table/vlan_pair_map.h"

namespace adit {

/// An attachment as the packet path needs it; half a cache line. The fast path reads the first four
/// words of several side by side.
struct alignas(32) Attachment {
  static constexpr std::uint16_t kNoMtu = 0xffff;

  std::uint32_t member = kNoMember;
  /// Index of the attachment or tunnel at the other end of its cross-connect.
  std::uint32_t peer_index = 0;
  std::uint16_t port = 0;
  /// Largest IP packet sent out here, as far as the port's MTU allows it.
  std::uint16_t mtu = kNoMtu;
  FastWay fast_way = FastWay::kNone;
  /// Tags taken off on the way in and put on on the way out.
  std::uint8_t pops = 0;
  EtherType outer_tpid = EtherType::kVlan;
  std::uint16_t outer = 0;
  std::uint16_t inner = 0;
  TagMatch match = TagMatch::kUntagged;
  std::uint8_t pcp = 0;
  bool keep_tag : 1 = false;
  bool inherit_pcp : 1 = false;
  /// The other end of its cross-connect carries IP packets.
  bool faces_ip : 1 = false;
  /// The table knows where those are sent; else to the neighbor that was learned.
  bool has_next_hop_mac : 1 = false;
  /// It takes and puts on whole tag sets that are known beforehand.
  bool is_plain : 1 = false;
  /// The tags that are put on, as they are sent, where no priority is inherited: outer and inner
  /// one, or one alone.
  be16 tags[4] = {};
};
static_assert(sizeof(Attachment) == 32);

/// Which attachment claims a frame of one port by its tags; the most specific claim
/// wins.
class TagMap {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  /// Makes room for so many claims of two tags.
  void reserve_pairs(std::size_t pairs) { double_.reserve(pairs); }
  void add(const AttachmentSpec& spec, std::uint32_t attachment);

  [[nodiscard]] bool empty() const noexcept { return !has_any_claim_; }
  /// Index of the attachment, or kNone.
  [[nodiscard]] std::uint32_t find(const Tags& tags) const noexcept;

  /// Whether nobody claims tagged frames.
  [[nodiscard]] bool is_untagged_only() const noexcept { return is_untagged_only_; }
  /// The claims of exactly these tags, whoever else would take such a frame; kNone: nobody's.
  [[nodiscard]] std::uint32_t untagged() const noexcept { return claimed(single_, 0); }
  /// The same of a single tag by VID, and in the place of VID 0 of no tags; empty: nobody's.
  [[nodiscard]] std::span<const std::uint32_t> singles() const noexcept { return single_; }
  [[nodiscard]] const VlanPairMap& pairs() const noexcept { return double_; }

 private:
  [[nodiscard]] static std::uint32_t claimed(const std::vector<std::uint32_t>& vids,
                                             std::uint16_t vid) noexcept {
    return vids.empty() ? kNone : vids[vid];
  }
  [[nodiscard]] std::uint32_t find_exact(const Tags& tags) const noexcept;
  [[nodiscard]] std::uint32_t find_outer(const Tags& tags) const noexcept;

  bool has_any_claim_ = false;
  bool is_untagged_only_ = true;
  /// By VID; 0 is untagged. Empty where nothing is claimed so.
  std::vector<std::uint32_t> single_;
  std::vector<std::uint32_t> outer_customer_;
  std::vector<std::uint32_t> outer_service_;
  VlanPairMap double_;
  std::uint32_t any_ = kNone;
};

}  // namespace adit
