#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "packet/large_pages.h"
#include "packet/mix.h"
#include "wire/address.h"
#include "wire/ethernet.h"

namespace adit {

// What a table is built from: the compiled configuration, already checked, with
// names resolved to dense indexes. Numbers are in host order.

/// The tag sets that an attachment may claim, most specific first where two
/// claim one frame.
enum class TagMatch : std::uint8_t {
  /// No tag, or a single priority tag.
  kUntagged,
  /// Exactly one tag, of TPID 0x8100.
  kSingle,
  /// Exactly two tags; the inner TPID is 0x8100.
  kDouble,
  /// An outer tag, with whatever behind it.
  kOuter,
  /// Every frame.
  kAny,
};

struct AttachmentSpec {
  std::uint32_t port = 0;
  TagMatch match = TagMatch::kUntagged;
  /// Of kDouble and kOuter: 0x8100 or 0x88a8.
  EtherType outer_tpid = EtherType::kVlan;
  std::uint16_t outer = 0;
  std::uint16_t inner = 0;
  bool keep_tag = false;
  /// Priority of the pushed tag, 0-7; none: that of the tag popped, or the
  /// inner DSCP's class.
  std::optional<std::uint8_t> pcp = 0;
  /// Largest IP packet sent out here, bytes; 0: the port's MTU.
  std::uint32_t mtu = 0;
  /// Where IP packets without Ethernet header go; none: learned.
  std::optional<MacAddress> next_hop_mac = std::nullopt;
};

enum class TunnelType : std::uint8_t { kVxlan, kGeneve, kGre, kNvgre, kCount };

inline constexpr std::uint32_t kNoNextHop = 0xffffffff;

/// A tunnel of any type; what a type has no use for keeps its default.
struct TunnelSpec {
  TunnelType type = TunnelType::kVxlan;
  IpAddress local;
  /// None: the tunnel only receives.
  std::optional<IpAddress> remote;
  /// Outer sources that may send into it; empty: the remote alone.
  std::vector<IpPrefix> accept_from;
  /// Index of the next hop (local -> remote); kNoNextHop without a remote.
  std::uint32_t next_hop = kNoNextHop;

  /// None: inherited from the inner packet.
  std::optional<std::uint8_t> ttl = 64;
  /// 0-63; none: inherited.
  std::optional<std::uint8_t> dscp = 0;
  bool copy_dscp = false;
  bool zero_ecn = false;
  enum class Df : std::uint8_t { kSet, kClear, kInherit };
  Df df = Df::kSet;
  /// 20 bits; none: the flow hash.
  std::optional<std::uint32_t> flow_label;
  bool keep_inner_tags = false;
  /// Largest untagged IP packet inside, bytes; 0: what the way to the remote takes.
  std::uint32_t mtu = 0;
  /// What becomes of a larger one: dropped, and its sender told; IPv4 without DF cut into
  /// fragments, else as before; dropped.
  enum class Oversize : std::uint8_t { kIcmp, kFragmentInner, kDrop };
  Oversize oversize = Oversize::kIcmp;
  /// Lower the MSS of inner TCP SYNs, both ways, to what fits.
  bool mss_clamp = false;
  /// Lower the path MTU by ICMP errors from the underlay.
  bool learn_path = true;

  /// VNI, VSID or key; none: GRE without a key.
  std::optional<std::uint32_t> send_id;
  std::optional<std::uint32_t> receive_id;
  std::uint16_t udp_port = 0;
  std::uint16_t source_port_min = 49152;
  std::uint16_t source_port_max = 65535;
  bool udp_checksum = false;
  bool accept_zero_checksum = false;
  /// VXLAN: drop packets with reserved bits set.
  bool drop_reserved = false;
  /// GRE.
  /// It carries IP packets, else Ethernet frames.
  bool payload_ip = false;
  bool sequence = false;
  bool send_checksum = false;
  bool require_checksum = false;
  /// NVGRE, 0-255; none: the flow hash.
  std::optional<std::uint8_t> flow_id;
};

inline constexpr std::uint32_t kNoMember = 0xffffffff;

/// ICMP errors a second that the gateway makes for a tenant, unless it says otherwise.
inline constexpr std::uint32_t kIcmpPerSecond = 100;

struct MemberSpec {
  std::uint32_t tenant = 0;
  /// The other end of the cross-connect; kNoMember: none, what it receives is
  /// dropped.
  std::uint32_t peer = kNoMember;
  std::variant<AttachmentSpec, TunnelSpec> kind;
};

/// Of a large table tens of megabytes, which are there for a moment.
using MemberSpecs = std::vector<MemberSpec, LargePageAllocator<MemberSpec>>;

struct PortSpec {
  /// Whether tunnel packets are decapsulated here.
  bool takes_tunnels = false;
  /// VID that tunnel packets carry here; 0: they are untagged.
  std::uint16_t tunnel_vlan = 0;
};

struct TableSpec {
  std::vector<PortSpec> ports;
  MemberSpecs members;
  std::uint32_t tenants = 0;
  /// By tenant; those behind its end have kIcmpPerSecond.
  std::vector<std::uint32_t> icmp_per_second;
  std::uint32_t next_hops = 0;
  HashSeed seed{};
};

}  // namespace adit
