#include "binding/spec_reader.h"

#include "binding/values.h"

namespace adit::binding {
namespace {

template <typename Read>
void for_each(const Napi::Object& parent, const char* key, Read read) {
  const auto list = parent.Get(key).As<Napi::Array>();
  for (std::uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::HandleScope scope(parent.Env());
    read(list.Get(i).As<Napi::Object>());
  }
}

bool is(const Napi::Object& object, const char* key, const char* word) {
  return to_string(object.Get(key)) == word;
}

PortConfig read_port_config(const Napi::Object& port) {
  PortConfig config;
  config.name = to_string(port.Get("name"));
  if (has(port, "interface")) config.interface = to_string(port.Get("interface"));
  config.headroom = to_u32(port.Get("headroom"));
  config.reserved_headroom = to_u32(port.Get("reservedHeadroom"));
  if (has(port, "frameSize")) config.frame_size = to_u32(port.Get("frameSize"));
  config.frames = to_u32(port.Get("frames"));
  config.ring_size = to_u32(port.Get("ringSize"));
  if (port.Get("queues").IsNumber()) config.queues = to_u32(port.Get("queues"));
  if (is(port, "xdpMode", "native")) config.xdp_mode = PortConfig::XdpMode::kNative;
  if (is(port, "xdpMode", "generic")) config.xdp_mode = PortConfig::XdpMode::kGeneric;
  if (is(port, "zeroCopy", "on")) config.zero_copy = PortConfig::ZeroCopy::kOn;
  if (is(port, "zeroCopy", "off")) config.zero_copy = PortConfig::ZeroCopy::kOff;
  return config;
}

UnderlayPort read_underlay_port(const Napi::Object& port) {
  UnderlayPort underlay;
  underlay.name = to_string(port.Get("name"));
  if (has(port, "interface")) underlay.interface = to_string(port.Get("interface"));
  if (has(port, "mac")) underlay.mac = to_mac(port.Get("mac"));
  if (has(port, "mtu")) underlay.mtu = to_u32(port.Get("mtu"));
  for_each(port, "addresses",
           [&](const Napi::Object& prefix) { underlay.addresses.push_back(to_prefix(prefix)); });
  return underlay;
}

AttachmentSpec read_attachment(const Napi::Object& member) {
  AttachmentSpec spec;
  spec.port = to_u32(member.Get("port"));
  spec.vlan = static_cast<std::uint16_t>(to_u32(member.Get("vlan")));
  spec.pcp = static_cast<std::uint8_t>(to_u32(member.Get("pcp")));
  if (has(member, "mtu")) spec.mtu = to_u32(member.Get("mtu"));
  return spec;
}

VxlanSpec read_vxlan(const Napi::Object& member) {
  const auto source_ports = member.Get("sourcePorts").As<Napi::Array>();
  return {.vni = to_u32(member.Get("vni")),
          .udp_port = static_cast<std::uint16_t>(to_u32(member.Get("udpPort"))),
          .source_port_min = static_cast<std::uint16_t>(to_u32(source_ports.Get(0U))),
          .source_port_max = static_cast<std::uint16_t>(to_u32(source_ports.Get(1U))),
          .udp_checksum = member.Get("udpChecksum").ToBoolean()};
}

TunnelSpec read_tunnel(const Napi::Object& member) {
  TunnelSpec spec;
  spec.local = to_address(member.Get("local"));
  spec.remote = to_address(member.Get("remote"));
  spec.next_hop = to_u32(member.Get("nextHop"));
  spec.ttl = static_cast<std::uint8_t>(to_u32(member.Get("ttl")));
  spec.dscp = static_cast<std::uint8_t>(to_u32(member.Get("dscp")));
  spec.dont_fragment = member.Get("df").ToBoolean();
  spec.keep_inner_tags = member.Get("keepInnerTags").ToBoolean();
  if (is(member, "type", "vxlan")) {
    spec.type = read_vxlan(member);
  } else if (is(member, "type", "gre")) {
    GreSpec gre;
    if (has(member, "key")) gre.key = to_u32(member.Get("key"));
    spec.type = gre;
  } else {
    throw Napi::TypeError::New(member.Env(), "unknown tunnel type");
  }
  return spec;
}

MemberSpec read_member(const Napi::Object& member) {
  MemberSpec spec;
  spec.tenant = to_u32(member.Get("tenant"));
  const double peer = member.Get("peer").ToNumber().DoubleValue();
  if (peer >= 0) spec.peer = static_cast<std::uint32_t>(peer);
  if (is(member, "kind", "attachment")) {
    spec.kind = read_attachment(member);
  } else {
    spec.kind = read_tunnel(member);
  }
  return spec;
}

StaticRoute read_route(const Napi::Object& route) {
  StaticRoute spec;
  spec.prefix = to_prefix(route.Get("prefix"));
  if (has(route, "via")) spec.via = to_address(route.Get("via"));
  spec.port = static_cast<std::uint16_t>(to_u32(route.Get("port")));
  return spec;
}

/// The table's constructor relies on indexes that are in range.
void check_indexes(const Napi::Env& env, const GatewaySpec& spec) {
  const TableSpec& table = spec.table;
  for (const MemberSpec& member : table.members) {
    bool ok = member.tenant < table.tenants &&
              (member.peer == kNoMember || member.peer < table.members.size());
    if (const auto* attachment = std::get_if<AttachmentSpec>(&member.kind)) {
      ok = ok && attachment->port < table.ports.size() && attachment->vlan < 4095;
    } else {
      const auto& tunnel = std::get<TunnelSpec>(member.kind);
      ok = ok && tunnel.next_hop < table.next_hops && tunnel.local.family == tunnel.remote.family;
    }
    if (!ok) throw Napi::RangeError::New(env, "an index of the compiled table is out of range");
  }
}

}  // namespace

GatewaySpec read_spec(const Napi::Object& table, std::uint64_t seed) {
  GatewaySpec spec;
  spec.table.seed = HashSeed::from(seed);
  for_each(table, "ports", [&](const Napi::Object& port) {
    spec.table.ports.push_back({.takes_tunnels = port.Get("takesTunnels").ToBoolean()});
    spec.ports.push_back(read_port_config(port));
    spec.underlay.ports.push_back(read_underlay_port(port));
  });
  spec.table.tenants = table.Get("tenants").As<Napi::Array>().Length();
  for_each(table, "members",
           [&](const Napi::Object& member) { spec.table.members.push_back(read_member(member)); });
  for_each(table, "nextHops", [&](const Napi::Object& hop) {
    spec.next_hops.push_back({to_address(hop.Get("local")), to_address(hop.Get("remote"))});
  });
  spec.table.next_hops = static_cast<std::uint32_t>(spec.next_hops.size());
  for_each(table, "neighbors", [&](const Napi::Object& neighbor) {
    spec.underlay.neighbors.push_back({to_address(neighbor.Get("address")),
                                       to_mac(neighbor.Get("mac")),
                                       static_cast<std::uint16_t>(to_u32(neighbor.Get("port")))});
  });
  for_each(table, "routes",
           [&](const Napi::Object& route) { spec.underlay.routes.push_back(read_route(route)); });
  for_each(table, "block",
           [&](const Napi::Object& prefix) { spec.block.push_back(to_prefix(prefix)); });
  check_indexes(table.Env(), spec);
  return spec;
}

}  // namespace adit::binding
