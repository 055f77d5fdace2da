#pragma once

#include <cstdint>

#include "packet/mix.h"
#include "table/endpoint_map.h"

namespace adit {

/// The endpoint of the packet before, which mostly is that of the next one.
class EndpointMemo {
 public:
  explicit EndpointMemo(const EndpointMap& endpoints) noexcept : endpoints_(&endpoints) {}

  /// \param udp_port as it stands in the packet; 0 of GRE. False where there is none.
  [[nodiscard]] bool find_ipv4(const std::uint8_t* address, IpProto proto,
                               std::uint16_t udp_port) noexcept {
    const std::uint64_t key = (std::uint64_t{udp_port} << 48) |
                              (static_cast<std::uint64_t>(proto) << 32) | load32(address);
    if (key == ipv4_key_) [[likely]] {
      return true;
    }
    ipv4_key_ = look_up(IpAddress::v4(address), proto, udp_port) ? key : 0;
    return ipv4_key_ != 0;
  }
  [[nodiscard]] bool find_ipv6(const std::uint8_t* address, IpProto proto,
                               std::uint16_t udp_port) noexcept {
    ipv4_key_ = 0;
    const std::uint64_t low = load64(address);
    const std::uint64_t high = load64(address + sizeof low);
    const bool same = low == low_ && high == high_ && proto == proto_ && udp_port == udp_port_;
    if (same) [[likely]] {
      return true;
    }
    const bool found = look_up(IpAddress::v6(address), proto, udp_port);
    low_ = found ? low : 0;
    high_ = found ? high : 0;
    proto_ = proto;
    udp_port_ = udp_port;
    return found;
  }

  // Of what was found last.
  [[nodiscard]] std::uint32_t index() const noexcept { return index_; }
  [[nodiscard]] TunnelType type() const noexcept { return type_; }

 private:
  [[gnu::noinline]] bool look_up(const IpAddress& local, IpProto proto,
                                 std::uint16_t udp_port) noexcept {
    low_ = high_ = 0;
    index_ = endpoints_->find(local, proto, be16::from_raw(udp_port).get());
    if (index_ == EndpointMap::kNone) return false;
    type_ = endpoints_->at(index_).type;
    return true;
  }

  const EndpointMap* endpoints_;
  /// 0: it was none.
  std::uint64_t ipv4_key_ = 0;
  /// The unspecified address: it was none.
  std::uint64_t low_ = 0;
  std::uint64_t high_ = 0;
  IpProto proto_ = IpProto::kUdp;
  std::uint16_t udp_port_ = 0;
  std::uint32_t index_ = EndpointMap::kNone;
  TunnelType type_ = TunnelType::kVxlan;
};

}  // namespace adit
