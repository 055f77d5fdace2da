#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "table/table_spec.h"

namespace adit {

// Members as they are handed over by `native/member-records.ts`, which writes what is read here: a
// record each, one behind the other, numbers with the lowest byte first. Change both together.
//
//   every record                      of an attachment, 32 bytes     of a tunnel, 80 bytes and more
//    0 u8  1: a tunnel                12 u16 port                    12 u32 next hop, or all ones
//    1 u8  TagMatch, or TunnelType    14 u16 TPID of the outer tag   16 u32 identifier sent
//    2 u16 flags                      16 u16 outer VID               20 u32 identifier received
//    4 u32 tenant                     18 u16 inner VID               24 u32 flow label, or all ones
//    8 u32 peer, or all ones          20 u16 MTU, or 0               28 u16 UDP port
//                                     22 u8  PCP, or all ones        30 u16 first source port
//                                     23 u8  0                       32 u16 last source port
//                                     24 MAC of the next hop         34 u16 MTU, or 0
//                                     30 u16 0                       36 u16 FlowID, or all ones
//                                                                    38 u8  TTL, or 0
//                                                                    39 u8  DSCP, or all ones
//                                                                    40 u8  Df
//                                                                    41 u8  Oversize
//                                                                    42 u16 0
//                                                                    44 u32 number of sources
//                                                                    48 local address
//                                                                    64 remote address
//                                                                    80 sources, 20 bytes each
//
// An IPv4 address is the first 4 of its 16 bytes, and the rest is 0. A source is an address of the
// tunnel's family and a u32, the length of its prefix.

/// Bytes of a record without the sources behind it.
inline constexpr std::size_t kAttachmentRecordBytes = 32;
inline constexpr std::size_t kTunnelRecordBytes = 80;

/// Bits of a record's flags.
struct AttachmentFlags {
  static constexpr std::uint16_t kKeepTag = 1U << 0;
  static constexpr std::uint16_t kNextHopMac = 1U << 1;
};
struct TunnelFlags {
  static constexpr std::uint16_t kIpv6 = 1U << 0;
  static constexpr std::uint16_t kRemote = 1U << 1;
  static constexpr std::uint16_t kCopyDscp = 1U << 2;
  static constexpr std::uint16_t kZeroEcn = 1U << 3;
  static constexpr std::uint16_t kKeepInnerTags = 1U << 4;
  static constexpr std::uint16_t kMssClamp = 1U << 5;
  static constexpr std::uint16_t kLearnPath = 1U << 6;
  static constexpr std::uint16_t kUdpChecksum = 1U << 7;
  static constexpr std::uint16_t kAcceptZeroChecksum = 1U << 8;
  static constexpr std::uint16_t kDropReserved = 1U << 9;
  static constexpr std::uint16_t kPayloadIp = 1U << 10;
  static constexpr std::uint16_t kSequence = 1U << 11;
  static constexpr std::uint16_t kSendChecksum = 1U << 12;
  static constexpr std::uint16_t kRequireChecksum = 1U << 13;
  /// There are identifiers.
  static constexpr std::uint16_t kIdentifier = 1U << 14;
};

/// Appends the members of whole records. Indexes and VIDs are left to be checked; all else that a
/// record may say is either meaningful or refused. \returns false, with only some of them appended,
/// where a record is cut short or says what none may.
[[nodiscard]] bool read_member_records(std::span<const std::uint8_t> bytes, MemberSpecs& members);

}  // namespace adit
