#include <doctest/doctest.h>

#include <cstring>
#include <random>

#include "table/succession.h"
#include "table_lab.h"

using adit::MemberSpec;
using adit::Table;
using adit::TableChange;
using adit::TableSpec;
using adit::Tunnel;
using adit::TunnelSpec;
using pipeline_lab::kRemote4;

namespace {

constexpr std::uint32_t kTunnels = 500;

TunnelSpec& tunnel_of(TableSpec& spec, std::uint32_t member) {
  return std::get<TunnelSpec>(spec.members[member].kind);
}

/// Attachments and tunnels in turn, of VXLAN and GRE, and two tunnels that are joined at the end.
TableSpec table_spec() {
  TableSpec spec;
  spec.ports = {adit::PortSpec{}, adit::PortSpec{.takes_tunnels = true}};
  const auto add_tunnel = [&](std::uint32_t id, std::uint32_t peer) {
    TunnelSpec tunnel = id % 4 == 0 ? pipeline_lab::gre(id) : pipeline_lab::vxlan(id, id % 8 == 1);
    tunnel.local = pipeline_lab::kLocal4;
    tunnel.remote = kRemote4;
    tunnel.next_hop = id % 3;
    spec.members.push_back({.tenant = 0, .peer = peer, .kind = tunnel});
  };
  for (std::uint32_t i = 0; i < kTunnels; ++i) {
    const auto vlan = static_cast<std::uint16_t>(1 + i);
    spec.members.push_back(
        {.tenant = 0,
         .peer = 2 * i + 1,
         .kind = adit::AttachmentSpec{.match = adit::TagMatch::kSingle, .outer = vlan}});
    add_tunnel(i, 2 * i);
  }
  add_tunnel(kTunnels, 2 * kTunnels + 1);
  add_tunnel(kTunnels + 1, 2 * kTunnels);
  spec.tenants = 1;
  spec.next_hops = 3;
  spec.seed = adit::HashSeed::from(1);
  return spec;
}

std::uint32_t found_by(const Table& table, const Tunnel& tunnel) {
  adit::OuterPacket outer;
  outer.source = tunnel.remote();
  outer.endpoint = tunnel.endpoint();
  outer.id = tunnel.id;
  outer.id_kind = tunnel.id_kind();
  const std::uint32_t found = table.tunnels().find(table.tunnels().hash(outer), outer);
  return found == adit::TunnelMap::kNone && table.tunnels().knows_id(outer) ? kTunnels * 8 : found;
}

/// Whether all is the same that a spec does not say alone, and what it says as far as it differs
/// here.
bool is_same(const Tunnel& a, const Tunnel& b) {
  return a.member == b.member && a.identity == b.identity && a.loops == b.loops && a.id == b.id &&
         a.next_hop == b.next_hop && a.template_bytes == b.template_bytes &&
         std::memcmp(a.outer(), b.outer(), a.template_bytes) == 0;
}

bool is_same(const adit::Arrival& a, const adit::Arrival& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

/// Places where two tables differ in what they do.
std::size_t differences(const Table& a, const Table& b) {
  std::size_t count = adit::may_follow(a, b) ? 0 : 1;
  for (std::size_t i = 0; i < a.tunnel_list().size(); ++i) {
    const Tunnel& one = a.tunnel_list()[i];
    const Tunnel& other = b.tunnel_list()[i];
    if (!is_same(one, other) || !is_same(a.arrivals()[i], b.arrivals()[i])) ++count;
    if (found_by(a, one) != i || found_by(b, one) != i) ++count;
  }
  for (std::uint32_t i = 0; i < a.attachments().size(); ++i) {
    const adit::Attachment& one = a.attachment(i);
    const adit::Attachment& other = b.attachment(i);
    if (one.peer_index != other.peer_index || one.fast_way != other.fast_way) ++count;
  }
  return count;
}

TableChange change_of(std::uint32_t member, const MemberSpec& spec) {
  TableChange change{{member}, {}};
  change.specs.push_back(spec);
  return change;
}

}  // namespace

TEST_CASE("A table with changed tunnels is the one that would be built of all members") {
  TableSpec spec = table_spec();
  auto table = std::make_unique<const Table>(spec);
  std::mt19937 engine(1);
  const auto random = [&engine] { return static_cast<std::uint32_t>(engine()); };
  for (std::uint32_t round = 1; round <= 50; ++round) {
    TableChange change;
    for (std::uint32_t i = random() % 10; i <= kTunnels; i += 1 + random() % 20) {
      const std::uint32_t member = i < kTunnels ? 2 * i + 1 : 2 * kTunnels + random() % 2;
      TunnelSpec& tunnel = tunnel_of(spec, member);
      const std::uint32_t id = 1000 * round + i;
      tunnel.send_id = id;
      tunnel.receive_id = id;
      tunnel.ttl = static_cast<std::uint8_t>(1 + random() % 255);
      tunnel.dscp = static_cast<std::uint8_t>(random() % 64);
      tunnel.remote = random() % 2 == 0 ? kRemote4 : pipeline_lab::v4("c6336408");
      tunnel.next_hop = random() % 3;
      change.members.push_back(member);
      change.specs.push_back(spec.members[member]);
    }
    auto next = table->with(change);
    REQUIRE(next != nullptr);
    CHECK(adit::may_follow(*next, *table));
    CHECK(differences(*next, Table(spec)) == 0);
    // What the one before told is no longer true, and what it shared outlives it.
    const Tunnel old = table->tunnel(table->member(change.members[0]).index);
    table.reset();
    CHECK(found_by(*next, old) == adit::TunnelMap::kNone);
    table = std::move(next);
  }
}

TEST_CASE("A change that reaches further than its tunnel is for a whole table") {
  const TableSpec spec = table_spec();
  const Table table(spec);
  constexpr std::uint32_t kVxlan = 2 * 3 + 1;
  const auto is_taken = [&](std::uint32_t member, auto change) {
    MemberSpec changed = spec.members[member];
    change(changed);
    return table.with(change_of(member, changed)) != nullptr;
  };
  const auto tunnel_change = [&](auto change) {
    return is_taken(kVxlan, [&](MemberSpec& member) { change(std::get<TunnelSpec>(member.kind)); });
  };
  CHECK(tunnel_change([](TunnelSpec&) {}));
  CHECK(tunnel_change([](TunnelSpec& tunnel) { tunnel.source_port_min = 1; }));
  CHECK_FALSE(is_taken(kVxlan - 1, [](MemberSpec&) {}));
  CHECK_FALSE(is_taken(kVxlan, [](MemberSpec& member) { member.tenant = 1; }));
  CHECK_FALSE(is_taken(kVxlan, [](MemberSpec& member) { member.peer = adit::kNoMember; }));
  CHECK_FALSE(is_taken(kVxlan, [](MemberSpec& member) { member.kind = adit::AttachmentSpec{}; }));
  CHECK_FALSE(tunnel_change([](TunnelSpec& tunnel) { tunnel.udp_port = 4790; }));
  CHECK_FALSE(tunnel_change([](TunnelSpec& tunnel) { tunnel.local = kRemote4; }));
  CHECK_FALSE(tunnel_change([](TunnelSpec& tunnel) { tunnel.remote = pipeline_lab::kLocal4; }));
  CHECK_FALSE(tunnel_change(
      [](TunnelSpec& tunnel) { tunnel.accept_from = {{.address = kRemote4, .length = 24}}; }));
  CHECK_FALSE(tunnel_change([](TunnelSpec& tunnel) { tunnel.next_hop = adit::kNoNextHop; }));
  // The attachment's way into it would be another one.
  CHECK_FALSE(tunnel_change([](TunnelSpec& tunnel) { tunnel.ttl = std::nullopt; }));
  CHECK(table.with({{static_cast<std::uint32_t>(spec.members.size())}, {spec.members[1]}}) ==
        nullptr);
  CHECK(table.with({{1, 3}, {spec.members[1]}}) == nullptr);
}

TEST_CASE("In a table where tunnels depend on each other none is changed by itself") {
  TableSpec spec = table_spec();
  const MemberSpec same = spec.members[7];
  tunnel_of(spec, 9).accept_from = {{.address = kRemote4, .length = 24}};
  CHECK(Table(spec).with(change_of(7, same)) == nullptr);
  spec = table_spec();
  tunnel_of(spec, 9).remote = pipeline_lab::kLocal4;
  CHECK(Table(spec).with(change_of(7, same)) == nullptr);
}
