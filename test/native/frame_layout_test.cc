#include <doctest/doctest.h>

#include <cerrno>
#include <vector>

#include "port/interface_info.h"
#include "steer/attach.h"
#include "worker/frame_layout.h"

using adit::choose_layout;
using adit::FrameLayout;
using adit::PortConfig;

namespace {

FrameLayout layout_for(const std::vector<std::uint32_t>& mtus, bool has_multi_buffer,
                       std::uint32_t headroom = 0, std::uint32_t frame_size = 0) {
  std::vector<PortConfig> ports(mtus.size());
  ports[0].headroom = headroom;
  ports[0].frame_size = frame_size;
  return choose_layout(ports, mtus, has_multi_buffer);
}

}  // namespace

TEST_CASE("choose_layout takes larger frames by MTU, then several of them where the kernel can") {
  const FrameLayout small = layout_for({1500, 1770}, true);
  CHECK(small.frame_bytes == 2048);
  CHECK(small.max_buffers == 1);
  const FrameLayout page = layout_for({1500, 1771}, true);
  CHECK(page.frame_bytes == 4096);
  CHECK(page.max_buffers == 1);
  CHECK(layout_for({3818, 1500}, true).max_buffers == 1);
  const FrameLayout jumbo = layout_for({1500, 3819}, true);
  CHECK(jumbo.frame_bytes == 4096);
  CHECK(jumbo.max_buffers == adit::kMaxBuffers);
  CHECK(adit::largest_mtu(jumbo) >= 65535);
  CHECK(layout_for({1500, 9000}, false).max_buffers == 1);
}

TEST_CASE("choose_layout keeps the frame size and headroom that are asked for") {
  // The other port still asks for more by its MTU.
  CHECK(layout_for({1500, 9000}, true, 64, 2048).frame_bytes == 4096);
  const FrameLayout small = layout_for({9000}, true, 64, 2048);
  CHECK(small.frame_bytes == 2048);
  CHECK(small.data_offset == 256 + 64);
  CHECK(small.max_buffers == adit::kMaxBuffers);
  CHECK(adit::buffers_for(9000, small) == 6);
  CHECK(adit::largest_mtu(adit::one_frame(small)) == 2048 - 320 - 22);
}

TEST_CASE("a driver that refuses several buffers is told with the MTU that takes one") {
  const adit::Failure refused = adit::attach_failure("eth0", 1, true, EINVAL, 3818);
  CHECK(refused.code() == "ADIT-2005");
  CHECK(refused.fix().find("`ip link set dev eth0 mtu 3818`") != std::string::npos);
  const adit::Failure other = adit::attach_failure("eth0", 1, true, EINVAL);
  CHECK(other.fix().find("mtu") == std::string::npos);
  // Too few queues: no MTU helps.
  const adit::Failure queues = adit::attach_failure("eth0", 1, true, ENOSPC, 3818);
  CHECK(queues.fix().find("mtu") == std::string::npos);
}
