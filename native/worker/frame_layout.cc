#include "worker/frame_layout.h"

#include <algorithm>

#include "port/interface_info.h"

namespace adit {

FrameLayout choose_layout(std::span<const PortConfig> ports, std::span<const std::uint32_t> mtus,
                          bool has_multi_buffer) {
  constexpr std::uint32_t kSmallFrame = 2048;
  constexpr std::uint32_t kLargeFrame = 4096;
  FrameLayout layout{.frame_bytes = kSmallFrame, .data_offset = kKernelHeadroom};
  for (const PortConfig& port : ports) {
    layout.data_offset = std::max(layout.data_offset, kKernelHeadroom + port.headroom);
    layout.frame_bytes = std::max(layout.frame_bytes, port.frame_size);
  }
  const auto is_beyond = [&layout](std::uint32_t mtu) { return mtu > largest_mtu(layout); };
  for (std::size_t i = 0; i < ports.size(); ++i) {
    if (ports[i].frame_size == 0 && is_beyond(mtus[i])) layout.frame_bytes = kLargeFrame;
  }
  if (has_multi_buffer && std::ranges::any_of(mtus, is_beyond)) layout.max_buffers = kMaxBuffers;
  return layout;
}

}  // namespace adit
