#include "service/icmp_error.h"

#include <doctest/doctest.h>

#include "bytes.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/icmp.h"

namespace {

using adit::DropReason;
using adit::IcmpError;
using adit::InnerFrame;
using bytes::Bytes;

// Made by scapy: datagrams with a TOS, and the errors about them.
constexpr std::string_view kUdp4 =
    "020000000b02020000000a010800452e0028000740003f11278e0a0000010a000002045708ae00147e346164697461"
    "64697461646974";
constexpr std::string_view kTooBig4 =
    "020000000a01020000000b02080045000044000040003f0127b70a0000020a00000103040b7a000005aa452e002800"
    "0740003f11278e0a0000010a000002045708ae00147e34616469746164697461646974";
constexpr std::string_view kUnreachable4 =
    "45000044000040003f0127b70a0000020a0000010301112700000000452e0028000740003f11278e0a0000010a0000"
    "02045708ae00147e34616469746164697461646974";
constexpr std::string_view kUdp6 =
    "020000000b02020000000a0186dd62e000000014113dfd000000000000000000000000000001fd0000000000000000"
    "00000000000002045708ae00149832616469746164697461646974";
constexpr std::string_view kTooBig6 =
    "020000000a01020000000b0286dd6000000000443a3dfd000000000000000000000000000002fd0000000000000000"
    "00000000000001020089da0000059662e000000014113dfd000000000000000000000000000001fd00000000000000"
    "0000000000000002045708ae00149832616469746164697461646974";
constexpr std::string_view kUnreachable6 =
    "6000000000443a3dfd000000000000000000000000000002fd0000000000000000000000000000010103906d000000"
    "0062e000000014113dfd000000000000000000000000000001fd000000000000000000000000000002045708ae0014"
    "9832616469746164697461646974";
constexpr std::string_view kTagged4 =
    "020000000b02020000000a0188a8a01e810060280800452e0028000740003f11278e0a0000010a000002045708ae00"
    "147e34616469746164697461646974";
constexpr std::string_view kTaggedTooBig4 =
    "020000000a01020000000b0288a8a01e81006028080045000044000040003f0127b70a0000020a00000103040b8200"
    "0005a2452e0028000740003f11278e0a0000010a000002045708ae00147e34616469746164697461646974";

constexpr std::uint32_t kRoom = 256;

/// A packet with room in front, and the verdict and the message about it.
class Told : public bytes::Frame {
 public:
  template <typename Source>
  explicit Told(const Source& source, bool is_ip = false, std::uint32_t headroom = kRoom,
                std::uint32_t tailroom = 0)
      : bytes::Frame(source, headroom, tailroom) {
    REQUIRE(adit::parse_payload(packet, is_ip, inner) == DropReason::kNone);
  }

  [[nodiscard]] bool may(const IcmpError& error) const {
    return adit::may_tell(packet, inner, error);
  }
  [[nodiscard]] bool may_too_big(std::uint32_t mtu = 1400) const {
    return may(IcmpError::too_big(inner.payload, mtu));
  }
  [[nodiscard]] std::string message(const IcmpError& error) {
    REQUIRE(adit::make_icmp_error(packet, inner, error));
    return hex();
  }
  [[nodiscard]] std::string too_big(std::uint32_t mtu) {
    return message(IcmpError::too_big(inner.payload, mtu));
  }

  InnerFrame inner;
};

constexpr std::size_t kLink = sizeof(adit::EthernetHeader);

/// The IPv4 frame with bytes of its IP packet changed, and the header's checksum made right again.
Bytes changed4(std::size_t offset, std::string_view hex, std::string_view frame = kUdp4) {
  Bytes out = bytes::with(bytes::from_hex(frame), kLink + offset, hex);
  auto* ip = reinterpret_cast<adit::Ipv4Header*>(out.data() + kLink);
  ip->checksum = adit::ipv4_checksum(*ip);
  return out;
}
Bytes changed6(std::size_t offset, std::string_view hex) {
  return bytes::with(bytes::from_hex(kUdp6), kLink + offset, hex);
}
/// The IPv6 frame with `chain`, headers that start with that of protocol `first`, for its payload.
Bytes chained6(std::uint8_t first, std::string_view chain) {
  Bytes out = bytes::head(bytes::from_hex(kUdp6), kLink + sizeof(adit::Ipv6Header));
  out[kLink + 6] = first;
  const Bytes rest = bytes::from_hex(chain);
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}
/// A datagram of `size` bytes: IP header, UDP header and zeros.
Bytes long4(std::uint16_t size) {
  Bytes out = bytes::from_hex(kUdp4);
  out.resize(kLink + size);
  const adit::be16 length{size};
  std::memcpy(out.data() + kLink + 2, &length, sizeof length);
  auto* ip = reinterpret_cast<adit::Ipv4Header*>(out.data() + kLink);
  ip->checksum = adit::ipv4_checksum(*ip);
  return out;
}
Bytes long6(std::uint16_t size) {
  Bytes out = bytes::from_hex(kUdp6);
  out.resize(kLink + size);
  const adit::be16 length{static_cast<std::uint16_t>(size - sizeof(adit::Ipv6Header))};
  std::memcpy(out.data() + kLink + 4, &length, sizeof length);
  return out;
}

}  // namespace

