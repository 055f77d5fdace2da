#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "packet/tags.h"
#include "table/table_spec.h"
#include "table/vlan_pair_map.h"

namespace adit {

/// An attachment as the packet path needs it.
struct Attachment {
  std::uint16_t port = 0;
  /// Largest IP packet sent out here; 0: the port's MTU.
  std::uint16_t mtu = 0;
  TagMatch match = TagMatch::kUntagged;
  EtherType outer_tpid = EtherType::kVlan;
  std::uint16_t outer = 0;
  std::uint16_t inner = 0;
  /// Tags taken off on the way in and put on on the way out.
  std::uint8_t pops = 0;
  bool keep_tag = false;
  bool inherit_pcp = false;
  std::uint8_t pcp = 0;
  /// The other end of its cross-connect carries IP packets.
  bool faces_ip = false;
  /// Where those are sent; none: to the neighbor that was learned.
  std::optional<MacAddress> next_hop_mac;
};

/// Which member claims a frame of one port by its tags; the most specific claim
/// wins.
class TagMap {
 public:
  void add(const AttachmentSpec& spec, std::uint32_t member);

  [[nodiscard]] bool empty() const noexcept { return !has_any_claim_; }
  /// The member, or kNoMember.
  [[nodiscard]] std::uint32_t find(const Tags& tags) const noexcept;

 private:
  [[nodiscard]] std::uint32_t find_exact(const Tags& tags) const noexcept;
  [[nodiscard]] std::uint32_t find_outer(const Tags& tags) const noexcept;

  bool has_any_claim_ = false;
  /// By VID; 0 is untagged. Empty where nothing is claimed so.
  std::vector<std::uint32_t> single_;
  std::vector<std::uint32_t> outer_customer_;
  std::vector<std::uint32_t> outer_service_;
  VlanPairMap double_;
  std::uint32_t any_ = kNoMember;
};

}  // namespace adit
