#include <doctest/doctest.h>

#include "pipeline_lab.h"
#include "scapy_errors.h"
#include "scapy_packets.h"
#include "table/outer.h"
#include "table/quote.h"
#include "wire/checksum.h"

using namespace pipeline_lab;
using bytes::from_hex;

namespace {

struct Read {
  adit::DropReason reason = adit::DropReason::kNone;
  adit::UnderlayError error;
};

/// Reads a frame in memory of exactly its size.
Read read(const Bytes& frame) {
  static const adit::Table table(table_spec());
  const bytes::Frame exact(frame);
  adit::Packet packet = exact.packet;
  adit::OuterPacket outer;
  Read result;
  result.reason = adit::read_outer(table.endpoints(), packet, outer);
  if (result.reason != adit::DropReason::kNone) return result;
  REQUIRE(outer.is_icmp);
  result.reason = adit::read_underlay_error(table.endpoints(), packet, outer, result.error);
  return result;
}

void set16(Bytes& frame, std::size_t at, std::size_t value) {
  frame[at] = static_cast<std::uint8_t>(value >> 8);
  frame[at + 1] = static_cast<std::uint8_t>(value);
}

/// An ICMP error over IPv4 cut to `size` bytes, with lengths and checksums made right.
Bytes cut4(const Bytes& whole, std::size_t size) {
  Bytes frame = bytes::head(whole, size);
  set16(frame, 16, size - 14);
  set16(frame, 24, 0);
  adit::ChecksumSum ip;
  ip.add(&frame[14], 20);
  set16(frame, 24, ip.checksum().get());
  if (size < 38) return frame;
  set16(frame, 36, 0);
  adit::ChecksumSum icmp;
  icmp.add(&frame[34], size - 34);
  set16(frame, 36, icmp.checksum().get());
  return frame;
}

}  // namespace

TEST_CASE("read_underlay_error() reads what scapy quotes") {
  const Read vxlan = read(from_hex(scapy::kTooBig4));
  CHECK(vxlan.reason == adit::DropReason::kNone);
  CHECK(vxlan.error.type == 3);
  CHECK(vxlan.error.code == 4);
  CHECK(vxlan.error.rest == 1400);
  CHECK(vxlan.error.quote.remote == kRemote4);
  CHECK(vxlan.error.quote.source_port == 50000);
  CHECK(vxlan.error.quote.ip_bytes == 102);
  CHECK(vxlan.error.quote.header.id == 5001);
  CHECK(vxlan.error.quote.header.id_kind == adit::IdKind::kVni);
  CHECK(vxlan.error.quote.header.inner_offset == 78);
  const Read gre = read(from_hex(scapy::kUnreachableGre4));
  CHECK(gre.reason == adit::DropReason::kNone);
  CHECK(gre.error.quote.header.id == 77);
  CHECK(gre.error.quote.header.id_kind == adit::IdKind::kKey);
  CHECK(gre.error.quote.header.inner_offset == 70);
  const Read six = read(from_hex(scapy::kTooBig6));
  CHECK(six.reason == adit::DropReason::kNone);
  CHECK(six.error.quote.remote == kRemote6);
  CHECK(six.error.quote.header.id == 6001);
  CHECK(six.error.quote.header.inner_offset == 118);
}

TEST_CASE("read_underlay_error() reads nothing behind any shorter message, and then finds no id") {
  const Bytes vxlan = from_hex(scapy::kTooBig4);
  for (std::size_t size = 34; size <= vxlan.size(); ++size) {
    CAPTURE(size);
    const bool shows_id = size >= 78;
    CHECK(read(cut4(vxlan, size)).reason ==
          (shows_id ? adit::DropReason::kNone : adit::DropReason::k_truncated));
  }
  const Bytes gre = from_hex(scapy::kUnreachableGre4);
  for (std::size_t size = 34; size <= gre.size(); ++size) {
    CAPTURE(size);
    CHECK(read(cut4(gre, size)).reason ==
          (size >= 70 ? adit::DropReason::kNone : adit::DropReason::k_truncated));
  }
}

TEST_CASE("read_underlay_error() asks for a sound quote from the address that it was sent to") {
  const auto reason = [](std::size_t at, std::string_view hex) {
    const Bytes whole = from_hex(scapy::kTooBig4);
    return read(cut4(bytes::with(whole, at, hex), whole.size())).reason;
  };
  CHECK(reason(42, "65") == adit::DropReason::k_bad_outer_header);
  CHECK(reason(42, "44") == adit::DropReason::k_bad_outer_header);
  CHECK(reason(42, "4f") == adit::DropReason::k_unknown_tunnel);
  CHECK(reason(48, "0001") == adit::DropReason::k_truncated);
  CHECK(reason(48, "2000") == adit::DropReason::kNone);
  CHECK(reason(51, "06") == adit::DropReason::k_unknown_tunnel);
  CHECK(reason(57, "02") == adit::DropReason::k_unknown_tunnel);
  CHECK(reason(64, "12b6") == adit::DropReason::k_unknown_tunnel);
  CHECK(reason(34, "05") == adit::DropReason::k_unknown_tunnel);
  CHECK(reason(34, "0b00") == adit::DropReason::kNone);
  CHECK(read(bytes::with(from_hex(scapy::kTooBig4), 36, "0000")).reason ==
        adit::DropReason::k_bad_outer_checksum);
}

TEST_CASE("Pipeline consumes an ICMP error, lowers the path MTU, and tells the inner sender") {
  Lab lab;
  lab.receive(kUnderlay, scapy::kTooBig4);
  lab.receive(kUnderlay, scapy::kTooBig6);
  CHECK(lab.counters.consumed.get() == 2);
  CHECK(lab.hops.get(hop_of(kVxlan4), 1).path_mtu == 1400);
  CHECK(lab.hops.get(hop_of(kVxlan6), 1).path_mtu == 1400);
  CHECK(lab.hops.get(hop_of(kGre4), 1).path_mtu == 0);
  // The inner packets fit as they are, so there is no news.
  CHECK(lab.counters.generated.get() == 0);

  lab.receive(kUnderlay, scapy::kUnreachableGre4);
  CHECK(lab.counters.generated.get() == 1);
  REQUIRE(lab.access.sent.size() == 1);
  const adit::PathError kept = lab.shared.path_errors.get(hop_of(kGre4));
  CHECK(kept.count == 1);
  CHECK(kept.type == 3);
  CHECK(kept.code == 1);
  CHECK(lab.drops().empty());
}
