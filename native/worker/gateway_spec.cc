#include "worker/gateway_spec.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace adit {
namespace {

using EndpointKey = std::tuple<IpAddress, IpProto, std::uint16_t>;

EndpointKey endpoint_of(const TunnelSpec& tunnel) {
  const bool is_gre = tunnel.type == TunnelType::kGre || tunnel.type == TunnelType::kNvgre;
  return is_gre ? EndpointKey{tunnel.local, IpProto::kGre, std::uint16_t{0}}
                : EndpointKey{tunnel.local, IpProto::kUdp, tunnel.udp_port};
}

void claim(SteeringConfig::Port& port, const AttachmentSpec& attachment) {
  const bool is_service = attachment.outer_tpid == EtherType::kServiceVlan;
  switch (attachment.match) {
    case TagMatch::kUntagged:
      port.vlans.set(0);
      break;
    case TagMatch::kSingle:
      port.vlans.set(attachment.outer);
      break;
    case TagMatch::kDouble:
      port.doubles.push_back({is_service, attachment.outer, attachment.inner});
      break;
    case TagMatch::kOuter:
      port.outer_vlans[is_service ? 1 : 0].set(attachment.outer);
      break;
    case TagMatch::kAny:
      port.any = true;
      break;
  }
}

}  // namespace

SteeringConfig make_steering_config(const GatewaySpec& spec, const std::vector<MacAddress>& macs) {
  SteeringConfig config;
  config.block = spec.block;
  config.ports.resize(spec.table.ports.size());
  for (std::size_t i = 0; i < config.ports.size(); ++i) {
    config.ports[i].mac = macs[i];
    config.ports[i].takes_tunnels = spec.table.ports[i].takes_tunnels;
    config.ports[i].tunnel_vlan = spec.table.ports[i].tunnel_vlan;
  }
  std::set<EndpointKey> endpoints;
  for (const MemberSpec& member : spec.table.members) {
    if (const auto* attachment = std::get_if<AttachmentSpec>(&member.kind)) {
      claim(config.ports[attachment->port], *attachment);
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
