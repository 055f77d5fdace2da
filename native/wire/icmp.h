#pragma once

#include "wire/big_endian.h"

namespace adit {

/// |     type      |     code      |           checksum            |   RFC 792, RFC 4443 §2.1
/// |              of an error: unused, or the MTU                  |   RFC 1191 §4, RFC 4443 §3.2
/// The message's body follows; of an error, as much of the packet that it is about as fits.
struct IcmpHeader {
  std::uint8_t type;
  std::uint8_t code;
  be16 checksum;
  be32 rest;
};
static_assert(sizeof(IcmpHeader) == 8 && alignof(IcmpHeader) == 1);

namespace icmpv4 {
inline constexpr std::uint8_t kUnreachable = 3;
/// Code of kUnreachable: fragmentation needed and DF set; bytes 6-7 hold the next hop's MTU.
inline constexpr std::uint8_t kTooBig = 4;
inline constexpr std::uint8_t kNetUnreachable = 0;
inline constexpr std::uint8_t kHostUnreachable = 1;
inline constexpr std::uint8_t kProtocolUnreachable = 2;
inline constexpr std::uint8_t kTimeExceeded = 11;
inline constexpr std::uint8_t kParameterProblem = 12;
/// A host that takes part in RFC 791 accepts this much, so no smaller MTU is worth telling, and no
/// longer message is sure to arrive.
inline constexpr std::uint32_t kSureBytes = 576;
}  // namespace icmpv4

namespace icmpv6 {
inline constexpr std::uint8_t kUnreachable = 1;
inline constexpr std::uint8_t kTooBig = 2;
inline constexpr std::uint8_t kTimeExceeded = 3;
inline constexpr std::uint8_t kParameterProblem = 4;
/// Codes of kUnreachable.
inline constexpr std::uint8_t kNoRoute = 0;
inline constexpr std::uint8_t kAddressUnreachable = 3;
/// Types from here on are no errors (RFC 4443 §2.1).
inline constexpr std::uint8_t kFirstInformational = 128;
inline constexpr std::uint8_t kRedirect = 137;
/// Smallest MTU of an IPv6 link (RFC 8200 §5).
inline constexpr std::uint32_t kSureBytes = 1280;
}  // namespace icmpv6

}  // namespace adit
