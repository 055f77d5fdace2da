#include "sent_frame.h"

#include <algorithm>

#include "guarded_frames.h"

namespace {

using Bytes = std::span<const std::uint8_t>;

std::uint32_t word(Bytes bytes, std::size_t at) { return bytes[at] * 256U + bytes[at + 1]; }

std::uint32_t sum_of(Bytes bytes, std::uint32_t sum = 0) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += i % 2 == 0 ? std::uint32_t{bytes[i]} << 8 : bytes[i];
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return (sum & 0xffff) + (sum >> 16);
}

/// Sum of pseudo header and message; addresses stand in front of `l4` where IP has them.
std::uint32_t l4_sum(Bytes addresses, std::uint32_t proto, Bytes l4) {
  std::uint32_t sum = sum_of(addresses);
  sum += proto + static_cast<std::uint32_t>(l4.size());
  return sum_of(l4, (sum & 0xffff) + (sum >> 16));
}
std::uint32_t udp_sum(Bytes addresses, Bytes udp) { return l4_sum(addresses, 17, udp); }

void put(std::span<std::uint8_t> bytes, std::size_t at, std::uint32_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

/// Where IP addresses and UDP stand; 0 where the frame is no IP that is long enough.
struct Layout {
  std::size_t addresses = 0;
  std::size_t address_bytes = 0;
  std::size_t l4 = 0;
  std::uint8_t proto = 0;
};

Layout layout_of(Bytes frame) {
  if (frame.size() >= 34 && word(frame, 12) == 0x0800) {
    return {26, 8, 14 + (frame[14] & 15U) * 4, frame[23]};
  }
  if (frame.size() >= 54 && word(frame, 12) == 0x86dd) return {22, 32, 54, frame[20]};
  return {};
}

/// The checksum of an ICMP or ICMPv6 message that reaches to the IP packet's end.
void mend_icmp(std::span<std::uint8_t> frame, const Layout& at) {
  const bool is_ipv4 = at.address_bytes == 8;
  if (at.proto != (is_ipv4 ? 1 : 58)) return;
  const std::size_t end = is_ipv4 ? 14 + word(frame, 16) : 54 + word(frame, 18);
  if (end > frame.size() || end < at.l4 + 4) return;
  put(frame, at.l4 + 2, 0);
  const Bytes message = frame.subspan(at.l4, end - at.l4);
  const Bytes addresses = frame.subspan(at.addresses, at.address_bytes);
  put(frame, at.l4 + 2, ~(is_ipv4 ? sum_of(message) : l4_sum(addresses, 58, message)));
}

}  // namespace

void mend_checksums(std::span<std::uint8_t> frame) {
  constexpr std::size_t kTag = 4;
  const bool is_tagged = frame.size() >= 14 + kTag && word(frame, 12) == 0x8100;
  // Behind the tag all stands as it does in a frame without.
  if (is_tagged) return mend_checksums(frame.subspan(kTag));
  const Layout at = layout_of(frame);
  if (at.l4 == 0) return;
  if (at.address_bytes == 8 && at.l4 >= 34 && frame.size() >= at.l4) {
    put(frame, 24, 0);
    put(frame, 24, ~sum_of(frame.subspan(14, at.l4 - 14)));
  }
  mend_icmp(frame, at);
  if (at.proto != 17 || frame.size() < at.l4 + 8) return;
  const std::size_t bytes = word(frame, at.l4 + 4);
  if (bytes < 8 || bytes > frame.size() - at.l4) return;
  put(frame, at.l4 + 6, 0);
  const Bytes udp = frame.subspan(at.l4, bytes);
  const std::uint32_t sum = udp_sum(frame.subspan(at.addresses, at.address_bytes), udp);
  put(frame, at.l4 + 6, sum == 0xffff ? sum : ~sum);
}

void check_sent_tunnel(Bytes frame, Bytes inner) {
  if (frame.size() < 60) fail("a frame under 60 bytes was sent");
  const Layout at = layout_of(frame);
  if (at.l4 != 34 && at.l4 != 54) fail("the outer header is neither IPv4 nor IPv6");
  const bool is_four = at.l4 == 34;
  const std::size_t end = is_four ? 14 + word(frame, 16) : 54 + word(frame, 18);
  if (end > frame.size()) fail("the IP length is past the frame");
  if (is_four && sum_of(frame.subspan(14, 20)) != 0xffff) fail("the IPv4 checksum is wrong");
  if (end < at.l4 + inner.size()) fail("the inner frame is not whole");
  if (at.proto == 17) {
    const Bytes udp = frame.subspan(at.l4, end - at.l4);
    if (word(udp, 4) != udp.size()) fail("the UDP length is wrong");
    const bool is_summed = word(udp, 6) != 0;
    const Bytes addresses = frame.subspan(at.addresses, at.address_bytes);
    if (is_summed && udp_sum(addresses, udp) != 0xffff) fail("the UDP checksum is wrong");
    if (!is_summed && !is_four) fail("there is no UDP checksum over IPv6");
  } else if (at.proto != 47) {
    fail("the outer packet is neither UDP nor GRE");
  }
  const Bytes carried = frame.subspan(end - inner.size(), inner.size());
  if (!std::ranges::equal(carried, inner)) fail("the inner frame was changed");
  const Bytes padding = frame.subspan(end);
  if (std::ranges::any_of(padding, [](std::uint8_t byte) { return byte != 0; })) {
    fail("padding holds stale bytes");
  }
}
