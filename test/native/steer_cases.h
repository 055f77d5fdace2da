#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "steer/steering_config.h"
#include "steer_ip_cases.h"
#include "steer_tag_cases.h"

/// Frames and what the steering rules have to make of them, for the host's rules and for the
/// program in the kernel alike.
namespace steer_cases {

using adit::IpAddress;
using adit::IpPrefix;
using adit::IpProto;

inline adit::SteeringConfig config() {
  adit::SteeringConfig made;
  made.ports.resize(kPorts);
  for (std::uint8_t i = 0; i < kPorts; ++i) {
    made.ports[i].mac.bytes = {2, 0, 0, 0, 0, static_cast<std::uint8_t>(i + 1)};
  }
  made.ports[kUnderlay].takes_tunnels = true;
  made.ports[kAccess].vlans.set(100).set(4094);
  made.ports[kBoth].takes_tunnels = true;
  made.ports[kBoth].vlans.set(0).set(100);
  made.ports[kUntagged].vlans.set(0);
  made.ports[kStacked].vlans.set(7);
  // VID 0 is nothing that a configuration can claim here; the rules must not take it for one.
  made.ports[kStacked].outer_vlans[0].set(0).set(500);
  made.ports[kStacked].outer_vlans[1].set(0).set(600);
  made.ports[kStacked].doubles = {{true, 100, 200}, {false, 100, 201}, {true, 4094, 4094}};
  made.ports[kEverything].any = true;
  made.ports[kEverything].takes_tunnels = true;
  made.ports[kTaggedUnderlay].takes_tunnels = true;
  made.ports[kTaggedUnderlay].tunnel_vlan = 30;
  made.ports[kTaggedUnderlay].vlans.set(0).set(30);
  const IpAddress local4 = IpAddress::v4(kLocal4.data());
  const IpAddress local6 = IpAddress::v6(kLocal6.data());
  made.endpoints = {{local4, IpProto::kUdp, 4789},
                    {local4, IpProto::kGre, 0},
                    {IpAddress::v4(kGreOnly4.data()), IpProto::kGre, 0},
                    {local6, IpProto::kUdp, 4789},
                    {local6, IpProto::kGre, 0}};
  constexpr std::array<std::uint8_t, 4> kNet{203, 0, 113, 0};
  constexpr std::array<std::uint8_t, 4> kHost{198, 51, 100, 66};
  constexpr std::array<std::uint8_t, 16> kNet6{0x20, 0x01, 0x0d, 0xb8, 0x0b, 0xad};
  made.block = {IpPrefix{IpAddress::v4(kNet.data()), 24}, IpPrefix{IpAddress::v4(kHost.data()), 32},
                IpPrefix{IpAddress::v6(kNet6.data()), 48}};
  return made;
}

inline std::vector<Case> cases() {
  std::vector<Case> all;
  add_ipv4(all);
  add_ipv6(all);
  add_tags(all);
  add_stacks(all);
  add_everything(all);
  add_tagged_tunnels(all);
  return all;
}

}  // namespace steer_cases
