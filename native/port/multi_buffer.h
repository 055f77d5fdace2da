#pragma once

#include <cstdint>

namespace adit {

// From <linux/if_xdp.h> of Linux 6.6; the headers that we build with may be older.

/// Bind flag XDP_USE_SG: packets may take several descriptors.
inline constexpr std::uint16_t kUseMultiBuffer = 1U << 4;
/// Descriptor option XDP_PKT_CONTD: the packet goes on in the next descriptor.
inline constexpr std::uint32_t kPacketContinues = 1U << 0;

}  // namespace adit
