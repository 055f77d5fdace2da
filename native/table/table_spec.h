#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "packet/mix.h"
#include "wire/address.h"

namespace adit {

// What a table is built from: the compiled configuration, already checked, with names resolved to
// dense indexes. Numbers are in host order.

struct AttachmentSpec {
  std::uint32_t port = 0;
  /// VID 1-4094; 0: untagged.
  std::uint16_t vlan = 0;
  /// Priority of the pushed tag, 0-7.
  std::uint8_t pcp = 0;
  /// Largest IP packet sent out here, bytes; 0: the port's MTU.
  std::uint32_t mtu = 0;
};

struct VxlanSpec {
  std::uint32_t vni = 0;
  std::uint16_t udp_port = 4789;
  std::uint16_t source_port_min = 49152;
  std::uint16_t source_port_max = 65535;
  bool udp_checksum = false;
};

struct GreSpec {
  std::optional<std::uint32_t> key;
};

struct TunnelSpec {
  IpAddress local;
  IpAddress remote;
  /// Index of the next hop (local -> remote).
  std::uint32_t next_hop = 0;
  std::uint8_t ttl = 64;
  /// 0-63.
  std::uint8_t dscp = 0;
  bool dont_fragment = true;
  bool keep_inner_tags = false;
  std::variant<VxlanSpec, GreSpec> type;
};

inline constexpr std::uint32_t kNoMember = 0xffffffff;

struct MemberSpec {
  std::uint32_t tenant = 0;
  /// The other end of the cross-connect; kNoMember: none, what it receives is dropped.
  std::uint32_t peer = kNoMember;
  std::variant<AttachmentSpec, TunnelSpec> kind;
};

struct PortSpec {
  /// Whether tunnel packets are decapsulated here.
  bool takes_tunnels = false;
};

struct TableSpec {
  std::vector<PortSpec> ports;
  std::vector<MemberSpec> members;
  std::uint32_t tenants = 0;
  std::uint32_t next_hops = 0;
  HashSeed seed{};
};

}  // namespace adit
