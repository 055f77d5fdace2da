#include "table/member_records.h"

#include <doctest/doctest.h>

#include <random>

#include "bytes.h"

using namespace adit;
using bytes::Bytes;

namespace {

// What `test/unit/native/member-records.test.ts` packs, byte for byte.
const Bytes kAttachment =
    bytes::from_hex("0002030001000000020000000300a8886400c8007805ff000200000000090000");
const Bytes kVxlan = bytes::from_hex(
    "0100fe4304030201ffffffff05000000"
    "efcdab00efcdab0045230100b51200c0"
    "ffff0005ffff402e0202000000000000"
    "c0000201000000000000000000000000"
    "c6336407000000000000000000000000");
const Bytes kGre = bytes::from_hex(
    "0102017c04030201ffffffffffffffff"
    "07000000feffffffffffffff00000000"
    "00000000ffff00ff0000000001000000"
    "0102030405060708090a0b0c0d0e0f10"
    "00000000000000000000000000000000"
    "00010001000100010001000100010001"
    "7e000000");

bool is_read(const Bytes& records) {
  MemberSpecs members;
  return read_member_records(records, members);
}

MemberSpec member_of(const Bytes& record) {
  MemberSpecs members;
  REQUIRE(read_member_records(record, members));
  REQUIRE(members.size() == 1);
  return members[0];
}

/// Whether a record with another byte at one place is read.
bool is_read_with(Bytes record, std::size_t at, std::uint8_t value) {
  record[at] = value;
  return is_read(record);
}

}  // namespace

TEST_CASE("an attachment's record is read") {
  const MemberSpec member = member_of(kAttachment);
  CHECK(member.tenant == 1);
  CHECK(member.peer == 2);
  const auto& spec = std::get<AttachmentSpec>(member.kind);
  CHECK(spec.port == 3);
  CHECK(spec.match == TagMatch::kDouble);
  CHECK(spec.outer_tpid == EtherType::kServiceVlan);
  CHECK(spec.outer == 100);
  CHECK(spec.inner == 200);
  CHECK(spec.keep_tag);
  CHECK_FALSE(spec.pcp.has_value());
  CHECK(spec.mtu == 1400);
  CHECK(spec.next_hop_mac == MacAddress{{2, 0, 0, 0, 0, 9}});
}

TEST_CASE("a tunnel's record is read") {
  const MemberSpec member = member_of(kVxlan);
  CHECK(member.tenant == 0x01020304);
  CHECK(member.peer == kNoMember);
  const auto& spec = std::get<TunnelSpec>(member.kind);
  CHECK(spec.type == TunnelType::kVxlan);
  CHECK(spec.local == IpAddress::v4(bytes::from_hex("c0000201").data()));
  CHECK(spec.remote == IpAddress::v4(bytes::from_hex("c6336407").data()));
  CHECK(spec.next_hop == 5);
  CHECK(spec.accept_from.empty());
  CHECK(spec.ttl == 64);
  CHECK(spec.dscp == 46);
  CHECK(spec.copy_dscp);
  CHECK(spec.zero_ecn);
  CHECK(spec.df == TunnelSpec::Df::kInherit);
  CHECK(spec.flow_label == 0x12345);
  CHECK(spec.keep_inner_tags);
  CHECK(spec.mtu == 1280);
  CHECK(spec.oversize == TunnelSpec::Oversize::kDrop);
  CHECK(spec.mss_clamp);
  CHECK(spec.learn_path);
  CHECK(spec.send_id == 0xabcdef);
  CHECK(spec.receive_id == 0xabcdef);
  CHECK(spec.udp_port == 4789);
  CHECK(spec.source_port_min == 49152);
  CHECK(spec.source_port_max == 65535);
  CHECK(spec.udp_checksum);
  CHECK(spec.accept_zero_checksum);
  CHECK(spec.drop_reserved);
  CHECK_FALSE(spec.payload_ip);
  CHECK_FALSE(spec.flow_id.has_value());
}

