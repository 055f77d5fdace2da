#pragma once

#include <cstdint>

#include "packet/flow_hash.h"
#include "packet/inner.h"
#include "packet/packet.h"

namespace adit {

/// An untagged IPv4 or IPv6 packet in an Ethernet frame, on the fast path from one member to
/// another.
struct FastFrame {
  /// The packet that it is in, as it was received.
  const Packet* packet = nullptr;
  /// Its Ethernet header.
  std::uint8_t* data = nullptr;
  std::uint32_t size = 0;
  std::uint8_t traffic_class = 0;
  bool is_ipv6 = false;

  [[nodiscard]] std::uint8_t* ip() const noexcept { return data + sizeof(EthernetHeader); }
  [[nodiscard]] std::uint8_t ecn() const noexcept { return traffic_class & 3U; }
  /// Bytes in front of it.
  [[nodiscard]] std::uint32_t headroom() const noexcept {
    return packet->offset_of(data);
  }
};

/// An EtherType as it stands in memory.
[[nodiscard]] constexpr std::uint16_t raw(EtherType type) noexcept {
  return be16{static_cast<std::uint16_t>(type)}.raw();
}

/// Reads the headers of `frame`; false where they are not the ordinary ones, and the general path
/// is to say what they are: other payloads and tags, IPv4 options, headers cut short.
/// \pre data and size are set.
[[nodiscard]] inline bool read_headers(FastFrame& frame) noexcept {
  constexpr std::uint32_t kPorts = 4;
  constexpr std::uint32_t kIpv4Bytes = sizeof(EthernetHeader) + sizeof(Ipv4Header) + kPorts;
  constexpr std::uint32_t kIpv6Bytes = sizeof(EthernetHeader) + sizeof(Ipv6Header) + kPorts;
  constexpr std::uint8_t kNoOptions = 0x45;
  if (frame.size < kIpv4Bytes) return false;
  const std::uint16_t type = load16(frame.ip() - sizeof(be16));
  if (type == raw(EtherType::kIpv4)) {
    frame.is_ipv6 = false;
    frame.traffic_class = frame.ip()[1];
    return *frame.ip() == kNoOptions;
  }
  if (type != raw(EtherType::kIpv6) || frame.size < kIpv6Bytes) return false;
  const auto* ip = reinterpret_cast<const Ipv6Header*>(frame.ip());
  frame.is_ipv6 = true;
  frame.traffic_class = ip->traffic_class();
  return ip->version() == 6;
}

/// The frame's `flow_hash`. \pre `read_headers` was true.
[[nodiscard]] inline std::uint64_t hash_of(const FastFrame& frame, const HashSeed& seed) noexcept {
  constexpr auto kTcp = static_cast<std::uint8_t>(IpProto::kTcp);
  constexpr auto kUdp = static_cast<std::uint8_t>(IpProto::kUdp);
  const std::uint8_t* ip = frame.ip();
  if (!frame.is_ipv6) {
    const auto* header = reinterpret_cast<const Ipv4Header*>(ip);
    const std::uint8_t proto = header->protocol;
    if ((proto == kTcp || proto == kUdp) && !header->is_fragment()) [[likely]] {
      const std::uint32_t ports = load32(ip + sizeof(Ipv4Header));
      return finish_hash(hash_ipv4(ip, hash_word(proto, ports), seed), seed);
    }
  } else {
    const std::uint8_t proto = reinterpret_cast<const Ipv6Header*>(ip)->next_header;
    if (proto == kTcp || proto == kUdp) [[likely]] {
      const std::uint32_t ports = load32(ip + sizeof(Ipv6Header));
      return finish_hash(hash_ipv6(ip, hash_word(proto, ports), seed), seed);
    }
  }
  InnerFrame inner;
  inner.payload = frame.is_ipv6 ? InnerFrame::Payload::kIpv6 : InnerFrame::Payload::kIpv4;
  inner.ip_offset = sizeof(EthernetHeader);
  return flow_hash(frame.packet->window(frame.data, frame.size), inner, seed);
}

}  // namespace adit
