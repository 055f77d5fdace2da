#pragma once

#include <bit>
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
  /// The ECN field in its place in an IPv4 header's first two bytes, as they stand in memory.
  std::uint16_t ecn_word = 0;
  bool is_ipv6 = false;

  [[nodiscard]] std::uint8_t* ip() const noexcept { return data + sizeof(EthernetHeader); }
  /// Bytes in front of it.
  [[nodiscard]] std::uint32_t headroom() const noexcept { return packet->offset_of(data); }
};

/// The bits of `FastFrame::ecn_word`.
inline constexpr std::uint16_t kEcnWord = 0x0300;

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
  static_assert(std::endian::native == std::endian::little);
  if (frame.size < kIpv4Bytes) return false;
  const std::uint16_t type = load16(frame.ip() - sizeof(be16));
  if (type == raw(EtherType::kIpv4)) {
    const std::uint16_t word = load16(frame.ip());
    frame.is_ipv6 = false;
    frame.ecn_word = word & kEcnWord;
    return (word & 0xff) == Ipv4Header::kNoOptions;
  }
  if (type != raw(EtherType::kIpv6) || frame.size < kIpv6Bytes) return false;
  const auto* ip = reinterpret_cast<const Ipv6Header*>(frame.ip());
  frame.is_ipv6 = true;
  frame.ecn_word = static_cast<std::uint16_t>(ip->traffic_class() << 8) & kEcnWord;
  return ip->version() == 6;
}

/// The flow hash of a frame that is a fragment or carries other protocols than TCP and UDP.
[[nodiscard, gnu::cold, gnu::noinline]] std::uint64_t hash_of_other(std::uint8_t* data,
                                                                    std::uint32_t size,
                                                                    bool is_ipv6,
                                                                    const HashSeed& seed) noexcept;

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
  return hash_of_other(frame.data, frame.size, frame.is_ipv6, seed);
}

}  // namespace adit
