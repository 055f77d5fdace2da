#pragma once

#include "wire/address.h"
#include "wire/big_endian.h"

namespace adit {

/// Protocol numbers of an Ethernet frame or a GRE payload (IEEE 802 numbers).
enum class EtherType : std::uint16_t {
  kIpv4 = 0x0800,
  kArp = 0x0806,
  kTransparentEthernet = 0x6558,  // RFC 1701, used by GRE for a bridged frame
  kVlan = 0x8100,
  kIpv6 = 0x86dd,
  kServiceVlan = 0x88a8,
};

///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |                   destination MAC (48 bits)                   |
/// |                      source MAC (48 bits)                     |
/// |           EtherType           |
struct EthernetHeader {
  MacAddress destination;
  MacAddress source;
  be16 type;

  [[nodiscard]] EtherType ether_type() const noexcept { return static_cast<EtherType>(type.get()); }
};
static_assert(sizeof(EthernetHeader) == 14 && alignof(EthernetHeader) == 1);

/// Frames shorter than this, without FCS, are padded with zeros on output (IEEE 802.3).
inline constexpr std::uint32_t kMinFrameBytes = 60;

/// |            TPID               | PCP |D|          VID          |   (IEEE 802.1Q)
struct VlanTag {
  be16 tpid;
  be16 tci;

  static constexpr unsigned kPcpShift = 13;

  [[nodiscard]] std::uint16_t vid() const noexcept { return tci.get() & 0x0fff; }
  [[nodiscard]] std::uint8_t pcp() const noexcept {
    return static_cast<std::uint8_t>(tci.get() >> kPcpShift);
  }
  [[nodiscard]] bool dei() const noexcept { return (tci.get() & 0x1000) != 0; }
};
static_assert(sizeof(VlanTag) == 4 && alignof(VlanTag) == 1);

[[nodiscard]] constexpr std::uint16_t tci_of(std::uint8_t pcp, std::uint16_t vid) noexcept {
  return static_cast<std::uint16_t>((pcp << VlanTag::kPcpShift) | vid);
}

[[nodiscard]] constexpr bool is_vlan(EtherType type) noexcept {
  return type == EtherType::kVlan || type == EtherType::kServiceVlan;
}

}  // namespace adit
