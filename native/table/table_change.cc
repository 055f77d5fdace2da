#include "table/table.h"

namespace adit {
namespace {

bool sends(const Tunnel& tunnel) noexcept { return tunnel.next_hop != kNoNextHop; }

}  // namespace

std::unique_ptr<const Table> Table::with(const TableChange& change) const {
  if (is_entangled_ || change.members.size() != change.specs.size()) return nullptr;
  std::unique_ptr<Table> next(new Table(*this));
  for (std::size_t i = 0; i < change.members.size(); ++i) {
    if (!next->change_tunnel(change.members[i], change.specs[i])) return nullptr;
  }
  next->tunnel_map_ =
      std::make_shared<const TunnelMap>(next->tunnels_, std::span<const AcceptedSources>{}, seed_);
  next->sent_map_ = std::make_shared<const SentMap>(next->tunnels_, seed_);
  return next;
}

/// False, with the table in no state to be used, where the change reaches further.
bool Table::change_tunnel(std::uint32_t member, const MemberSpec& spec) {
  const auto* tunnel_spec = std::get_if<TunnelSpec>(&spec.kind);
  if (member >= members().size() || tunnel_spec == nullptr) return false;
  const Member& place = this->member(member);
  if (place.kind != Member::Kind::kTunnel || place.tenant != spec.tenant ||
      place.peer != spec.peer) {
    return false;
  }
  Tunnel& tunnel = tunnels_[place.index];
  const FastWay way_before = way_to(member);
  const Tunnel before = tunnel;
  Endpoint endpoint;
  tunnel = make_tunnel(*tunnel_spec, endpoint);
  tunnel.member = member;
  tunnel.set_endpoint(before.endpoint());
  connect(place);
  // What a way into it is also stands at its peer's.
  return endpoint == endpoints_->at(before.endpoint()) && tunnel.accepts_remote_alone &&
         tunnel.payload_ip == before.payload_ip && way_to(member) == way_before &&
         sends(tunnel) == sends(before) && !endpoints_->is_local(tunnel.remote());
}

}  // namespace adit
