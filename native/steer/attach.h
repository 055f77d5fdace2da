#pragma once

#include <string>

#include "packet/failure.h"

namespace adit {

/// Attaches an XDP program by a bpf_link, waiting a bounded time while the place is taken.
/// \param native at the driver's hook, else generic. Returns the link's fd, or -errno.
[[nodiscard]] int create_xdp_link(int program_fd, unsigned ifindex, bool native) noexcept;

/// Is it an errno of `create_xdp_link` that says that another program is in place?
[[nodiscard]] bool is_taken(int error) noexcept;

/// Why native mode was refused, in words.
[[nodiscard]] std::string native_refusal(int error);

/// What `create_xdp_link` failed of. \param one_buffer_mtu where the program takes packets of
/// several buffers, which not every driver has in native mode: the MTU that takes one; else 0.
[[nodiscard]] Failure attach_failure(const std::string& interface, unsigned ifindex, bool native,
                                     int error, unsigned one_buffer_mtu = 0);

}  // namespace adit
