#include "table/table.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "table/loop.h"

namespace adit {
namespace {

/// Gives every distinct endpoint one index, in order of first use.
class EndpointList {
 public:
  std::uint32_t index_of(const Endpoint& endpoint) {
    // Mostly that of the tunnel before.
    if (last_ < list_.size() && list_[last_] == endpoint) return last_;
    return last_ = find(endpoint);
  }
  [[nodiscard]] std::vector<Endpoint> take() { return std::move(list_); }

 private:
  std::uint32_t find(const Endpoint& endpoint) {
    const Key key{endpoint.local.family, endpoint.local.bytes, endpoint.type, endpoint.udp_port};
    const auto [found, is_new] =
        indexes_.try_emplace(key, static_cast<std::uint32_t>(list_.size()));
    if (is_new) list_.push_back(endpoint);
    return found->second;
  }
  using Key = std::tuple<IpFamily, std::array<std::uint8_t, 16>, TunnelType, std::uint16_t>;
  std::map<Key, std::uint32_t> indexes_;
  std::vector<Endpoint> list_;
  std::uint32_t last_ = 0;
};

/// How much of what is stored apart.
struct Sizes {
  std::size_t tunnels = 0;
  /// Claims of two tags, by port.
  std::vector<std::size_t> pairs;
};

Sizes sizes_of(const TableSpec& spec) {
  Sizes sizes{.tunnels = 0, .pairs = std::vector<std::size_t>(spec.ports.size())};
  for (const MemberSpec& member : spec.members) {
    const auto* attachment = std::get_if<AttachmentSpec>(&member.kind);
    if (attachment == nullptr) {
      ++sizes.tunnels;
    } else if (attachment->match == TagMatch::kDouble) {
      ++sizes.pairs[attachment->port];
    }
  }
  return sizes;
}

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

void set_tags(Attachment& attachment) noexcept {
  attachment.tags[0] = static_cast<std::uint16_t>(attachment.outer_tpid);
  attachment.tags[1] = tci_of(attachment.pcp, attachment.outer);
  attachment.tags[2] = static_cast<std::uint16_t>(EtherType::kVlan);
  attachment.tags[3] = tci_of(attachment.pcp, attachment.inner);
}

FastWay way_into(const Tunnel& tunnel) noexcept {
  const bool is_ipv4 = tunnel.family == IpFamily::kIpv4;
  switch (tunnel.type) {
    case TunnelType::kVxlan:
    case TunnelType::kGeneve:
      return is_ipv4 ? FastWay::kToIpv4Udp : FastWay::kToIpv6Udp;
    case TunnelType::kNvgre:
      if (!tunnel.hash_flow_id) break;
      return is_ipv4 ? FastWay::kToIpv4Nvgre : FastWay::kToIpv6Nvgre;
    case TunnelType::kGre:
    case TunnelType::kCount:
      break;
  }
  return is_ipv4 ? FastWay::kToIpv4Gre : FastWay::kToIpv6Gre;
}

}  // namespace

Table::Table(const TableSpec& spec)
    : tenants_(spec.tenants),
      next_hops_(spec.next_hops),
      icmp_per_second_(spec.icmp_per_second),
      seed_(spec.seed),
      ports_(spec.ports),
      attached_(std::make_shared<Attached>()) {
  attached_->members.reserve(spec.members.size());
  attached_->tags.resize(spec.ports.size());
  attached_->has_crossing.resize(spec.ports.size());
  const Sizes sizes = sizes_of(spec);
  tunnels_.reserve(sizes.tunnels);
  attached_->attachments.reserve(spec.members.size() - sizes.tunnels);
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    attached_->tags[i].reserve_pairs(sizes.pairs[i]);
  }
  EndpointList endpoints;
  std::vector<AcceptedSources> accept_from;
  for (std::uint32_t i = 0; i < spec.members.size(); ++i) {
    const MemberSpec& member = spec.members[i];
    const auto* tunnel = std::get_if<TunnelSpec>(&member.kind);
    const auto kind = tunnel != nullptr ? Member::Kind::kTunnel : Member::Kind::kAttachment;
    const std::size_t index = tunnel != nullptr ? tunnels_.size() : attached_->attachments.size();
    attached_->members.push_back(
        {kind, member.tenant, member.peer, static_cast<std::uint32_t>(index)});
    if (tunnel != nullptr) {
      Endpoint endpoint;
      tunnels_.push_back(make_tunnel(*tunnel, endpoint));
      tunnels_.back().member = i;
      tunnels_.back().set_endpoint(endpoints.index_of(endpoint));
      if (!tunnel->accept_from.empty()) {
        accept_from.push_back({static_cast<std::uint32_t>(index), tunnel->accept_from});
      }
    } else {
      add_attachment(std::get<AttachmentSpec>(member.kind), i);
    }
  }
  endpoints_ = std::make_shared<const EndpointMap>(endpoints.take(), seed_);
  tunnel_map_ = std::make_shared<const TunnelMap>(tunnels_, accept_from, seed_);
  is_entangled_ = !accept_from.empty();
  for (Tunnel& tunnel : tunnels_) {
    if (tunnel.next_hop == kNoNextHop || !endpoints_->is_local(tunnel.remote())) continue;
    is_entangled_ = true;
    tunnel.loops = comes_back(*this, tunnel);
  }
  arrivals_.resize(tunnels_.size() + 1);
  for (const Member& member : attached_->members) connect(member);
  sent_map_ = std::make_shared<const SentMap>(tunnels_, seed_);
}

