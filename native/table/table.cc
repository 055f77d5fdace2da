#include "table/table.h"

#include <map>
#include <tuple>

#include "table/loop.h"

namespace adit {
namespace {

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

/// Tags that an attachment pops and pushes.
std::uint8_t tag_count(TagMatch match) noexcept {
  switch (match) {
    case TagMatch::kSingle:
    case TagMatch::kOuter:
      return 1;
    case TagMatch::kDouble:
      return 2;
    case TagMatch::kUntagged:
    case TagMatch::kAny:
      break;
  }
  return 0;
}

}  // namespace

Table::Table(const TableSpec& spec)
    : tenants_(spec.tenants),
      icmp_per_second_(spec.icmp_per_second),
      seed_(spec.seed),
      ports_(spec.ports),
      port_tags_(spec.ports.size()) {
  members_.reserve(spec.members.size());
  EndpointList endpoints;
  std::vector<std::vector<IpPrefix>> accept_from;
  for (std::uint32_t i = 0; i < spec.members.size(); ++i) {
    const MemberSpec& member = spec.members[i];
    const auto* tunnel = std::get_if<TunnelSpec>(&member.kind);
    const auto kind = tunnel != nullptr ? Member::Kind::kTunnel : Member::Kind::kAttachment;
    const std::size_t index = tunnel != nullptr ? tunnels_.size() : attachments_.size();
    members_.push_back({kind, member.tenant, member.peer, static_cast<std::uint32_t>(index)});
    if (tunnel != nullptr) {
      Endpoint endpoint;
      tunnels_.push_back(make_tunnel(*tunnel, endpoint));
      tunnels_.back().member = i;
      tunnels_.back().endpoint = endpoints.index_of(endpoint);
      accept_from.push_back(tunnel->accept_from);
    } else {
      add_attachment(std::get<AttachmentSpec>(member.kind), i);
    }
  }
  endpoints_ = std::make_unique<EndpointMap>(endpoints.take(), seed_);
  for (const Member& member : members_) {
    if (member.kind != Member::Kind::kAttachment) continue;
    attachments_[member.index].faces_ip = carries_ip(member.peer);
  }
  tunnel_map_ = std::make_unique<TunnelMap>(tunnels_, accept_from, seed_);
  for (Tunnel& tunnel : tunnels_) tunnel.loops = comes_back(*this, tunnel);
  sent_map_ = std::make_unique<SentMap>(tunnels_, seed_);
}

bool Table::carries_ip(std::uint32_t member) const noexcept {
  if (member == kNoMember || members_[member].kind != Member::Kind::kTunnel) return false;
  return tunnels_[members_[member].index].payload_ip;
}

void Table::add_attachment(const AttachmentSpec& spec, std::uint32_t member) {
  attachments_.push_back({.port = static_cast<std::uint16_t>(spec.port),
                          .mtu = static_cast<std::uint16_t>(spec.mtu),
                          .match = spec.match,
                          .outer_tpid = spec.outer_tpid,
                          .outer = spec.outer,
                          .inner = spec.inner,
                          .pops = spec.keep_tag ? std::uint8_t{0} : tag_count(spec.match),
                          .keep_tag = spec.keep_tag,
                          .inherit_pcp = !spec.pcp,
                          .pcp = spec.pcp.value_or(0),
                          .next_hop_mac = spec.next_hop_mac});
  port_tags_[spec.port].add(spec, member);
}

}  // namespace adit
