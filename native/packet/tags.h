#pragma once

#include <cstdint>

#include "packet/packet.h"
#include "wire/ethernet.h"

namespace adit {

/// The VLAN tags in front of a frame's payload.
struct Tags {
  /// 0 to 3; 3 stands for three and more.
  std::uint8_t count = 0;
  EtherType outer_tpid = EtherType::kVlan;
  EtherType inner_tpid = EtherType::kVlan;
  std::uint16_t outer_tci = 0;
  std::uint16_t inner_tci = 0;

  [[nodiscard]] std::uint16_t outer_vid() const noexcept { return outer_tci & 0x0fff; }
  [[nodiscard]] std::uint16_t inner_vid() const noexcept { return inner_tci & 0x0fff; }
  /// A single tag that gives a priority and no VLAN (IEEE 802.1Q §6.9).
  [[nodiscard]] bool is_priority_tag() const noexcept {
    return count == 1 && outer_tpid == EtherType::kVlan && outer_vid() == 0;
  }
};

/// Reads the tags of a frame; one that the frame ends inside makes the count 3.
/// \pre the frame has an Ethernet header.
[[nodiscard]] inline Tags read_tags(const Packet& frame) noexcept {
  Tags tags;
  EtherType type = frame.at<EthernetHeader>(0)->ether_type();
  std::uint32_t offset = sizeof(EthernetHeader);
  while (is_vlan(type) && tags.count < 3) {
    const auto* behind = frame.at<be32>(offset);
    if (behind == nullptr) {
      // A tag that the frame ends inside makes no set of one or two.
      tags.count = 3;
      break;
    }
    const auto tci = static_cast<std::uint16_t>(behind->get() >> 16);
    if (tags.count == 0) {
      tags.outer_tpid = type;
      tags.outer_tci = tci;
    } else if (tags.count == 1) {
      tags.inner_tpid = type;
      tags.inner_tci = tci;
    }
    ++tags.count;
    type = static_cast<EtherType>(behind->get() & 0xffff);
    offset += std::uint32_t{sizeof(VlanTag)};
  }
  return tags;
}

/// The tags as they are with one more in front.
[[nodiscard]] constexpr Tags with_outer(const Tags& tags, EtherType tpid,
                                        std::uint16_t tci) noexcept {
  return {.count = static_cast<std::uint8_t>(tags.count < 3 ? tags.count + 1 : 3),
          .outer_tpid = tpid,
          .inner_tpid = tags.outer_tpid,
          .outer_tci = tci,
          .inner_tci = tags.outer_tci};
}

}  // namespace adit
