#pragma once

#include "wire/address.h"
#include "wire/big_endian.h"

namespace adit {

/// |     type      |     code      |           checksum            |   RFC 4861 §4.3, §4.4
/// |R|S|O|                       reserved                          |
/// |                    target address (128 bits)                  |
/// Neighbor solicitation and advertisement; R, S and O are the latter's. Options follow.
struct NeighborMessage {
  std::uint8_t type;
  std::uint8_t code;
  be16 checksum;
  be32 flags;
  std::uint8_t target[16];

  static constexpr std::uint8_t kRouterSolicitation = 133;
  static constexpr std::uint8_t kSolicitation = 135;
  static constexpr std::uint8_t kAdvertisement = 136;
  static constexpr std::uint8_t kRedirect = 137;
  static constexpr std::uint32_t kSolicited = 0x40000000;
  static constexpr std::uint32_t kOverride = 0x20000000;
};
static_assert(sizeof(NeighborMessage) == 24 && alignof(NeighborMessage) == 1);

/// |     type      | length/8 bytes|    link-layer address ...     |   RFC 4861 §4.6.1
struct LinkLayerOption {
  std::uint8_t type;
  std::uint8_t length;
  MacAddress mac;

  static constexpr std::uint8_t kSource = 1;
  static constexpr std::uint8_t kTarget = 2;
};
static_assert(sizeof(LinkLayerOption) == 8 && alignof(LinkLayerOption) == 1);

}  // namespace adit
