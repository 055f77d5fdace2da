#include "binding/spec_reader.h"

#include <algorithm>

#include "binding/values.h"
#include "packet/frame_pool.h"
#include "table/tunnel.h"

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
  config.busy_poll = port.Get("busyPoll").ToBoolean();
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

TagMatch to_match(const Napi::Object& tags) {
  const std::string word = to_string(tags.Get("match"));
  if (word == "untagged") return TagMatch::kUntagged;
  if (word == "single") return TagMatch::kSingle;
  if (word == "double") return TagMatch::kDouble;
  if (word == "outer") return TagMatch::kOuter;
  if (word == "any") return TagMatch::kAny;
  throw Napi::TypeError::New(tags.Env(), "unknown tag match");
}

/// The number of a key, or 0 where it is not there.
std::uint16_t u16_or_0(const Napi::Object& object, const char* key) {
  return has(object, key) ? static_cast<std::uint16_t>(to_u32(object.Get(key))) : std::uint16_t{0};
}

/// The number of a key; none where its value is a word such as "inherit", or
/// not there.
template <typename T>
std::optional<T> number_of(const Napi::Object& object, const char* key) {
  const Napi::Value value = object.Get(key);
  if (!value.IsNumber()) return std::nullopt;
  return static_cast<T>(to_u32(value));
}

AttachmentSpec read_attachment(const Napi::Object& member) {
  const auto tags = member.Get("tags").As<Napi::Object>();
  AttachmentSpec spec;
  spec.port = to_u32(member.Get("port"));
  spec.match = to_match(tags);
  if (has(tags, "outerTpid")) spec.outer_tpid = static_cast<EtherType>(u16_or_0(tags, "outerTpid"));
  spec.outer = has(tags, "vid") ? u16_or_0(tags, "vid") : u16_or_0(tags, "outer");
  spec.inner = u16_or_0(tags, "inner");
  spec.keep_tag = member.Get("keepTag").ToBoolean();
  spec.pcp = number_of<std::uint8_t>(member, "pcp");
  if (has(member, "mtu")) spec.mtu = to_u32(member.Get("mtu"));
  if (has(member, "nextHopMac")) spec.next_hop_mac = to_mac(member.Get("nextHopMac"));
  return spec;
}

/// What the types call by different names.
void read_identity(const Napi::Object& member, TunnelSpec& spec) {
  for (const char* key : {"vni", "vsid"}) {
    if (!has(member, key)) continue;
    spec.send_id = to_u32(member.Get(key));
    spec.receive_id = spec.send_id;
  }
  if (has(member, "sendKey")) spec.send_id = to_u32(member.Get("sendKey"));
  if (has(member, "receiveKey")) spec.receive_id = to_u32(member.Get("receiveKey"));
}

void read_udp(const Napi::Object& member, TunnelSpec& spec) {
  if (!has(member, "udpPort")) return;
  spec.udp_port = u16_or_0(member, "udpPort");
  const auto source_ports = member.Get("sourcePorts").As<Napi::Array>();
  spec.source_port_min = static_cast<std::uint16_t>(to_u32(source_ports.Get(0U)));
  spec.source_port_max = static_cast<std::uint16_t>(to_u32(source_ports.Get(1U)));
  spec.udp_checksum = member.Get("udpChecksum").ToBoolean();
  spec.accept_zero_checksum = member.Get("acceptZeroChecksum").ToBoolean();
}

TunnelSpec::Df to_df(const Napi::Object& member) {
  if (is(member, "df", "clear")) return TunnelSpec::Df::kClear;
  return is(member, "df", "inherit") ? TunnelSpec::Df::kInherit : TunnelSpec::Df::kSet;
}

TunnelSpec::Oversize to_oversize(const Napi::Object& member) {
  if (is(member, "oversize", "drop")) return TunnelSpec::Oversize::kDrop;
  return is(member, "oversize", "fragment-inner") ? TunnelSpec::Oversize::kFragmentInner
                                                  : TunnelSpec::Oversize::kIcmp;
}

