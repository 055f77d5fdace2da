#include "worker/member_size.h"

#include <doctest/doctest.h>

#include "table_lab.h"

using namespace pipeline_lab;

namespace {

struct Sizes {
  explicit Sizes(const adit::TableSpec& spec = table_spec())
      : table(spec), hops(kHops), ports(kPorts) {
    for (std::uint32_t hop = 0; hop < kHops; ++hop) hops.set(hop, up());
  }
  [[nodiscard]] adit::MemberSize of(std::uint32_t member, std::uint64_t now_ns = 0) const {
    return adit::member_sizes(table, hops, ports, now_ns)[member];
  }

  adit::Table table;
  adit::NextHopTable hops;
  adit::PortStatusList ports;
};

}  // namespace

TEST_CASE("Member sizes: of each kind of tunnel, and of the ports of attachments") {
  const Sizes sizes;
  CHECK(sizes.of(kVxlan4).inner_mtu == 1450);
  CHECK(sizes.of(kVxlan6).inner_mtu == 1430);
  CHECK(sizes.of(kGre4).inner_mtu == 1458);
  CHECK(sizes.of(kGre4Plain).inner_mtu == 1462);
  CHECK(sizes.of(kGre6).inner_mtu == 1438);
  CHECK(sizes.of(kLan).inner_mtu == 1500);
  CHECK(std::string(adit::size_source_words(sizes.of(kLan).source)) == "the port");
}

TEST_CASE("Member sizes: they follow next hops and ports") {
  Sizes sizes;
  adit::NextHop hop = up();
  hop.mtu = 4000;
  sizes.hops.set(hop_of(kVxlan4), hop);
  CHECK(sizes.of(kVxlan4).inner_mtu == 3950);
  hop.status = adit::NextHop::Status::kNoRoute;
  sizes.hops.set(hop_of(kVxlan4), hop);
  CHECK_FALSE(sizes.of(kVxlan4).inner_mtu);
  sizes.ports[kAccess].mtu = 9000;
  CHECK(sizes.of(kLan).inner_mtu == 9000);
}

TEST_CASE("Member sizes: a tunnel's or attachment's own MTU, and tags that are kept") {
  adit::TableSpec spec = table_spec();
  std::get<adit::TunnelSpec>(spec.members[kVxlan4].kind).mtu = 1300;
  std::get<adit::AttachmentSpec>(spec.members[kLan].kind).mtu = 1280;
  std::get<adit::AttachmentSpec>(spec.members[kGreLan].kind).keep_tag = true;
  std::get<adit::AttachmentSpec>(spec.members[kSixLan].kind).mtu = 1501;
  const Sizes sizes(spec);
  CHECK(sizes.of(kVxlan4).inner_mtu == 1300);
  CHECK(std::string(adit::size_source_words(sizes.of(kVxlan4).source)) == "the tunnel's mtu");
  CHECK(sizes.of(kLan).inner_mtu == 1280);
  CHECK(sizes.of(kGre4).inner_mtu == 1454);
  // Never more than the port takes.
  CHECK(sizes.of(kSixLan).inner_mtu == 1500);
}

TEST_CASE("Member sizes: they follow what ICMP errors told, as long as that lasts") {
  Sizes sizes;
  CHECK(sizes.hops.lower_path_mtu(hop_of(kVxlan4), 1400, 0));
  CHECK(sizes.of(kVxlan4).inner_mtu == 1350);
  CHECK(sizes.of(kVxlan4).source == adit::SizeSource::kPath);
  CHECK(sizes.of(kGre4).inner_mtu == 1458);
  CHECK(sizes.of(kVxlan4, adit::NextHopTable::kPathMtuMs * 1'000'000).inner_mtu == 1450);
}
