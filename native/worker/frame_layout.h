#pragma once

#include <cstdint>
#include <span>

#include "packet/frame_pool.h"
#include "worker/gateway_spec.h"

namespace adit {

/// How the frames of a worker are laid out that serves all these ports: the largest of what they
/// ask for, frames of 2048 bytes or 4096 where an MTU asks for it, and packets of several frames
/// only where an MTU does not fit one.
/// \param mtus of the ports' interfaces. \param has_multi_buffer the kernel can.
[[nodiscard]] FrameLayout choose_layout(std::span<const PortConfig> ports,
                                        std::span<const std::uint32_t> mtus, bool has_multi_buffer);

}  // namespace adit
