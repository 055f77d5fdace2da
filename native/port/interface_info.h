#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "packet/frame_pool.h"
#include "wire/address.h"

namespace adit {

/// What has to be known of a Linux interface to open it as a port.
struct InterfaceInfo {
  std::string name;
  unsigned ifindex = 0;
  MacAddress mac;
  /// IP MTU in bytes.
  std::uint32_t mtu = 0;
  /// Empty when the driver does not tell.
  std::string driver;
  std::uint32_t rx_queues = 0;
  std::uint32_t tx_queues = 0;
  /// Queues are set in pairs (`ethtool -L IF combined N`), else as `rx N tx N`.
  bool combined_queues = false;
  /// Administratively up.
  bool up = false;
};

/// Reads the facts of an interface in this thread's network namespace.
/// \throws Failure ADIT-2101 when there is no such interface, ADIT-2110 when it cannot be read.
[[nodiscard]] InterfaceInfo read_interface(const std::string& name);

/// Bytes of Ethernet header and two VLAN tags that come on top of an IP packet of MTU size.
inline constexpr std::uint32_t kLinkBytes = 14 + 2 * 4;

/// The layout with packets of one frame each.
[[nodiscard]] constexpr FrameLayout one_frame(FrameLayout layout) noexcept {
  layout.max_buffers = 1;
  return layout;
}

/// The largest MTU whose frames fit what a packet may take of packet memory.
[[nodiscard]] constexpr std::uint32_t largest_mtu(const FrameLayout& layout) noexcept {
  const std::uint32_t bytes = layout.capacity() * layout.max_buffers;
  return bytes > kLinkBytes ? bytes - kLinkBytes : 0;
}

/// Packet memory frames that a packet of that MTU takes.
[[nodiscard]] constexpr std::uint32_t buffers_for(std::uint32_t mtu,
                                                  const FrameLayout& layout) noexcept {
  return (mtu + kLinkBytes + layout.capacity() - 1) / layout.capacity();
}

/// \throws Failure ADIT-2102 when frames of the interface's MTU do not fit.
void require_mtu_fits(const InterfaceInfo& interface, const FrameLayout& layout);

/// Whether the driver's interrupts wait while somebody polls it (`napi_defer_hard_irqs` and
/// `gro_flush_timeout`), which busy polling is in vain without; true when that cannot be read.
[[nodiscard]] bool defers_interrupts(const std::string& name);

/// How many queues to claim when `wanted` are asked for (nothing: all).
/// \throws Failure ADIT-2103 when the interface has fewer, or spreads packets over more.
[[nodiscard]] std::uint32_t claimed_queues(const InterfaceInfo& interface,
                                           std::optional<std::uint32_t> wanted);

}  // namespace adit
