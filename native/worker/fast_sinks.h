#pragma once

#include <algorithm>
#include <bit>
#include <cstring>

#include "table/attachment.h"
#include "table/next_hop.h"
#include "table/tunnel.h"
#include "wire/udp.h"
#include "worker/fast_frame.h"

namespace adit {

// Where frames on the fast path go. `fits` is asked first; false leaves the frame to the general
// path. `push` puts on what the frame leaves with.

/// An attachment, up, with whole tag sets.
class ToAttachment {
 public:
  /// \param limit the largest IP packet; \param reserved bytes at a frame's start that are not to
  /// be used.
  ToAttachment(const Attachment& to, std::uint32_t limit, std::uint32_t reserved) noexcept
      : tag_bytes_(to.pops * std::uint32_t{sizeof(VlanTag)}),
        limit_(limit + std::uint32_t{sizeof(EthernetHeader)}),
        headroom_(reserved + tag_bytes_) {
    const auto tci = [&to](std::uint16_t vid) {
      constexpr unsigned kPcpShift = 13;
      return static_cast<std::uint16_t>((to.pcp << kPcpShift) | vid);
    };
    tags_[0] = static_cast<std::uint16_t>(to.outer_tpid);
    tags_[1] = tci(to.outer);
    tags_[2] = static_cast<std::uint16_t>(EtherType::kVlan);
    tags_[3] = tci(to.inner);
  }

  [[nodiscard]] bool fits(const FastFrame& frame) const noexcept {
    if (frame.size > limit_ || frame.headroom() < headroom_) return false;
    return frame.size + tag_bytes_ >= kMinFrameBytes || is_room_to_pad(frame);
  }
  void push(const FastFrame& frame, Packet& packet) const noexcept {
    std::uint8_t* start = frame.data - tag_bytes_;
    if (tag_bytes_ != 0) {
      const std::uint64_t first = load64(frame.data);
      const std::uint32_t rest = load32(frame.data + sizeof first);
      std::memcpy(start, &first, sizeof first);
      std::memcpy(start + sizeof first, &rest, sizeof rest);
      std::uint8_t* tags = start + 2 * sizeof(MacAddress);
      if (tag_bytes_ == sizeof(VlanTag)) {
        std::memcpy(tags, tags_, sizeof(VlanTag));
      } else {
        std::memcpy(tags, tags_, sizeof tags_);
      }
    }
    packet = *frame.packet;
    packet.move_to(start, frame.size + tag_bytes_);
    if (packet.size() < kMinFrameBytes) [[unlikely]] {
      static_cast<void>(packet.pad(kMinFrameBytes));
    }
  }

 private:
  [[nodiscard]] static bool is_room_to_pad(const FastFrame& frame) noexcept {
    // The frame is somewhere in what was received, and that had this much and more.
    Packet packet = *frame.packet;
    packet.move_to(frame.data, frame.size);
    return packet.tailroom() >= kMinFrameBytes;
  }

  std::uint32_t tag_bytes_;
  std::uint32_t limit_;
  std::uint32_t headroom_;
  be16 tags_[4];
};

/// What of a template depends on the flow, behind the IP header.
enum class FlowField : std::uint8_t { kNone, kUdpPort, kNvgreFlow };

/// A tunnel whose next hop is up. RFC 7348 §5, RFC 8926 §3.3, RFC 2784 §2, RFC 7637 §3.2.
template <IpFamily kFamily, FlowField kField>
class ToTunnel {
 public:
  ToTunnel(const Tunnel& tunnel, const NextHopTable::Plain& hop, const HashSeed& seed,
           std::uint32_t reserved) noexcept
      : destination_(hop.destination),
        source_and_type_((hop.source & kMacMask) | (std::uint64_t{raw(kType)} << kMacBits)),
        seed_(seed),
        bytes_(tunnel.template_bytes),
        headroom_(reserved + kMostPushed),
        port_min_(tunnel.source_port_min),
        ports_(std::uint32_t{tunnel.source_port_span} + 1),
        ecn_mask_(tunnel.zero_ecn ? 0 : kEcnWord),
        label_mask_(tunnel.hash_flow_label ? 0xfffff : 0),
        has_flow_(tunnel.hash_flow_id) {
    // The sum below has no room for a length of 65535.
    constexpr std::uint32_t kMost = 0xfffe;
    const std::uint32_t limit = std::min<std::uint32_t>(hop.mtu(), kMost);
    limit_ = limit > bytes_ ? limit - bytes_ : 0;
    std::memcpy(halves_, tunnel.line_of_template(), sizeof halves_);
    std::memcpy(&first_word_, tunnel.outer(), sizeof first_word_);
    if constexpr (kFamily == IpFamily::kIpv4) {
      sum_ = reinterpret_cast<const Ipv4Header*>(tunnel.outer())->checksum.raw();
    }
  }