/// Notes what lies at the other end of a member's cross-connect.
void Table::connect(const Member& member) noexcept {
  if (member.peer == kNoMember) return;
  const Member& peer = attached_->members[member.peer];
  const bool faces_tunnel = peer.kind == Member::Kind::kTunnel;
  if (member.kind == Member::Kind::kTunnel) {
    arrivals_[member.index] = arrival_of(member);
    return;
  }
  Attachment& attachment = attached_->attachments[member.index];
  attachment.peer_index = peer.index;
  attachment.faces_ip = faces_tunnel && tunnels_[peer.index].payload_ip;
  attachment.fast_way = attachment.is_plain ? way_to(member.peer) : FastWay::kNone;
  if (attachment.fast_way == FastWay::kToAttachment) {
    attached_->has_crossing[attachment.port] = true;
  }
}

Arrival Table::arrival_of(const Member& member) const noexcept {
  const Tunnel& tunnel = tunnels_[member.index];
  const Member& peer = attached_->members[member.peer];
  Arrival arrival{.identity = tunnel.identity,
                  .id = tunnel.id,
                  .source = tunnel_map_->source_word(tunnel.remote()),
                  .member = tunnel.member,
                  .peer_member = member.peer,
                  .peer_index = peer.index,
                  .way = receives_plainly(tunnel) ? way_to(member.peer) : FastWay::kNone,
                  .is_ipv6 = tunnel.family == IpFamily::kIpv6};
  if (peer.kind == Member::Kind::kAttachment) {
    const Attachment& to = attached_->attachments[peer.index];
    arrival.port = to.port;
    arrival.mtu = to.mtu;
    arrival.tag_bytes = static_cast<std::uint8_t>(to.pops * sizeof(VlanTag));
  }
  return arrival;
}

FastWay Table::way_to(std::uint32_t member) const noexcept {
  const Member& to = attached_->members[member];
  if (to.kind == Member::Kind::kTunnel) {
    const Tunnel& tunnel = tunnels_[to.index];
    return sends_plainly(tunnel) ? way_into(tunnel) : FastWay::kNone;
  }
  const Attachment& attachment = attached_->attachments[to.index];
  const bool is_plain = attachment.is_plain && !attachment.inherit_pcp;
  return is_plain ? FastWay::kToAttachment : FastWay::kNone;
}

std::optional<MacAddress> Table::next_hop_mac(const Attachment& attachment) const noexcept {
  if (!attachment.has_next_hop_mac) return std::nullopt;
  const auto found = std::ranges::lower_bound(attached_->next_hop_macs, attachment.member, {},
                                              [](const auto& entry) { return entry.first; });
  return found->second;
}

void Table::add_attachment(const AttachmentSpec& spec, std::uint32_t member) {
  const bool is_whole_set = spec.match == TagMatch::kUntagged || spec.match == TagMatch::kSingle ||
                            spec.match == TagMatch::kDouble;
  Attachment attachment;
  attachment.member = member;
  attachment.port = static_cast<std::uint16_t>(spec.port);
  if (spec.mtu != 0) attachment.mtu = static_cast<std::uint16_t>(spec.mtu);
  attachment.outer_tpid = spec.outer_tpid;
  attachment.outer = spec.outer;
  attachment.inner = spec.inner;
  attachment.match = spec.match;
  attachment.pops = spec.keep_tag ? std::uint8_t{0} : tag_count(spec.match);
  attachment.pcp = spec.pcp.value_or(0);
  attachment.keep_tag = spec.keep_tag;
  attachment.inherit_pcp = !spec.pcp;
  attachment.has_next_hop_mac = spec.next_hop_mac.has_value();
  attachment.is_plain = is_whole_set && !spec.keep_tag;
  set_tags(attachment);
  if (spec.next_hop_mac) attached_->next_hop_macs.emplace_back(member, *spec.next_hop_mac);
  auto& attachments = attached_->attachments;
  attached_->tags[spec.port].add(spec, static_cast<std::uint32_t>(attachments.size()));
  attachments.push_back(attachment);
}

}  // namespace adit
