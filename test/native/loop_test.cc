#include "table/loop.h"

#include <doctest/doctest.h>

#include "table_lab.h"

namespace {

using adit::IpAddress;
using adit::TunnelSpec;
using adit::TunnelType;

const IpAddress kA4 = pipeline_lab::v4("c0000201");
const IpAddress kB4 = pipeline_lab::v4("c0000202");
const IpAddress kA6 = pipeline_lab::v6("20010db8000000000000000000000001");
const IpAddress kB6 = pipeline_lab::v6("20010db8000000000000000000000002");

TunnelSpec spec_of(TunnelType type, bool is_four) {
  TunnelSpec spec;
  const bool is_udp = type == TunnelType::kVxlan || type == TunnelType::kGeneve;
  if (is_udp) spec = pipeline_lab::vxlan(5001, !is_four);
  spec.type = type;
  spec.send_id = spec.receive_id = 5001;
  spec.local = is_four ? kA4 : kA6;
  spec.remote = is_four ? kB4 : kB6;
  spec.next_hop = 0;
  return spec;
}

/// The tunnel of the other end.
TunnelSpec mirror(TunnelSpec spec) {
  const IpAddress local = spec.local;
  spec.local = spec.remote.value_or(local);
  spec.remote = local;
  std::swap(spec.send_id, spec.receive_id);
  return spec;
}

/// Whether what `there` sends is known to come back in by `back`.
bool loops(const TunnelSpec& there, const TunnelSpec& back, bool takes_tunnels = true) {
  adit::TableSpec table;
  table.ports = {adit::PortSpec{}, adit::PortSpec{.takes_tunnels = takes_tunnels}};
  table.members = {{.kind = there}, {.kind = back}};
  table.tenants = 1;
  table.next_hops = 1;
  table.seed = adit::HashSeed::from(1);
  return adit::Table(table).tunnel(0).loops;
}

TEST_CASE("comes_back() is a tunnel whose other end is a tunnel of this table") {
  for (const auto type :
       {TunnelType::kVxlan, TunnelType::kGeneve, TunnelType::kGre, TunnelType::kNvgre}) {
    for (const bool is_four : {true, false}) {
      CAPTURE(adit::tunnel_type_ops(type).name);
      CAPTURE(is_four);
      const TunnelSpec there = spec_of(type, is_four);
      CHECK(loops(there, mirror(there)));
      CHECK_FALSE(loops(there, mirror(there), false));
      TunnelSpec receives_only = there;
      receives_only.next_hop = adit::kNoNextHop;
      CHECK_FALSE(loops(receives_only, mirror(there)));

      TunnelSpec other_id = mirror(there);
      other_id.receive_id = 5002;
      CHECK_FALSE(loops(there, other_id));
      TunnelSpec other_source = mirror(there);
      other_source.remote = is_four ? pipeline_lab::kRemote4 : pipeline_lab::kRemote6;
      CHECK_FALSE(loops(there, other_source));
      // A prefix of sources never lets an endpoint of ours in.
      TunnelSpec everywhere = mirror(there);
      everywhere.accept_from = {{is_four ? IpAddress{} : IpAddress{adit::IpFamily::kIpv6, {}}, 0}};
      CHECK_FALSE(loops(there, everywhere));
    }
  }
}

TEST_CASE("comes_back() takes type, UDP port and the receiver's own keys into account") {
  const TunnelSpec vxlan = spec_of(TunnelType::kVxlan, true);
  TunnelSpec other_port = mirror(vxlan);
  other_port.udp_port = 8472;
  CHECK_FALSE(loops(vxlan, other_port));
  TunnelSpec geneve = mirror(vxlan);
  geneve.type = TunnelType::kGeneve;
  CHECK_FALSE(loops(vxlan, geneve));

  // Without a checksum on IPv6: only where the other end takes zero.
  TunnelSpec bare = spec_of(TunnelType::kVxlan, false);
  bare.udp_checksum = false;
  TunnelSpec strict = mirror(bare);
  CHECK_FALSE(loops(bare, strict));
  strict.accept_zero_checksum = true;
  CHECK(loops(bare, strict));

  const TunnelSpec gre = spec_of(TunnelType::kGre, true);
  TunnelSpec ip_payload = mirror(gre);
  ip_payload.payload_ip = true;
  CHECK_FALSE(loops(gre, ip_payload));
  TunnelSpec requiring = mirror(gre);
  requiring.require_checksum = true;
  CHECK_FALSE(loops(gre, requiring));
  TunnelSpec sending = gre;
  sending.send_checksum = true;
  sending.sequence = true;
  CHECK(loops(sending, requiring));
  TunnelSpec of_ip = gre;
  of_ip.payload_ip = true;
  CHECK(loops(of_ip, ip_payload));

  // A GRE key is read as a VSID where there is one of that number.
  TunnelSpec nvgre = mirror(gre);
  nvgre.type = TunnelType::kNvgre;
  nvgre.receive_id = 5001;
  TunnelSpec keyed = gre;
  keyed.send_id = (5001U << 8) | 3;
  CHECK(loops(keyed, nvgre));
  keyed.send_checksum = true;
  CHECK_FALSE(loops(keyed, nvgre));
}

}  // namespace