TunnelSpec read_tunnel(const Napi::Object& member) {
  TunnelSpec spec;
  spec.type = find_tunnel_type(to_string(member.Get("type")).c_str());
  if (spec.type == TunnelType::kCount) {
    throw Napi::TypeError::New(member.Env(), "unknown tunnel type");
  }
  spec.local = to_address(member.Get("local"));
  if (has(member, "remote")) {
    spec.remote = to_address(member.Get("remote"));
    spec.next_hop = to_u32(member.Get("nextHop"));
  }
  for_each(member, "acceptFrom",
           [&](const Napi::Object& prefix) { spec.accept_from.push_back(to_prefix(prefix)); });
  spec.ttl = number_of<std::uint8_t>(member, "ttl");
  spec.dscp = number_of<std::uint8_t>(member, "dscp");
  spec.copy_dscp = member.Get("copyDscp").ToBoolean();
  spec.zero_ecn = is(member, "ecn", "zero");
  spec.df = to_df(member);
  spec.flow_label = number_of<std::uint32_t>(member, "flowLabel");
  spec.keep_inner_tags = member.Get("keepInnerTags").ToBoolean();
  if (has(member, "mtu")) spec.mtu = to_u32(member.Get("mtu"));
  spec.oversize = to_oversize(member);
  spec.mss_clamp = member.Get("mssClamp").ToBoolean();
  spec.learn_path = member.Get("learnPath").ToBoolean();
  read_identity(member, spec);
  read_udp(member, spec);
  spec.drop_reserved = member.Get("dropReserved").ToBoolean();
  spec.payload_ip = is(member, "payload", "ip");
  spec.sequence = member.Get("sequence").ToBoolean();
  spec.send_checksum = member.Get("sendChecksum").ToBoolean();
  spec.require_checksum = member.Get("requireChecksum").ToBoolean();
  spec.flow_id = number_of<std::uint8_t>(member, "flowId");
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

/// The packet path takes `reserved_headroom` off what is there in front of every frame, and the
/// frames' memory is laid out by `headroom`.
void check_headroom(const Napi::Env& env, const std::vector<PortConfig>& ports) {
  constexpr std::uint32_t kLargestHeadroom = 4096 - 1024;
  std::uint32_t shared = 0;
  for (const PortConfig& port : ports) shared = std::max(shared, port.headroom);
  const auto fits = [&](const PortConfig& port) {
    return port.reserved_headroom <= kKernelHeadroom + shared;
  };
  if (shared > kLargestHeadroom || !std::ranges::all_of(ports, fits)) {
    throw Napi::RangeError::New(env, "a headroom of the compiled table is out of range");
  }
}

/// The table's constructor relies on indexes that are in range.
void check_indexes(const Napi::Env& env, const GatewaySpec& spec) {
  const TableSpec& table = spec.table;
  for (const MemberSpec& member : table.members) {
    bool ok = member.tenant < table.tenants &&
              (member.peer == kNoMember || member.peer < table.members.size());
    if (const auto* attachment = std::get_if<AttachmentSpec>(&member.kind)) {
      ok = ok && attachment->port < table.ports.size() && attachment->outer < 4095 &&
           attachment->inner < 4095;
    } else {
      const auto& tunnel = std::get<TunnelSpec>(member.kind);
      ok = ok && (!tunnel.remote || (tunnel.next_hop < table.next_hops &&
                                     tunnel.local.family == tunnel.remote->family));
    }
    if (!ok) throw Napi::RangeError::New(env, "an index of the compiled table is out of range");
  }
}

}  // namespace

GatewaySpec read_spec(const Napi::Object& table, std::uint64_t seed) {
  GatewaySpec spec;
  spec.table.seed = HashSeed::from(seed);
  for_each(table, "ports", [&](const Napi::Object& port) {
    spec.table.ports.push_back({.takes_tunnels = port.Get("takesTunnels").ToBoolean(),
                                .tunnel_vlan = u16_or_0(port, "tunnelVlan")});
    spec.ports.push_back(read_port_config(port));
    spec.underlay.ports.push_back(read_underlay_port(port));
  });
  for_each(table, "tenants", [&](const Napi::Object& tenant) {
    ++spec.table.tenants;
    spec.table.icmp_per_second.push_back(to_u32(tenant.Get("icmpPerSecond")));
  });
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
  check_headroom(table.Env(), spec.ports);
  return spec;
}

}  // namespace adit::binding
