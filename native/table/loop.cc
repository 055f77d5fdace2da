#include "table/loop.h"

#include "table/outer.h"
#include "wire/ethernet.h"
#include "wire/ip.h"

namespace adit {
namespace {

constexpr std::uint32_t kHeadroom = kMaxTemplateBytes + std::uint32_t{sizeof(EthernetHeader)};
constexpr std::uint32_t kInnerBytes = sizeof(Ipv4Header);
static_assert(kInnerBytes >= sizeof(EthernetHeader));

/// Whether the table's tunnels accept `packet`, up to the inner frame.
bool is_taken(const Table& table, Packet packet) noexcept {
  OuterPacket outer;
  if (read_outer(table.endpoints(), packet, outer) != DropReason::kNone) return false;
  const TunnelTypeOps& ops = tunnel_type_ops(table.endpoints().at(outer.endpoint).type);
  if (ops.parse(packet, outer) != DropReason::kNone) return false;
  const std::uint32_t found = table.tunnels().find(table.tunnels().hash(outer), outer);
  if (found == TunnelMap::kNone) return false;
  const Tunnel& taker = table.tunnel(found);
  // The source is an endpoint of ours, which a prefix of sources never lets in.
  return taker.accepts_remote_alone &&
         tunnel_type_ops(taker.type).check(packet, outer, taker) == DropReason::kNone;
}

}  // namespace

bool comes_back(const Table& table, const Tunnel& tunnel) noexcept {
  bool is_any_port_open = false;
  for (std::size_t i = 0; i < table.ports(); ++i) {
    is_any_port_open = is_any_port_open || table.port(i).takes_tunnels;
  }
  const bool is_sent = tunnel.next_hop != kNoNextHop;
  if (!is_any_port_open || !is_sent || !table.endpoints().is_local(tunnel.remote())) return false;
  std::uint8_t memory[kHeadroom + kInnerBytes] = {};
  if (tunnel.payload_ip) memory[kHeadroom] = Ipv4Header::kNoOptions;
  Packet packet(memory, sizeof memory, kHeadroom, kInnerBytes);
  return push_tunnel(packet, tunnel, {}, {}) == DropReason::kNone && is_taken(table, packet);
}

}  // namespace adit
