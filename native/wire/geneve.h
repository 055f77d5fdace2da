#pragma once

#include "wire/big_endian.h"

namespace adit {

/// |Ver|  opt len  |O|C|   reserved  |         protocol type         |   RFC 8926 §3.4
/// |            virtual network identifier         |    reserved     |
/// |                     options, `opt len` words of 4 bytes         |
struct GeneveHeader {
  std::uint8_t version_length;
  std::uint8_t flags;
  be16 protocol;
  be32 vni_reserved;

  /// O: a control packet. C: at least one option is critical.
  static constexpr std::uint8_t kControl = 0x80;
  static constexpr std::uint8_t kCritical = 0x40;
  static constexpr std::uint32_t kMaxVni = 0xffffff;

  [[nodiscard]] std::uint8_t version() const noexcept { return version_length >> 6; }
  [[nodiscard]] std::uint32_t options_bytes() const noexcept {
    return (version_length & 0x3fU) * 4U;
  }
  [[nodiscard]] std::uint32_t vni() const noexcept { return vni_reserved.get() >> 8; }
};
static_assert(sizeof(GeneveHeader) == 8 && alignof(GeneveHeader) == 1);

/// |         option class          |C|    type     |R|R|R| length  |   RFC 8926 §3.5
struct GeneveOption {
  be16 option_class;
  std::uint8_t type;
  std::uint8_t length;

  static constexpr std::uint8_t kCritical = 0x80;

  /// Bytes of the whole option, its header included.
  [[nodiscard]] std::uint32_t bytes() const noexcept { return 4U + (length & 0x1fU) * 4U; }
};
static_assert(sizeof(GeneveOption) == 4 && alignof(GeneveOption) == 1);

}  // namespace adit
