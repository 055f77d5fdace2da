#pragma once

#include "wire/address.h"
#include "wire/big_endian.h"

namespace adit {

/// |         hardware type         |         protocol type         |   RFC 826
/// | hw addr bytes | proto a. bytes|           operation           |
/// followed by MAC and IPv4 address of the sender and of the target. Only this combination of
/// address kinds, Ethernet and IPv4, has this layout.
struct ArpPacket {
  be16 hardware_type;
  be16 protocol_type;
  std::uint8_t hardware_bytes;
  std::uint8_t protocol_bytes;
  be16 operation;
  MacAddress sender_mac;
  std::uint8_t sender_ip[4];
  MacAddress target_mac;
  std::uint8_t target_ip[4];

  static constexpr std::uint16_t kEthernet = 1;
  static constexpr std::uint16_t kRequest = 1;
  static constexpr std::uint16_t kReply = 2;
};
static_assert(sizeof(ArpPacket) == 28 && alignof(ArpPacket) == 1);

}  // namespace adit
