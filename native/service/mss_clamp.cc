#include "service/mss_clamp.h"

#include <algorithm>

#include "packet/ipv6_chain.h"
#include "wire/checksum.h"
#include "wire/tcp.h"

namespace adit {
namespace {

/// Where the TCP header is, and where the IP packet ends in the frame.
struct TcpPlace {
  std::uint32_t offset = 0;
  std::uint32_t end = 0;
};

bool find_tcp(const Packet& packet, const InnerFrame& inner, TcpPlace& place) noexcept {
  place.end = std::min(packet.size(), inner.ip_offset + ip_packet_bytes(packet, inner));
  if (inner.payload == InnerFrame::Payload::kIpv4) {
    const auto* ip = packet.at<Ipv4Header>(inner.ip_offset);
    place.offset = inner.ip_offset + ip->header_bytes();
    return ip->proto() == IpProto::kTcp && (ip->flags_offset.get() & Ipv4Header::kOffsetMask) == 0;
  }
  const Ipv6Chain chain = walk_ipv6(packet, inner.ip_offset);
  place.offset = chain.offset;
  return chain.proto == IpProto::kTcp && chain.reaches_payload();
}

/// The option's value and the checksum that covers it.
void lower(TcpHeader& tcp, std::uint8_t* value, std::uint32_t offset, std::uint16_t most) noexcept {
  auto* mss = reinterpret_cast<be16*>(value);
  if (mss->get() <= most) return;
  // The checksum adds words from the header's start; at an odd offset the value's halves stand in
  // two of them, each in the other's place.
  const auto as_summed = [offset](std::uint16_t number) {
    return offset % 2 == 0 ? number : __builtin_bswap16(number);
  };
  tcp.checksum = updated_checksum(tcp.checksum, as_summed(mss->get()), as_summed(most));
  *mss = most;
}

void clamp_options(const Packet& packet, const TcpPlace& place, std::uint32_t bytes,
                   std::uint16_t most) noexcept {
  auto* tcp = packet.at<TcpHeader>(place.offset);
  std::uint8_t* header = packet.data() + place.offset;
  std::uint32_t at = sizeof *tcp;
  while (at < bytes && header[at] != tcp_option::kEnd) {
    if (header[at] == tcp_option::kNoOperation) {
      ++at;
      continue;
    }
    if (bytes - at < 2) return;
    const std::uint32_t length = header[at + 1];
    if (length < 2 || length > bytes - at) return;
    if (header[at] == tcp_option::kMss && length == tcp_option::kMssBytes) {
      lower(*tcp, header + at + 2, at + 2, most);
    }
    at += length;
  }
}

}  // namespace

void clamp_mss(const Packet& packet, const InnerFrame& inner, std::uint32_t mtu) noexcept {
  if (inner.payload == InnerFrame::Payload::kOther) return;
  const std::uint32_t headers =
      std::uint32_t{sizeof(TcpHeader)} + (inner.payload == InnerFrame::Payload::kIpv4
                                              ? std::uint32_t{sizeof(Ipv4Header)}
                                              : std::uint32_t{sizeof(Ipv6Header)});
  TcpPlace place;
  if (mtu <= headers || !find_tcp(packet, inner, place)) return;
  const auto* tcp = packet.at<TcpHeader>(place.offset);
  if (tcp == nullptr || (tcp->flags & TcpHeader::kSyn) == 0) return;
  const std::uint32_t bytes = tcp->header_bytes();
  if (bytes < sizeof *tcp || place.offset + bytes > place.end) return;
  clamp_options(packet, place, bytes,
                static_cast<std::uint16_t>(std::min(mtu - headers, std::uint32_t{0xffff})));
}

}  // namespace adit
