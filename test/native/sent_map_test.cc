#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "bytes.h"
#include "table/outer.h"
#include "table/sent_map.h"

namespace {

using adit::DropReason;
using adit::HashSeed;
using adit::IdKind;
using adit::IpAddress;
using adit::Quote;
using adit::SentMap;
using adit::Tunnel;
using adit::TunnelMap;
using adit::TunnelSpec;
using adit::TunnelType;

IpAddress v4(std::uint32_t host) {
  const adit::be32 wire{host};
  std::uint8_t bytes[4];
  std::memcpy(bytes, &wire, sizeof bytes);
  return IpAddress::v4(bytes);
}

TunnelSpec spec_of(TunnelType type, std::optional<std::uint32_t> send,
                   std::optional<std::uint32_t> receive, std::uint32_t remote) {
  TunnelSpec spec;
  spec.type = type;
  spec.local = v4(0xc0000201);
  spec.remote = v4(remote);
  spec.next_hop = 0;
  spec.send_id = send;
  spec.receive_id = receive;
  spec.udp_port = 4789;
  return spec;
}

/// Tunnels at one endpoint, and both maps over them.
struct Maps {
  explicit Maps(const std::vector<TunnelSpec>& specs) {
    adit::Endpoint ignored;
    for (const TunnelSpec& spec : specs) tunnels.push_back(adit::make_tunnel(spec, ignored));
    received = std::make_unique<TunnelMap>(tunnels, std::span<const adit::AcceptedSources>{},
                                           HashSeed::from(5));
    sent = std::make_unique<SentMap>(tunnels, HashSeed::from(5));
  }
  [[nodiscard]] SentMap::Match find(const Quote& quote) const {
    return sent->find(quote, *received, DropReason::k_unknown_key);
  }

  std::vector<Tunnel> tunnels;
  std::unique_ptr<TunnelMap> received;
  std::unique_ptr<SentMap> sent;
};

Quote vxlan_quote(std::uint32_t vni, std::uint32_t remote, std::uint16_t source_port = 50000) {
  Quote quote;
  quote.remote = v4(remote);
  quote.source_port = source_port;
  quote.header = {.id = vni, .id_kind = IdKind::kVni, .word = 0x08000000, .inner_offset = 0};
  return quote;
}

Quote gre_quote(std::uint32_t key, std::uint32_t remote, std::uint32_t word = 0x20006558) {
  Quote quote;
  quote.remote = v4(remote);
  quote.header = {.id = key, .id_kind = IdKind::kKey, .word = word, .inner_offset = 0};
  return quote;
}

}  // namespace

TEST_CASE("SentMap finds each of 100000 tunnels by what it sends, and no other") {
  std::vector<TunnelSpec> specs;
  for (std::uint32_t i = 0; i < 100000; ++i) {
    specs.push_back(spec_of(TunnelType::kVxlan, i % 50000, i % 50000, 0x0a000000 + i / 50000));
  }
  const Maps maps(specs);
  std::uint32_t wrong = 0;
  for (std::uint32_t i = 0; i < specs.size(); ++i) {
    const SentMap::Match match = maps.find(vxlan_quote(i % 50000, 0x0a000000 + i / 50000));
    const bool found = match.reason == DropReason::kNone && match.tunnel == i && !match.is_shared;
    wrong += found ? 0U : 1U;
    const SentMap::Match other = maps.find(vxlan_quote(i % 50000, 0x0a000002));
    wrong += other.reason == DropReason::k_peer_not_allowed ? 0U : 1U;
  }
  CHECK(wrong == 0);
  CHECK(maps.find(vxlan_quote(50000, 0x0a000000)).reason == DropReason::k_unknown_key);
}

