#include "table/tunnel.h"

#include <algorithm>
#include <cstring>

#include "wire/checksum.h"
#include "wire/ethernet.h"

namespace adit {
namespace {

using Oversize = TunnelSpec::Oversize;

constexpr const TunnelTypeOps* kRegistry[] = {&kVxlanOps, &kGeneveOps, &kGreOps, &kNvgreOps};
constexpr std::size_t kTypes = static_cast<std::size_t>(TunnelType::kCount);
static_assert(sizeof kRegistry / sizeof kRegistry[0] == kTypes);

/// What the outer IP header takes over from the inner packet; 0 where nothing.
struct Inherited {
  std::uint8_t traffic_class = 0;
  std::uint8_t ttl = 0;
  bool dont_fragment = false;
};

Inherited inherit(const Tunnel& tunnel, const InnerFrame& inner) noexcept {
  constexpr std::uint8_t kTtlOfNoIp = 64;
  const bool is_ip = inner.payload != InnerFrame::Payload::kOther;
  Inherited inherited;
  // RFC 6040 §4.1, normal mode: the outer ECN field is a copy of the inner one; else it is 0.
  inherited.traffic_class = static_cast<std::uint8_t>(inner.ecn) & tunnel.ecn_mask;
  if (tunnel.inherit_dscp) {
    inherited.traffic_class =
        static_cast<std::uint8_t>(inherited.traffic_class | (inner.dscp << 2));
  }
  if (tunnel.inherit_ttl) inherited.ttl = is_ip ? inner.ttl : kTtlOfNoIp;
  inherited.dont_fragment = tunnel.inherit_df && inner.dont_fragment;
  return inherited;
}

void patch_ipv4(const Packet& packet, const Tunnel& tunnel, const Inherited& inherited,
                std::uint16_t identification) noexcept {
  auto* ip = packet.at<Ipv4Header>(sizeof(EthernetHeader));
  const std::uint32_t bytes = packet.length() - std::uint32_t{sizeof(EthernetHeader)};
  std::uint32_t sum = ip->checksum.get();
  ip->tos = static_cast<std::uint8_t>(ip->tos | inherited.traffic_class);
  ip->ttl = static_cast<std::uint8_t>(ip->ttl | inherited.ttl);
  ip->total_length = static_cast<std::uint16_t>(bytes);
  sum += bytes + inherited.traffic_class + (std::uint32_t{inherited.ttl} << 8);
  if (inherited.dont_fragment) {
    ip->flags_offset = Ipv4Header::kDontFragment;
    sum += Ipv4Header::kDontFragment;
  } else if (!tunnel.always_df) {
    ip->identification = identification;
    sum += identification;
  }
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  ip->checksum = static_cast<std::uint16_t>(~sum);
}

void patch_ipv6(const Packet& packet, const Tunnel& tunnel, const Inherited& inherited,
                std::uint64_t hash) noexcept {
  auto* ip = packet.at<Ipv6Header>(sizeof(EthernetHeader));
  std::uint32_t word =
      ip->version_class_label.get() | (std::uint32_t{inherited.traffic_class} << 20);
  if (tunnel.hash_flow_label) {
    // Label 0 means "not labelled" (RFC 6437 §2), so the hash never yields it.
    const auto label = static_cast<std::uint32_t>(hash & 0xfffff);
    word |= label == 0 ? 1 : label;
  }
  ip->version_class_label = word;
  ip->payload_length =
      static_cast<std::uint16_t>(packet.length() - sizeof(EthernetHeader) - sizeof *ip);
  ip->hop_limit = static_cast<std::uint8_t>(ip->hop_limit | inherited.ttl);
}

/// \pre the template is made.
void set_own_limit(const TunnelSpec& spec, Tunnel& tunnel) noexcept {
  constexpr std::uint32_t kLargest = 0xffff;
  const std::uint32_t ethernet = spec.payload_ip ? 0 : std::uint32_t{sizeof(EthernetHeader)};
  tunnel.has_mtu = spec.mtu != 0;
  tunnel.own_limit =
      static_cast<std::uint16_t>(std::min(spec.mtu + tunnel.template_bytes + ethernet, kLargest));
}

}  // namespace

const TunnelTypeOps& tunnel_type_ops(TunnelType type) noexcept {
  return *kRegistry[static_cast<std::size_t>(type)];
}

Tunnel make_tunnel(const TunnelSpec& spec, Endpoint& endpoint) {
  Tunnel tunnel;
  tunnel.next_hop = spec.next_hop;
  tunnel.type = spec.type;
  tunnel.family = spec.local.family;
  tunnel.source_port_min = spec.source_port_min;
  tunnel.source_port_span = static_cast<std::uint16_t>(spec.source_port_max - spec.source_port_min);
  tunnel.inherit_ttl = !spec.ttl;
  tunnel.inherit_dscp = !spec.dscp;
  tunnel.inherit_df = spec.df == TunnelSpec::Df::kInherit;
  tunnel.always_df = spec.df == TunnelSpec::Df::kSet;
  if (spec.zero_ecn) tunnel.ecn_mask = 0;
  tunnel.copy_dscp = spec.copy_dscp;
  tunnel.hash_flow_label = !spec.flow_label;
  tunnel.keep_inner_tags = spec.keep_inner_tags;
  tunnel.udp_checksum = spec.udp_checksum;
  tunnel.accept_zero_checksum = spec.accept_zero_checksum;
  tunnel.drop_reserved = spec.drop_reserved;
  tunnel.payload_ip = spec.payload_ip;
  tunnel.sequence = spec.sequence;
  tunnel.send_checksum = spec.send_checksum;
  tunnel.require_checksum = spec.require_checksum;
  tunnel.accepts_remote_alone = spec.accept_from.empty();
  tunnel.fragment_inner = spec.oversize == Oversize::kFragmentInner;
  tunnel.tell_sender = spec.oversize != Oversize::kDrop;
  tunnel.mss_clamp = spec.mss_clamp;
  tunnel.learns_path = spec.learn_path;
  endpoint = tunnel_type_ops(tunnel.type).build(spec, tunnel);
  set_own_limit(spec, tunnel);
  return tunnel;
}

bool sends_plainly(const Tunnel& tunnel) noexcept {
  const bool is_fixed = !tunnel.inherit_ttl && !tunnel.inherit_dscp &&
                        (tunnel.family == IpFamily::kIpv6 || tunnel.always_df);
  const bool has_sums = tunnel.udp_checksum || tunnel.send_checksum || tunnel.sequence;
  const bool has_limits = tunnel.has_mtu || tunnel.mss_clamp;
  return tunnel.next_hop != kNoNextHop && is_fixed && !has_sums && !has_limits &&
         !tunnel.payload_ip && !tunnel.loops;
}

bool receives_plainly(const Tunnel& tunnel) noexcept {
  return !tunnel.payload_ip && !tunnel.copy_dscp && !tunnel.mss_clamp && !tunnel.drop_reserved &&
         !tunnel.require_checksum && tunnel.accepts_remote_alone;
}

DropReason push_tunnel(Packet& packet, const Tunnel& tunnel, const InnerFrame& inner,
                       const PushFields& fields) noexcept {
  const Inherited inherited = inherit(tunnel, inner);
  if (is_out_of_time(tunnel, inner)) return DropReason::k_inner_ttl;
  std::uint8_t* ethernet =
      packet.push(tunnel.template_bytes + std::uint32_t{sizeof(EthernetHeader)});
  if (ethernet == nullptr) return DropReason::k_no_headroom;
  std::memcpy(ethernet + sizeof(EthernetHeader), tunnel.outer(), tunnel.template_bytes);
  const bool is_ipv4 = tunnel.family == IpFamily::kIpv4;
  reinterpret_cast<EthernetHeader*>(ethernet)->type =
      static_cast<std::uint16_t>(is_ipv4 ? EtherType::kIpv4 : EtherType::kIpv6);
  if (is_ipv4) {
    patch_ipv4(packet, tunnel, inherited, fields.identification);
  } else {
    patch_ipv6(packet, tunnel, inherited, fields.hash);
  }
  const std::uint32_t l4_offset = static_cast<std::uint32_t>(
      sizeof(EthernetHeader) + (is_ipv4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header)));
  tunnel_type_ops(tunnel.type).patch(packet, l4_offset, tunnel, fields);
  return DropReason::kNone;
}

}  // namespace adit
