#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bytes.h"
#include "table/next_hop.h"
#include "table/table.h"

/// A table with one tunnel of each kind, each joined to an attachment of its own.
namespace pipeline_lab {

enum PortIndex : std::size_t { kAccess, kUnderlay, kPorts };

/// Members in the order of the table; each attachment is joined to the tunnel behind it.
enum Member : std::uint32_t {
  kLan,        // VLAN 100
  kVxlan4,     // VNI 5001
  kGreLan,     // VLAN 9, priority 5
  kGre4,       // key 77
  kSixLan,     // VLAN 300
  kVxlan6,     // VNI 6001
  kUntagged,   // no tag
  kGre4Plain,  // no key; keeps inner tags
  kOtherLan,   // VLAN 500, of the other tenant
  kGre6,       // key 77, of the other tenant
  kClearLan,   // VLAN 700
  kClear4,     // VNI 7001, DF clear, checksummed; cuts what is too big, and clamps the MSS
  kLone,       // VLAN 600, joined to nothing
  kMembers,
};
inline constexpr std::uint32_t kTenants = 2;
inline constexpr std::uint32_t kTenantOf[kMembers] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1};

/// Index of a tunnel's next hop: each has its own.
constexpr std::uint32_t hop_of(std::uint32_t tunnel) { return tunnel / 2; }
inline constexpr std::uint32_t kHops = kMembers / 2;

inline adit::IpAddress v4(std::string_view hex) {
  return adit::IpAddress::v4(bytes::from_hex(hex).data());
}
inline adit::IpAddress v6(std::string_view hex) {
  return adit::IpAddress::v6(bytes::from_hex(hex).data());
}
inline const adit::IpAddress kLocal4 = v4("c0000201");
inline const adit::IpAddress kRemote4 = v4("c6336407");
inline const adit::IpAddress kLocal6 = v6("20010db8000000000000000000000001");
inline const adit::IpAddress kRemote6 = v6("20010db8000100000000000000000007");

inline adit::MemberSpec attachment(std::uint32_t self, std::uint16_t vlan, std::uint8_t pcp = 0) {
  return {.tenant = kTenantOf[self],
          .peer = self == kLone ? adit::kNoMember : self + 1,
          .kind = adit::AttachmentSpec{
              .port = kAccess,
              .match = vlan == 0 ? adit::TagMatch::kUntagged : adit::TagMatch::kSingle,
              .outer = vlan,
              .pcp = pcp}};
}

inline adit::TunnelSpec vxlan(std::uint32_t vni, bool udp_checksum) {
  adit::TunnelSpec spec;
  spec.type = adit::TunnelType::kVxlan;
  spec.send_id = vni;
  spec.receive_id = vni;
  spec.udp_port = 4789;
  spec.source_port_min = 50000;
  spec.source_port_max = 50000;
  spec.udp_checksum = udp_checksum;
  return spec;
}

/// Of kClear4.
inline constexpr std::uint32_t kCuttingVni = 7001;
inline adit::TunnelSpec cutting_vxlan() {
  adit::TunnelSpec spec = vxlan(kCuttingVni, true);
  spec.oversize = adit::TunnelSpec::Oversize::kFragmentInner;
  spec.mss_clamp = true;
  return spec;
}

inline adit::TunnelSpec gre(std::optional<std::uint32_t> key = std::nullopt) {
  adit::TunnelSpec spec;
  spec.type = adit::TunnelType::kGre;
  spec.send_id = key;
  spec.receive_id = key;
  return spec;
}

inline adit::MemberSpec tunnel(std::uint32_t self, const adit::IpAddress& local,
                               adit::TunnelSpec spec, bool dont_fragment = true,
                               bool keep_inner_tags = false) {
  const bool is_four = local.family == adit::IpFamily::kIpv4;
  spec.local = local;
  spec.remote = is_four ? kRemote4 : kRemote6;
  spec.next_hop = hop_of(self);
  spec.df = dont_fragment ? adit::TunnelSpec::Df::kSet : adit::TunnelSpec::Df::kClear;
  spec.keep_inner_tags = keep_inner_tags;
  return {.tenant = kTenantOf[self], .peer = self - 1, .kind = spec};
}

inline adit::TableSpec table_spec() {
  adit::TableSpec spec;
  spec.ports = {adit::PortSpec{}, adit::PortSpec{.takes_tunnels = true}};
  spec.members = {attachment(kLan, 100),      tunnel(kVxlan4, kLocal4, vxlan(5001, false)),
                  attachment(kGreLan, 9, 5),  tunnel(kGre4, kLocal4, gre(77)),
                  attachment(kSixLan, 300),   tunnel(kVxlan6, kLocal6, vxlan(6001, true)),
                  attachment(kUntagged, 0),   tunnel(kGre4Plain, kLocal4, gre(), true, true),
                  attachment(kOtherLan, 500), tunnel(kGre6, kLocal6, gre(77)),
                  attachment(kClearLan, 700), tunnel(kClear4, kLocal4, cutting_vxlan(), false),
                  attachment(kLone, 600)};
  spec.tenants = kTenants;
  spec.next_hops = kHops;
  spec.seed = adit::HashSeed::from(1);
  return spec;
}

inline adit::NextHop up() {
  return {.status = adit::NextHop::Status::kUp,
          .port = kUnderlay,
          .destination = {{2, 0, 0, 0, 0, 0xfe}},
          .source = {{2, 0, 0, 0, 0, 1}},
          .mtu = 1500};
}

}  // namespace pipeline_lab
