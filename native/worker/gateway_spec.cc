#include "worker/gateway_spec.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace adit {
namespace {

using EndpointKey = std::tuple<IpAddress, IpProto, std::uint16_t>;

EndpointKey endpoint_of(const TunnelSpec& tunnel) {
  if (const auto* vxlan = std::get_if<VxlanSpec>(&tunnel.type)) {
    return {tunnel.local, IpProto::kUdp, vxlan->udp_port};
  }
  return {tunnel.local, IpProto::kGre, 0};
}

}  // namespace

SteeringConfig make_steering_config(const GatewaySpec& spec, const std::vector<MacAddress>& macs) {
  SteeringConfig config;
  config.block = spec.block;
  config.ports.resize(spec.table.ports.size());
  for (std::size_t i = 0; i < config.ports.size(); ++i) {
    config.ports[i].mac = macs[i];
    config.ports[i].takes_tunnels = spec.table.ports[i].takes_tunnels;
  }
  std::set<EndpointKey> endpoints;
  for (const MemberSpec& member : spec.table.members) {
    if (const auto* attachment = std::get_if<AttachmentSpec>(&member.kind)) {
      config.ports[attachment->port].vlans.set(attachment->vlan);
    } else {
      endpoints.insert(endpoint_of(std::get<TunnelSpec>(member.kind)));
    }
  }
  for (const auto& [local, proto, udp_port] : endpoints) {
    config.endpoints.push_back({local, proto, udp_port});
  }
  return config;
}

NextHop to_next_hop(const NextHopState& state) noexcept {
  constexpr std::uint32_t kLargestPacket = 65535;
  NextHop hop{.port = state.port,
              .destination = state.destination,
              .source = state.source,
              .mtu = static_cast<std::uint16_t>(std::min(state.mtu, kLargestPacket))};
  switch (state.status) {
    case NextHopState::kNoRoute:
      hop.status = NextHop::Status::kNoRoute;
      break;
    case NextHopState::kResolving:
      hop.status = NextHop::Status::kResolving;
      break;
    case NextHopState::kFailed:
      hop.status = NextHop::Status::kFailed;
      break;
    case NextHopState::kPortDown:
      hop.status = NextHop::Status::kPortDown;
      break;
    case NextHopState::kUp:
      hop.status = NextHop::Status::kUp;
      break;
  }
  return hop;
}

}  // namespace adit
