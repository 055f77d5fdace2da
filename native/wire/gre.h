#pragma once

#include "wire/big_endian.h"

namespace adit {

/// |C|r|K|S|r r|     reserved0   | Ver |         protocol type     |   RFC 2784 §2.1, RFC 2890 §2
/// |      checksum (if C)          |      reserved1 (if C)         |
/// |                          key (if K)                           |
/// |                    sequence number (if S)                     |
struct GreHeader {
  be16 flags_version;
  be16 protocol;

  static constexpr std::uint16_t kChecksum = 0x8000;
  static constexpr std::uint16_t kKey = 0x2000;
  static constexpr std::uint16_t kSequence = 0x1000;
  /// Bits 1, 4 and 5: a packet with one of them is discarded (RFC 2784 §2.3, K and S by RFC 2890).
  static constexpr std::uint16_t kMustBeZero = 0x4c00;
  static constexpr std::uint16_t kVersionMask = 0x0007;

  [[nodiscard]] bool has(std::uint16_t bit) const noexcept {
    return (flags_version.get() & bit) != 0;
  }
  /// Bytes of the whole header, as the C, K and S bits say.
  [[nodiscard]] std::uint32_t header_bytes() const noexcept {
    return 4U + (has(kChecksum) ? 4U : 0U) + (has(kKey) ? 4U : 0U) + (has(kSequence) ? 4U : 0U);
  }
};
static_assert(sizeof(GreHeader) == 4 && alignof(GreHeader) == 1);

struct GreChecksumField {
  be16 checksum;
  be16 reserved1;
};
static_assert(sizeof(GreChecksumField) == 4);

}  // namespace adit