TEST_CASE("ICMP error: too big, to the byte as scapy makes it") {
  CHECK(Told(kUdp4).too_big(1450) == kTooBig4);
  CHECK(Told(kUdp6).too_big(1430) == kTooBig6);
  CHECK(Told(kTagged4).too_big(1442) == kTaggedTooBig4);
}

TEST_CASE("ICMP error: of IP packets without Ethernet header, and other codes") {
  Told four(bytes::behind(bytes::from_hex(kUdp4), kLink), true);
  CHECK(four.message(IcmpError::unreachable(four.inner.payload, 1)) == kUnreachable4);
  Told six(bytes::behind(bytes::from_hex(kUdp6), kLink), true);
  CHECK(six.message(IcmpError::unreachable(six.inner.payload, 3)) == kUnreachable6);
}

TEST_CASE("ICMP error: what is read anew is the message") {
  Told told(kTagged4);
  static_cast<void>(told.too_big(1400));
  CHECK(told.inner.payload == InnerFrame::Payload::kIpv4);
  CHECK(told.inner.tagged);
  CHECK(told.inner.ip_offset == 22);
  CHECK(told.inner.dscp == 0);
  CHECK(told.inner.dont_fragment);
}

TEST_CASE("ICMP error: padding behind the IP packet is not quoted") {
  CHECK(Told(std::string(kUdp4) + "ffffffffffff").too_big(1450) == kTooBig4);
  CHECK(Told(std::string(kUdp6) + "ffff").too_big(1430) == kTooBig6);
}

TEST_CASE("ICMP error: an IPv4 message is at most 576 bytes, an IPv6 message 1280") {
  for (const std::uint16_t size : std::initializer_list<std::uint16_t>{547, 548, 549, 1501}) {
    Told told(long4(size));
    const Bytes quote = bytes::head(long4(size), kLink + std::min<std::size_t>(size, 548));
    const std::string message = told.too_big(1400);
    CHECK(told.packet.size() == kLink + 28 + quote.size() - kLink);
    CHECK(told.packet.at<adit::Ipv4Header>(kLink)->total_length.get() ==
          std::min<std::size_t>(size + 28U, 576));
    CHECK(message.substr(2 * (kLink + 28)) == bytes::to_hex(bytes::behind(quote, kLink)));
  }
  for (const std::uint16_t size : std::initializer_list<std::uint16_t>{1231, 1232, 1233, 9001}) {
    Told told(long6(size));
    const Bytes quote = bytes::head(long6(size), kLink + std::min<std::size_t>(size, 1232));
    const std::string message = told.too_big(1400);
    CHECK(told.packet.at<adit::Ipv6Header>(kLink)->payload_length.get() ==
          quote.size() - kLink + 8);
    CHECK(told.packet.size() == kLink + 48 + quote.size() - kLink);
    CHECK(message.substr(2 * (kLink + 48)) == bytes::to_hex(bytes::behind(quote, kLink)));
    adit::ChecksumSum sum = adit::pseudo_header_sum(
        told.packet.data() + kLink + 8, told.packet.data() + kLink + 24, 16, adit::IpProto::kIcmpv6,
        told.packet.size() - std::uint32_t{kLink} - 40);
    sum.add(told.packet.data() + kLink + 40, told.packet.size() - kLink - 40);
    CHECK(sum.verifies());
  }
}

TEST_CASE("ICMP error: IPv6 is never told less than 1280, IPv4 at most 65535") {
  CHECK(IcmpError::too_big(InnerFrame::Payload::kIpv6, 900).rest == 1280);
  CHECK(IcmpError::too_big(InnerFrame::Payload::kIpv6, 1281).rest == 1281);
  CHECK(IcmpError::too_big(InnerFrame::Payload::kIpv4, 900).rest == 900);
  CHECK(IcmpError::too_big(InnerFrame::Payload::kIpv4, 70000).rest == 65535);
}

