#pragma once

#include "wire/big_endian.h"

namespace adit {

/// |R|R|R|R|I|R|R|R|            reserved                           |   RFC 7348 §5
/// |                VXLAN network identifier       |   reserved    |
struct VxlanHeader {
  std::uint8_t flags;
  std::uint8_t reserved[3];
  be32 vni_reserved;

  /// The I bit: the VNI is valid. It must be 1; all other bits are sent 0 and ignored on receipt.
  static constexpr std::uint8_t kVniValid = 0x08;
  static constexpr std::uint32_t kMaxVni = 0xffffff;

  [[nodiscard]] std::uint32_t vni() const noexcept { return vni_reserved.get() >> 8; }
};
static_assert(sizeof(VxlanHeader) == 8 && alignof(VxlanHeader) == 1);

}  // namespace adit
