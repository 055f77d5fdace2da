#include "table/table.h"

#include <map>
#include <tuple>

namespace adit {
namespace {

constexpr std::size_t kVids = 4096;

/// Gives every distinct endpoint one index, in order of first use.
class EndpointList {
 public:
  std::uint32_t index_of(const Endpoint& endpoint) {
    const Key key{endpoint.local.family, endpoint.local.bytes, endpoint.type, endpoint.udp_port};
    const auto [found, is_new] =
        indexes_.try_emplace(key, static_cast<std::uint32_t>(list_.size()));
    if (is_new) list_.push_back(endpoint);
    return found->second;
  }
  [[nodiscard]] std::vector<Endpoint> take() { return std::move(list_); }

 private:
  using Key = std::tuple<IpFamily, std::array<std::uint8_t, 16>, TunnelType, std::uint16_t>;
  std::map<Key, std::uint32_t> indexes_;
  std::vector<Endpoint> list_;
};

Tunnel build_tunnel(const TunnelSpec& spec, std::uint32_t member, EndpointList& endpoints) {
  Tunnel tunnel;
  tunnel.member = member;
  tunnel.next_hop = spec.next_hop;
  tunnel.family = spec.local.family;
  tunnel.keep_inner_tags = spec.keep_inner_tags;
  tunnel.dont_fragment = spec.dont_fragment;
  tunnel.type = static_cast<TunnelType>(spec.type.index());
  tunnel.endpoint = endpoints.index_of(tunnel_type_ops(tunnel.type).build(spec, tunnel));
  return tunnel;
}

}  // namespace

static_assert(std::is_same_v<std::variant_alternative_t<0, decltype(TunnelSpec::type)>, VxlanSpec>);
static_assert(std::is_same_v<std::variant_alternative_t<1, decltype(TunnelSpec::type)>, GreSpec>);

Table::Table(const TableSpec& spec)
    : tenants_(spec.tenants), seed_(spec.seed), port_vlans_(spec.ports.size()) {
  for (const PortSpec& port : spec.ports) takes_tunnels_.push_back(port.takes_tunnels);
  members_.reserve(spec.members.size());
  EndpointList endpoints;
  for (std::uint32_t i = 0; i < spec.members.size(); ++i) {
    const MemberSpec& member = spec.members[i];
    const auto* tunnel = std::get_if<TunnelSpec>(&member.kind);
    const auto kind = tunnel != nullptr ? Member::Kind::kTunnel : Member::Kind::kAttachment;
    const std::size_t index = tunnel != nullptr ? tunnels_.size() : attachments_.size();
    members_.push_back({kind, member.tenant, member.peer, static_cast<std::uint32_t>(index)});
    if (tunnel != nullptr) {
      tunnels_.push_back(build_tunnel(*tunnel, i, endpoints));
    } else {
      add_attachment(std::get<AttachmentSpec>(member.kind), i);
    }
  }
  endpoints_ = std::make_unique<EndpointMap>(endpoints.take(), seed_);
  tunnel_map_ = std::make_unique<TunnelMap>(tunnels_, seed_);
}

void Table::add_attachment(const AttachmentSpec& spec, std::uint32_t member) {
  constexpr unsigned kPcpShift = 13;
  attachments_.push_back({.port = static_cast<std::uint16_t>(spec.port),
                          .vlan = spec.vlan,
                          .tci = static_cast<std::uint16_t>((spec.pcp << kPcpShift) | spec.vlan),
                          .mtu = static_cast<std::uint16_t>(spec.mtu)});
  std::vector<std::uint32_t>& vlans = port_vlans_[spec.port];
  if (vlans.empty()) vlans.assign(kVids, kNoMember);
  vlans[spec.vlan] = member;
}

}  // namespace adit