TEST_CASE("ICMP error: without headroom the quote moves; what has no room at all is refused") {
  for (std::uint32_t headroom = 0; headroom <= 160; headroom += 20) {
    Told told(kUdp4, false, headroom, 160);
    CHECK(told.too_big(1450) == kTooBig4);
  }
  // A push on the way out finds room where the frame's memory has it.
  Told roomy(kUdp6, false, 0, 300);
  CHECK(roomy.too_big(1430) == kTooBig6);
  CHECK(roomy.packet.headroom() >= 128);
  for (std::uint32_t room = 0; room < 28; ++room) {
    Told told(kUdp4, false, room, 0);
    CHECK_FALSE(adit::make_icmp_error(told.packet, told.inner,
                                      IcmpError::too_big(told.inner.payload, 1450)));
  }
  for (std::uint32_t tail = 0; tail <= 28; ++tail) {
    Told told(kUdp4, false, 28 - tail, tail);
    CHECK(told.too_big(1450) == kTooBig4);
  }
}

TEST_CASE("ICMP error: a sound packet between hosts may be told of") {
  CHECK(Told(kUdp4).may_too_big());
  CHECK(Told(kUdp6).may_too_big());
  CHECK(Told(kTagged4).may_too_big());
  CHECK(Told(bytes::behind(bytes::from_hex(kUdp4), kLink), true).may_too_big());
}

TEST_CASE("ICMP error: nothing is told about what is no IP") {
  CHECK_FALSE(Told("020000000b02020000000a010806" + std::string(56, '0')).may_too_big());
}

TEST_CASE("ICMP error: not to or from a group's MAC address") {
  for (const char* mac : {"ffffffffffff", "01005e000001", "333300000001"}) {
    CHECK_FALSE(Told(bytes::with(bytes::from_hex(kUdp4), 0, mac)).may_too_big());
    CHECK_FALSE(Told(bytes::with(bytes::from_hex(kUdp4), 6, mac)).may_too_big());
    CHECK_FALSE(Told(bytes::with(bytes::from_hex(kUdp6), 0, mac)).may_too_big());
  }
}

TEST_CASE("ICMP error: IPv4 addresses are those of single hosts") {
  for (const char* address :
       {"00000000", "00010203", "7f000001", "e0000001", "efffffff", "f0000001", "ffffffff"}) {
    CAPTURE(address);
    CHECK_FALSE(Told(changed4(12, address)).may_too_big());
    CHECK_FALSE(Told(changed4(16, address)).may_too_big());
  }
  CHECK(Told(changed4(12, "01000001")).may_too_big());
  CHECK(Told(changed4(12, "80000001")).may_too_big());
  CHECK(Told(changed4(16, "dfffffff")).may_too_big());
}

TEST_CASE("ICMP error: IPv6 addresses are those of single hosts") {
  for (const char* address :
       {"00000000000000000000000000000000", "00000000000000000000000000000001",
        "ff020000000000000000000000000001"}) {
    CAPTURE(address);
    CHECK_FALSE(Told(changed6(8, address)).may_too_big());
    CHECK_FALSE(Told(changed6(24, address)).may_too_big());
  }
  CHECK(Told(changed6(8, "fe800000000000000000000000000001")).may_too_big());
}

TEST_CASE("ICMP error: too big only where the fragment field is exactly DF, and for 576 or more") {
  for (const char* field : {"0000", "2000", "6000", "c000", "0001", "4001", "3fff"}) {
    CAPTURE(field);
    CHECK_FALSE(Told(changed4(6, field)).may_too_big());
  }
  CHECK(Told(kUdp4).may_too_big(576));
  CHECK_FALSE(Told(kUdp4).may_too_big(575));
  CHECK(Told(kUdp6).may_too_big(575));
}

TEST_CASE("ICMP error: other errors ask for the first fragment alone") {
  const auto host_unreachable = [](const Told& told) {
    return told.may(IcmpError::unreachable(told.inner.payload, 1));
  };
  CHECK(host_unreachable(Told(changed4(6, "0000"))));
  CHECK(host_unreachable(Told(changed4(6, "2000"))));
  CHECK_FALSE(host_unreachable(Told(changed4(6, "2001"))));
  CHECK_FALSE(host_unreachable(Told(changed4(6, "0001"))));
}

TEST_CASE("ICMP error: an IPv4 header that is not sound is not answered") {
  CHECK_FALSE(Told(bytes::with(bytes::from_hex(kUdp4), kLink + 10, "1234")).may_too_big());
  CHECK_FALSE(Told(changed4(2, "0013")).may_too_big());
}

