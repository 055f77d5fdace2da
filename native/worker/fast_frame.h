#pragma once

#include <bit>
#include <cstdint>

#include "packet/flow_hash.h"
#include "packet/inner.h"
#include "packet/lanes.h"
#include "packet/packet.h"

namespace adit {

/// An EtherType as it stands in memory.
[[nodiscard]] constexpr std::uint16_t raw(EtherType type) noexcept {
  return be16{static_cast<std::uint16_t>(type)}.raw();
}

/// Where the EtherType of a frame stands.
inline constexpr std::uint32_t kTypeOffset = 2 * sizeof(MacAddress);

/// An untagged IPv4 or IPv6 packet in an Ethernet frame, on the fast path from one member to
/// another.
struct FastFrame {
  /// The bits of `inner`: the ECN field in its place in an IPv4 header's first two bytes, as they
  /// stand in memory, and whether it is IPv6.
  static constexpr std::uint32_t kEcn = 0x0300;
  static constexpr unsigned kEcnShift = 8;
  static constexpr std::uint32_t kIsIpv6 = 0x10000;

  /// EtherType and first byte of the IP header, as they stand in memory, without IPv4 options.
  static constexpr std::uint32_t kIpv4 =
      raw(EtherType::kIpv4) | (std::uint32_t{Ipv4Header::kNoOptions} << 16);
  static constexpr std::uint32_t kIpv4Mask = 0x00ffffff;
  static constexpr std::uint32_t kIpv6 = raw(EtherType::kIpv6) | (0x60U << 16);
  static constexpr std::uint32_t kIpv6Mask = 0x00f0ffff;
  /// Bytes by which an IPv6 header is the longer one.
  static constexpr std::uint32_t kMoreOfIpv6 = sizeof(Ipv6Header) - sizeof(Ipv4Header);

  /// The packet that it is in, as it was received.
  const Packet* packet = nullptr;
  /// Its Ethernet header.
  std::uint8_t* data = nullptr;
  std::uint32_t size = 0;
  /// What was read of its IP header.
  std::uint32_t inner = 0;

  [[nodiscard]] std::uint8_t* ip() const noexcept { return data + sizeof(EthernetHeader); }
  [[nodiscard]] bool is_ipv6() const noexcept { return (inner & kIsIpv6) != 0; }
  /// Bytes in front of it.
  [[nodiscard]] std::uint32_t headroom() const noexcept { return packet->offset_of(data); }
};

/// Bytes of the shortest frame that `read_inner` reads: up to the ports of an IPv4 header.
inline constexpr std::uint32_t kLeastInnerBytes =
    sizeof(EthernetHeader) + sizeof(Ipv4Header) + std::uint32_t{sizeof(be32)};
/// The same with IPv6.
inline constexpr std::uint32_t kLeastIpv6InnerBytes = kLeastInnerBytes + FastFrame::kMoreOfIpv6;

/// Reads the headers of a frame, and sets `FastFrame::inner` of it; false where they are not the
/// ordinary ones, and the general path is to say what they are: other payloads and tags, IPv4
/// options, headers cut short.
[[nodiscard]] inline bool read_inner(const std::uint8_t* frame, std::uint32_t size,
                                     std::uint32_t& inner) noexcept {
  static_assert(std::endian::native == std::endian::little);
  if (size < kLeastInnerBytes) return false;
  const std::uint32_t word = load32(frame + sizeof(EthernetHeader) - sizeof(be16));
  if ((word & FastFrame::kIpv4Mask) == FastFrame::kIpv4) {
    inner = (word >> 16) & FastFrame::kEcn;
    return true;
  }
  // Of IPv6, the traffic class lies four bits further.
  inner = ((word >> 20) & FastFrame::kEcn) | FastFrame::kIsIpv6;
  return (word & FastFrame::kIpv6Mask) == FastFrame::kIpv6 && size >= kLeastIpv6InnerBytes;
}

/// The same of several frames. \param word their EtherType and first half word of the IP header, as
/// they stand in memory; \param wrong gets bits where one is not ordinary.
[[nodiscard]] inline Lanes read_inner(Lanes word, Lanes frame_bytes, Lanes& wrong) noexcept {
  const Lanes is_ipv4 = where((word & kept(FastFrame::kIpv4Mask)) == kept(FastFrame::kIpv4));
  const Lanes is_ipv6 = where((word & kept(FastFrame::kIpv6Mask)) == kept(FastFrame::kIpv6));
  wrong |= ~(is_ipv4 | is_ipv6) |
           below(frame_bytes, kept(kLeastInnerBytes) + (is_ipv6 & kept(FastFrame::kMoreOfIpv6)));
  const Lanes ecn = ((word >> 16) & ~is_ipv6) | ((word >> 20) & is_ipv6);
  return (ecn & kept(FastFrame::kEcn)) | (is_ipv6 & kept(FastFrame::kIsIpv6));
}

/// The flow hash of a frame that is a fragment or carries other protocols than TCP and UDP.
[[nodiscard, gnu::cold, gnu::noinline]] std::uint64_t hash_of_other(std::uint8_t* data,
                                                                    std::uint32_t size,
                                                                    bool is_ipv6,
                                                                    const HashSeed& seed) noexcept;

/// The frame's `flow_hash`. \pre `read_inner` was true.
[[nodiscard, gnu::always_inline]] inline std::uint64_t hash_of(const FastFrame& frame,
                                                               const HashSeed& seed) noexcept {
  constexpr auto kTcp = static_cast<std::uint8_t>(IpProto::kTcp);
  constexpr auto kUdp = static_cast<std::uint8_t>(IpProto::kUdp);
  const std::uint8_t* ip = frame.ip();
  if (!frame.is_ipv6()) {
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
  return hash_of_other(frame.data, frame.size, frame.is_ipv6(), seed);
}

}  // namespace adit