TEST_CASE("the record of a tunnel that only receives is read") {
  const MemberSpec member = member_of(kGre);
  const auto& spec = std::get<TunnelSpec>(member.kind);
  CHECK(spec.type == TunnelType::kGre);
  CHECK(spec.local.family == IpFamily::kIpv6);
  CHECK(spec.local.bytes[15] == 16);
  CHECK_FALSE(spec.remote.has_value());
  CHECK(spec.next_hop == kNoNextHop);
  REQUIRE(spec.accept_from.size() == 1);
  CHECK(spec.accept_from[0].length == 126);
  CHECK(spec.accept_from[0].address.bytes[1] == 1);
  CHECK_FALSE(spec.ttl.has_value());
  CHECK_FALSE(spec.dscp.has_value());
  CHECK_FALSE(spec.flow_label.has_value());
  CHECK(spec.df == TunnelSpec::Df::kSet);
  CHECK(spec.oversize == TunnelSpec::Oversize::kIcmp);
  CHECK_FALSE(spec.learn_path);
  CHECK(spec.send_id == 7);
  CHECK(spec.receive_id == 0xfffffffe);
  CHECK(spec.payload_ip);
  CHECK(spec.sequence);
  CHECK(spec.send_checksum);
  CHECK(spec.require_checksum);
}

TEST_CASE("records stand one behind the other") {
  Bytes all = kVxlan;
  all.insert(all.end(), kGre.begin(), kGre.end());
  all.insert(all.end(), kAttachment.begin(), kAttachment.end());
  MemberSpecs members;
  REQUIRE(read_member_records(all, members));
  REQUIRE(members.size() == 3);
  CHECK(std::holds_alternative<AttachmentSpec>(members[2].kind));
}

TEST_CASE("a record that is cut short is refused, wherever") {
  for (const Bytes& record : {kAttachment, kVxlan, kGre}) {
    for (std::size_t size = 1; size < record.size(); ++size) {
      CHECK_FALSE(is_read(Bytes(record.begin(), record.begin() + static_cast<long>(size))));
    }
  }
  CHECK(is_read({}));
}

TEST_CASE("a number of sources that is not there is refused") {
  for (const std::size_t at : {44U, 45U, 46U, 47U}) CHECK_FALSE(is_read_with(kVxlan, at, 0xff));
  CHECK_FALSE(is_read_with(kGre, 44, 2));
}

TEST_CASE("a record that says what none may is refused") {
  CHECK_FALSE(is_read_with(kVxlan, 0, 2));        // Kind.
  CHECK_FALSE(is_read_with(kAttachment, 1, 5));   // TagMatch.
  CHECK_FALSE(is_read_with(kAttachment, 14, 0));  // TPID.
  CHECK_FALSE(is_read_with(kAttachment, 22, 8));  // PCP.
  CHECK_FALSE(is_read_with(kVxlan, 1, 4));        // TunnelType.
  CHECK_FALSE(is_read_with(kVxlan, 26, 0x10));    // Flow label.
  CHECK_FALSE(is_read_with(kVxlan, 33, 0));       // Source ports.
  CHECK_FALSE(is_read_with(kVxlan, 37, 1));       // FlowID.
  CHECK_FALSE(is_read_with(kVxlan, 39, 64));      // DSCP.
  CHECK_FALSE(is_read_with(kVxlan, 40, 3));       // Df.
  CHECK_FALSE(is_read_with(kVxlan, 41, 3));       // Oversize.
  CHECK_FALSE(is_read_with(kGre, 96, 129));       // Bits of a source.
}

TEST_CASE("any bytes are read or refused, and none behind their end are looked at") {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    Bytes record = i % 3 == 0 ? kAttachment : (i % 3 == 1 ? kVxlan : kGre);
    for (int change = 0; change < 3; ++change) {
      record[random() % record.size()] = static_cast<std::uint8_t>(random());
    }
    record.resize(random() % (record.size() + 1));
    record.shrink_to_fit();
    static_cast<void>(is_read(record));
  }
}