TEST_CASE("ICMP error: no ICMP error is answered, queries are") {
  for (int type = 0; type < 256; ++type) {
    CAPTURE(type);
    Bytes frame = changed4(9, "01");
    frame[kLink + 20] = static_cast<std::uint8_t>(type);
    const bool is_query = type == 0 || (type >= 8 && type <= 10) || (type >= 13 && type <= 18) ||
                          type == 42 || type == 43;
    CHECK(Told(frame).may_too_big() == is_query);
  }
  CHECK_FALSE(Told(bytes::head(changed4(9, "01"), kLink + 20)).may_too_big());
}

TEST_CASE("ICMP error: no ICMPv6 error is answered, nor a redirect") {
  for (int type = 0; type < 256; ++type) {
    CAPTURE(type);
    Bytes frame = changed6(6, "3a");
    frame[kLink + 40] = static_cast<std::uint8_t>(type);
    CHECK(Told(frame).may_too_big() == (type >= 128 && type != 137));
  }
  CHECK_FALSE(Told(bytes::head(changed6(6, "3a"), kLink + 40)).may_too_big());
}

TEST_CASE("ICMP error: extension headers hide neither ICMPv6 errors nor fragments") {
  constexpr std::string_view kError = "0200000000000000";
  constexpr std::string_view kEcho = "8000000000000000";
  const std::string options = "3a00010400000000";
  CHECK_FALSE(Told(chained6(0, options + std::string(kError))).may_too_big());
  CHECK(Told(chained6(0, options + std::string(kEcho))).may_too_big());
  CHECK_FALSE(Told(chained6(60, "3c00010400000000" + options + std::string(kError))).may_too_big());
  // Authentication header of 16 bytes.
  CHECK_FALSE(
      Told(chained6(51, "3a02" + std::string(28, '0') + std::string(kError))).may_too_big());
  CHECK(Told(chained6(51, "3a02" + std::string(28, '0') + std::string(kEcho))).may_too_big());
  // First and atomic fragments show what they are; later ones do not.
  CHECK_FALSE(Told(chained6(44, "3a00000100000007" + std::string(kError))).may_too_big());
  CHECK(Told(chained6(44, "3a00000100000007" + std::string(kEcho))).may_too_big());
  CHECK_FALSE(Told(chained6(44, "3a00000900000007" + std::string(kEcho))).may_too_big());
  CHECK_FALSE(Told(chained6(44, "1100000800000007" + std::string(kEcho))).may_too_big());
  // Cut short, and without an end.
  CHECK_FALSE(Told(chained6(0, "3a000104")).may_too_big());
  CHECK_FALSE(Told(chained6(0, "3aff010400000000")).may_too_big());
  std::string endless;
  for (int i = 0; i < 40; ++i) endless += "0000010400000000";
  CHECK_FALSE(Told(chained6(0, endless)).may_too_big());
}

TEST_CASE("ICMP error: as much is quoted of a packet in several buffers as of one in one") {
  const Bytes all = long6(1500);
  const std::string whole = Told(all).too_big(1400);
  for (const std::uint32_t first : {512U, 601U, 1245U, 1246U, 1300U}) {
    CAPTURE(first);
    const Bytes rest = bytes::behind(all, first);
    Bytes memory = rest;
    const adit::Segment segment{memory.data(), nullptr, static_cast<std::uint32_t>(rest.size())};
    Told told(bytes::head(all, first));
    told.packet.chain(&segment, segment.bytes);
    REQUIRE(told.may_too_big());
    static_cast<void>(told.too_big(1400));
    CHECK(bytes::to_hex(bytes::all_of(told.packet)) == whole);

    // Where the first has to move back to make room, the others stay behind.
    Told tight(bytes::head(all, first), false, 0, kRoom);
    tight.packet.chain(&segment, segment.bytes);
    CHECK(tight.too_big(1400).size() == 2 * (std::min(first, 1246U) + 48));
    CHECK(tight.packet.tail() == 0);
    CHECK(memory == rest);
  }
}

TEST_CASE("ICMP error: of a packet in several buffers the first is quoted, and none hangs behind") {
  const Bytes all = long4(1500);
  Told told(bytes::head(all, 1000));
  Bytes rest = bytes::behind(all, 1000);
  const adit::Segment segment{rest.data(), nullptr, static_cast<std::uint32_t>(rest.size())};
  told.packet.chain(&segment, segment.bytes);
  CHECK(told.may_too_big());
  CHECK(told.too_big(1400) == Told(all).too_big(1400));
  CHECK(told.packet.tail() == 0);
  CHECK(told.packet.length() == kLink + 576);
}
