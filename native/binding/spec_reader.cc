#include "binding/spec_reader.h"

#include <algorithm>
#include <span>

#include "binding/values.h"
#include "packet/frame_pool.h"
#include "table/member_records.h"

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

/// The number of a key, or 0 where it is not there.
std::uint16_t u16_or_0(const Napi::Object& object, const char* key) {
  return has(object, key) ? static_cast<std::uint16_t>(to_u32(object.Get(key))) : std::uint16_t{0};
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

/// Records, some at a time until there are no more; `table/member_records.h` reads them.
MemberSpecs read_members(const Napi::Object& table) {
  MemberSpecs members;
  members.reserve(to_u32(table.Get("memberCount")));
  const auto next = table.Get("members").As<Napi::Function>();
  for (;;) {
    const Napi::HandleScope scope(table.Env());
    const Napi::Value chunk = next.Call({});
    if (chunk.IsUndefined()) return members;
    if (!read_member_records(to_bytes(chunk), members)) {
      throw Napi::TypeError::New(table.Env(), "a record of the compiled table is damaged");
    }
  }
}

std::vector<std::uint32_t> read_icmp_limits(const Napi::Object& table) {
  const Napi::Value value = table.Get("icmpPerSecond");
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint32_array) {
    throw Napi::TypeError::New(table.Env(), "expected a Uint32Array");
  }
  const auto limits = value.As<Napi::Uint32Array>();
  return {limits.Data(), limits.Data() + limits.ElementLength()};
}

std::vector<OuterPair> read_next_hops(const Napi::Object& table) {
  constexpr std::size_t kBytes = 36;
  constexpr std::size_t kLocal = 4;
  constexpr std::size_t kRemote = 20;
  std::vector<OuterPair> next_hops;
  std::span<const std::uint8_t> bytes = to_bytes(table.Get("nextHops"));
  next_hops.reserve(bytes.size() / kBytes);
  for (; bytes.size() >= kBytes; bytes = bytes.subspan(kBytes)) {
    const auto read = bytes[0] == 4 ? &IpAddress::v4 : &IpAddress::v6;
    next_hops.push_back({read(&bytes[kLocal]), read(&bytes[kRemote])});
  }
  return next_hops;
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
  spec.table.icmp_per_second = read_icmp_limits(table);
  spec.table.tenants = static_cast<std::uint32_t>(spec.table.icmp_per_second.size());
  spec.table.members = read_members(table);
  spec.next_hops = read_next_hops(table);
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
