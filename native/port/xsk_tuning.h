#pragma once

#include <cstdint>
#include <string>

namespace adit {

/// Lets the socket have more packets under way: peers that free them late keep them charged to it.
/// Without CAP_NET_ADMIN the system's limit stands.
void raise_send_buffer(int fd) noexcept;

/// Lets one system call send a whole burst in copy mode (XDP_MAX_TX_SKB_BUDGET, Linux 6.17), where
/// it sends 32 packets otherwise. False where the kernel does not know it.
/// \pre the socket has a TX ring of at least `packets` entries.
bool raise_send_budget(int fd, std::uint32_t packets) noexcept;

/// Lets the socket's user drive the driver instead of its interrupts (SO_PREFER_BUSY_POLL, Linux
/// 5.11), `packets` at a time. Returns why not; empty when it may.
[[nodiscard]] std::string prefer_busy_poll(int fd, std::uint32_t packets);

/// The driver's polling instance (NAPI) that serves the socket's queue; 0 while the driver, or the
/// kernel, has not told it.
[[nodiscard]] unsigned napi_of(int fd) noexcept;

}  // namespace adit