TEST_CASE("SentMap asks for the key that is sent, the header and the source port") {
  TunnelSpec narrow = spec_of(TunnelType::kVxlan, 1, 1, 7);
  narrow.source_port_min = 60000;
  narrow.source_port_max = 60001;
  const Maps vxlan({narrow});
  CHECK(vxlan.find(vxlan_quote(1, 7, 59999)).reason == DropReason::k_peer_not_allowed);
  CHECK(vxlan.find(vxlan_quote(1, 7, 60000)).reason == DropReason::kNone);
  CHECK(vxlan.find(vxlan_quote(1, 7, 60001)).reason == DropReason::kNone);
  CHECK(vxlan.find(vxlan_quote(1, 7, 60002)).reason == DropReason::k_peer_not_allowed);

  const Maps gre({spec_of(TunnelType::kGre, 100, 200, 7)});
  CHECK(gre.find(gre_quote(100, 7)).reason == DropReason::kNone);
  CHECK(gre.find(gre_quote(200, 7)).reason == DropReason::k_peer_not_allowed);
  CHECK(gre.find(gre_quote(300, 7)).reason == DropReason::k_unknown_key);
  CHECK(gre.find(gre_quote(100, 7, 0x20000800)).reason == DropReason::k_peer_not_allowed);
  CHECK(gre.find(gre_quote(100, 7, 0xa0006558)).reason == DropReason::k_peer_not_allowed);
}

TEST_CASE("SentMap takes an NVGRE key without its flow, and a packet of IP by either type") {
  const Maps nvgre({spec_of(TunnelType::kNvgre, 0x5001, 0x5001, 7)});
  for (const std::uint32_t flow : {0U, 1U, 255U}) {
    CHECK(nvgre.find(gre_quote(0x500100 | flow, 7)).reason == DropReason::kNone);
  }
  CHECK(nvgre.find(gre_quote(0x500200, 7)).reason == DropReason::k_unknown_key);
  TunnelSpec ip = spec_of(TunnelType::kGre, 9, 9, 7);
  ip.payload_ip = true;
  const Maps gre({ip});
  CHECK(gre.find(gre_quote(9, 7, 0x20000800)).reason == DropReason::kNone);
  CHECK(gre.find(gre_quote(9, 7, 0x200086dd)).reason == DropReason::kNone);
  CHECK(gre.find(gre_quote(9, 7, 0x20006558)).reason == DropReason::k_peer_not_allowed);
}

TEST_CASE(
    "SentMap says when another tunnel's packets look the same, and who learns stands for all") {
  // Two keys received, one sent; a search through all of them would take hours.
  std::vector<TunnelSpec> many;
  for (std::uint32_t i = 0; i < 50000; ++i) {
    many.push_back(spec_of(TunnelType::kGre, 5, 1000 + i, 7));
    many.back().learn_path = i == 30000;
  }
  const Maps alike(many);
  const SentMap::Match match = alike.find(gre_quote(5, 7));
  CHECK(match.reason == DropReason::kNone);
  CHECK(match.is_shared);
  CHECK(match.tunnel == 30000);

  TunnelSpec low = spec_of(TunnelType::kVxlan, 1, 1, 7);
  TunnelSpec high = low;
  low.source_port_max = 60000;
  high.source_port_min = 60000;
  const Maps ranges({low, high});
  CHECK(ranges.find(vxlan_quote(1, 7, 59999)).tunnel == 0);
  CHECK_FALSE(ranges.find(vxlan_quote(1, 7, 59999)).is_shared);
  CHECK(ranges.find(vxlan_quote(1, 7, 60000)).is_shared);
  CHECK(ranges.find(vxlan_quote(1, 7, 60001)).tunnel == 1);

  const Maps kinds(
      {spec_of(TunnelType::kGre, 0x500105, 1, 7), spec_of(TunnelType::kNvgre, 0x5001, 0x5001, 7)});
  CHECK(kinds.find(gre_quote(0x500105, 7)).is_shared);
  CHECK_FALSE(kinds.find(gre_quote(0x500106, 7)).is_shared);
  CHECK(kinds.find(gre_quote(0x500106, 7)).tunnel == 1);
}

TEST_CASE("SentMap knows no tunnel that only receives") {
  TunnelSpec spec = spec_of(TunnelType::kVxlan, 1, 1, 7);
  spec.next_hop = adit::kNoNextHop;
  const Maps maps({spec});
  CHECK(maps.find(vxlan_quote(1, 7)).reason == DropReason::k_peer_not_allowed);
}
