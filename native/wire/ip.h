#pragma once

#include "wire/address.h"
#include "wire/big_endian.h"

namespace adit {

enum class IpProto : std::uint8_t {
  kHopByHop = 0,
  kIcmp = 1,
  kTcp = 6,
  kUdp = 17,
  kRouting = 43,
  kFragment = 44,
  kGre = 47,
  kAuthentication = 51,
  kIcmpv6 = 58,
  kDestinationOptions = 60,
};

///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |Version|  IHL  |   DSCP    |ECN|         total length          |   RFC 791, 2474, 3168
/// |         identification        |Flags|     fragment offset     |
/// |      TTL      |    protocol   |        header checksum        |
/// |                        source address                         |
/// |                     destination address                       |
struct Ipv4Header {
  std::uint8_t version_ihl;
  std::uint8_t tos;
  be16 total_length;
  be16 identification;
  be16 flags_offset;
  std::uint8_t ttl;
  std::uint8_t protocol;
  be16 checksum;
  std::uint8_t source[4];
  std::uint8_t destination[4];

  /// Version and length of a header without options.
  static constexpr std::uint8_t kNoOptions = 0x45;
  static constexpr std::uint16_t kDontFragment = 0x4000;
  static constexpr std::uint16_t kMoreFragments = 0x2000;
  static constexpr std::uint16_t kOffsetMask = 0x1fff;

  [[nodiscard]] std::uint8_t version() const noexcept { return version_ihl >> 4; }
  /// Header length in bytes, as the IHL field says; valid only when >= 20.
  [[nodiscard]] std::uint32_t header_bytes() const noexcept { return (version_ihl & 0x0fU) * 4U; }
  [[nodiscard]] IpProto proto() const noexcept { return static_cast<IpProto>(protocol); }
  /// True for every fragment, the first included.
  [[nodiscard]] bool is_fragment() const noexcept {
    return (flags_offset.get() & (kMoreFragments | kOffsetMask)) != 0;
  }
};
static_assert(sizeof(Ipv4Header) == 20 && alignof(Ipv4Header) == 1);

///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |Version| traffic class |              flow label               |   RFC 8200
/// |        payload length         |  next header  |   hop limit   |
/// |                  source address (128 bits)                    |
/// |                destination address (128 bits)                 |
struct Ipv6Header {
  be32 version_class_label;
  be16 payload_length;
  std::uint8_t next_header;
  std::uint8_t hop_limit;
  std::uint8_t source[16];
  std::uint8_t destination[16];

  [[nodiscard]] std::uint8_t version() const noexcept {
    return static_cast<std::uint8_t>(version_class_label.get() >> 28);
  }
  [[nodiscard]] std::uint8_t traffic_class() const noexcept {
    return static_cast<std::uint8_t>(version_class_label.get() >> 20);
  }
  [[nodiscard]] std::uint32_t flow_label() const noexcept {
    return version_class_label.get() & 0xfffffU;
  }
};
static_assert(sizeof(Ipv6Header) == 40 && alignof(Ipv6Header) == 1);

}  // namespace adit
