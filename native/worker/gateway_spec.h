#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "netlink/next_hop.h"
#include "steer/steering_config.h"
#include "table/next_hop.h"
#include "table/table_spec.h"

namespace adit {

/// How a port's interface is opened.
struct PortConfig {
  enum class XdpMode : std::uint8_t { kAuto, kNative, kGeneric };
  enum class ZeroCopy : std::uint8_t { kAuto, kOn, kOff };

  std::string name;
  std::string interface;
  std::uint32_t headroom = 0;
  std::uint32_t reserved_headroom = 0;
  /// 0: chosen by MTU.
  std::uint32_t frame_size = 0;
  /// UMEM chunks a queue.
  std::uint32_t frames = 8192;
  std::uint32_t ring_size = 2048;
  /// 0: all.
  std::uint32_t queues = 0;
  XdpMode xdp_mode = XdpMode::kAuto;
  ZeroCopy zero_copy = ZeroCopy::kAuto;
  bool busy_poll = false;
};

/// The whole compiled configuration, as native code sees it.
struct GatewaySpec {
  TableSpec table;
  std::vector<PortConfig> ports;
  UnderlayOptions underlay;
  std::vector<OuterPair> next_hops;
  std::vector<IpPrefix> block;
};

/// What the steering rules must know: claims of attachments, endpoints of
/// tunnels, blocked sources. \param macs of the ports, by index.
[[nodiscard]] SteeringConfig make_steering_config(const GatewaySpec& spec,
                                                  const std::vector<MacAddress>& macs);

/// The packet path's record of what the underlay says.
[[nodiscard]] NextHop to_next_hop(const NextHopState& state) noexcept;

}  // namespace adit