  [[nodiscard]] bool fits(const FastFrame& frame) const noexcept {
    return frame.size <= limit_ && frame.headroom() >= headroom_;
  }
  void push(const FastFrame& frame, Packet& packet) const noexcept {
    constexpr bool kIsIpv4 = kFamily == IpFamily::kIpv4;
    constexpr bool kNeedsHash = !kIsIpv4 || kField != FlowField::kNone;
    const std::uint64_t hash = kNeedsHash ? hash_of(frame, seed_) : 0;
    // The template, and in front of it what the Ethernet header then overwrites.
    const Half first = halves_[0];
    const Half second = halves_[1];
    std::memcpy(frame.data - 2 * sizeof(Half), &first, sizeof first);
    std::memcpy(frame.data - sizeof(Half), &second, sizeof second);
    std::uint8_t* ip = frame.data - bytes_;
    std::uint8_t* start = ip - sizeof(EthernetHeader);
    write_ethernet(start);
    const std::uint32_t ip_bytes = frame.size + bytes_;
    const std::uint32_t ecn = frame.ecn_word & ecn_mask_;
    if constexpr (kIsIpv4) {
      write_ipv4(ip, ip_bytes, ecn);
      write_l4(ip + sizeof(Ipv4Header), ip_bytes - std::uint32_t{sizeof(Ipv4Header)}, hash);
    } else {
      write_ipv6(ip, ip_bytes, ecn, hash);
      write_l4(ip + sizeof(Ipv6Header), ip_bytes - std::uint32_t{sizeof(Ipv6Header)}, hash);
    }
    packet = *frame.packet;
    packet.move_to(start, ip_bytes + std::uint32_t{sizeof(EthernetHeader)});
  }

 private:
  static constexpr EtherType kType =
      kFamily == IpFamily::kIpv4 ? EtherType::kIpv4 : EtherType::kIpv6;
  static constexpr unsigned kMacBits = 48;
  static constexpr std::uint64_t kMacMask = (std::uint64_t{1} << kMacBits) - 1;
  static constexpr std::uint32_t kMostPushed = kMaxTemplateBytes + sizeof(EthernetHeader);
  static_assert(kMostPushed >= Tunnel::kLine);

  static void put(std::uint8_t* to, std::uint32_t value) noexcept {
    const be16 word{static_cast<std::uint16_t>(value)};
    std::memcpy(to, &word, sizeof word);
  }

  void write_ethernet(std::uint8_t* start) const noexcept {
    // The first store's upper two bytes are overwritten by the next one.
    std::memcpy(start, &destination_, sizeof destination_);
    std::memcpy(start + sizeof(MacAddress), &source_and_type_, sizeof source_and_type_);
  }

  /// The first word, with length and ECN, and the checksum (RFC 1624: the template's sum and what
  /// is added to it), all as they stand in memory.
  void write_ipv4(std::uint8_t* ip, std::uint32_t bytes, std::uint32_t ecn) const noexcept {
    static_assert(std::endian::native == std::endian::little);
    constexpr std::uint32_t kChecksum = 10;
    const std::uint32_t length = be16{static_cast<std::uint16_t>(bytes)}.raw();
    const std::uint32_t added = (length << 16) | ecn;
    const std::uint32_t word = first_word_ | added;
    std::memcpy(ip, &word, sizeof word);
    // Both halves are summed, the carry goes round.
    const std::uint32_t sum = sum_ + added;
    const auto checksum = static_cast<std::uint16_t>(~(sum + std::rotr(sum, 16)) >> 16);
    std::memcpy(ip + kChecksum, &checksum, sizeof checksum);
  }

  void write_ipv6(std::uint8_t* ip, std::uint32_t bytes, std::uint32_t ecn,
                  std::uint64_t hash) const noexcept {
    constexpr unsigned kClassShift = 20;
    auto* header = reinterpret_cast<Ipv6Header*>(ip);
    std::uint32_t label = static_cast<std::uint32_t>(hash) & label_mask_;
    // Label 0 means "not labelled" (RFC 6437 §2).
    if (label_mask_ != 0 && label == 0) label = 1;
    const be32 first = be32::from_raw(first_word_);
    header->version_class_label = first.get() | (ecn >> 8 << kClassShift) | label;
    header->payload_length = static_cast<std::uint16_t>(bytes - sizeof *header);
  }

  void write_l4(std::uint8_t* l4, std::uint32_t bytes, std::uint64_t hash) const noexcept {
    if constexpr (kField == FlowField::kUdpPort) {
      constexpr std::uint32_t kLength = 4;
      put(l4, port_min_ + static_cast<std::uint32_t>((hash >> 32) * ports_ >> 32));
      put(l4 + kLength, bytes);
    } else if constexpr (kField == FlowField::kNvgreFlow) {
      constexpr std::uint32_t kFlow = 7;
      if (has_flow_) l4[kFlow] = static_cast<std::uint8_t>(hash >> 24);
    }
  }

  /// Half a cache line.
  using Half [[gnu::vector_size(Tunnel::kLine / 2)]] = char;
  Half halves_[2];
  /// The MAC addresses, and behind the second one the EtherType.
  std::uint64_t destination_;
  std::uint64_t source_and_type_;
  const HashSeed& seed_;
  std::uint32_t bytes_;
  std::uint32_t headroom_;
  std::uint32_t limit_ = 0;
  std::uint32_t first_word_ = 0;
  std::uint32_t sum_ = 0;
  std::uint32_t port_min_;
  std::uint64_t ports_;
  std::uint32_t ecn_mask_;
  std::uint32_t label_mask_;
  bool has_flow_;
};

}  // namespace adit
