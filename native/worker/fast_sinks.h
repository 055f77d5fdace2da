#pragma once

#include <algorithm>
#include <bit>
#include <cstring>

#include "table/attachment.h"
#include "table/next_hop.h"
#include "table/size_limit.h"
#include "table/tunnel.h"
#include "wire/udp.h"
#include "worker/fast_frame.h"
#include "worker/port_exit.h"

namespace adit {

// Where frames on the fast path go. `Limit::fits` is asked first; false leaves the frame to the
// general path. `push` puts on what the frame leaves with, given its `flow_of`.

/// An attachment, up, with whole tag sets.
class ToAttachment {
 public:
  static constexpr FastWay kWay = FastWay::kToAttachment;

  struct Target {
    const Attachment* attachment = nullptr;

    [[nodiscard]] std::size_t port() const noexcept { return attachment->port; }
    [[nodiscard]] std::uint32_t member() const noexcept { return attachment->member; }
    [[nodiscard]] static TxQueue* queue_of(const PortExit& exit) noexcept {
      return exit.of_attachments;
    }
  };
  class Limit {
   public:
    /// \param mtu of the port; \param reserved bytes at a frame's start that are not to be used.
    Limit(const Target& to, std::uint32_t mtu, std::uint32_t reserved) noexcept
        : tag_bytes_(to.attachment->pops * std::uint32_t{sizeof(VlanTag)}),
          most_(limit_of(*to.attachment, mtu).bytes + std::uint32_t{sizeof(EthernetHeader)}),
          headroom_(reserved + tag_bytes_) {}

    [[nodiscard]] bool fits(const FastFrame& frame) const noexcept {
      if (frame.size > most_ || frame.headroom() < headroom_) return false;
      return frame.size + tag_bytes_ >= kMinFrameBytes || is_room_to_pad(frame);
    }

   private:
    [[nodiscard]] static bool is_room_to_pad(const FastFrame& frame) noexcept {
      // The frame is somewhere in what was received, and that had this much and more.
      Packet packet = *frame.packet;
      packet.move_to(frame.data, frame.size);
      return packet.tailroom() >= kMinFrameBytes;
    }

    std::uint32_t tag_bytes_;
    std::uint32_t most_;
    std::uint32_t headroom_;
  };

  /// Nothing that is pushed depends on the flow.
  [[nodiscard]] static std::uint64_t flow_of(const FastFrame&, const HashSeed&) noexcept {
    return 0;
  }

  explicit ToAttachment(const Target& to) noexcept
      : to_(*to.attachment), tag_bytes_(to.attachment->pops * std::uint32_t{sizeof(VlanTag)}) {}

  void push(const FastFrame& frame, std::uint64_t, Packet& packet) const noexcept {
    std::uint8_t* start = frame.data - tag_bytes_;
    if (tag_bytes_ != 0) push_tags(frame.data, start);
    packet.become(*frame.packet, start, frame.size + tag_bytes_);
    if (packet.size() < kMinFrameBytes) [[unlikely]] {
      static_cast<void>(packet.pad(kMinFrameBytes));
    }
  }

 private:
  /// Moves the MAC addresses to `start`, and puts the tags behind them.
  void push_tags(const std::uint8_t* from, std::uint8_t* start) const noexcept {
    constexpr std::size_t kAddresses = 2 * sizeof(MacAddress);
    const std::uint64_t first = load64(from);
    const std::uint32_t rest = load32(from + sizeof first);
    std::memcpy(start, &first, sizeof first);
    std::memcpy(start + sizeof first, &rest, sizeof rest);
    if (tag_bytes_ == sizeof(VlanTag)) {
      std::memcpy(start + kAddresses, to_.tags, sizeof(VlanTag));
    } else {
      std::memcpy(start + kAddresses, to_.tags, sizeof to_.tags);
    }
  }

  const Attachment& to_;
  std::uint32_t tag_bytes_;
};

struct TunnelTarget {
  const Tunnel* tunnel = nullptr;
  NextHopTable::Plain hop;

  [[nodiscard]] std::size_t port() const noexcept { return hop.port(); }
  [[nodiscard]] std::uint32_t member() const noexcept { return tunnel->member; }
  [[nodiscard]] static TxQueue* queue_of(const PortExit& exit) noexcept { return exit.of_tunnels; }
};

/// A tunnel whose next hop is up. RFC 7348 §5, RFC 8926 §3.3, RFC 2784 §2, RFC 7637 §3.2.
template <FastWay kIntoWay>
class ToTunnel {
 public:
  static constexpr FastWay kWay = kIntoWay;

  using Target = TunnelTarget;
  class Limit {
   public:
    Limit(const Target& to, std::uint32_t, std::uint32_t reserved) noexcept
        : bytes_(to.tunnel->template_bytes),
          most_(std::min<std::uint32_t>(to.hop.mtu(), kMostBytes)),
          headroom_(reserved + kMostPushed) {}

    [[nodiscard]] bool fits(const FastFrame& frame) const noexcept {
      return frame.size + bytes_ <= most_ && frame.headroom() >= headroom_;
    }

   private:
    std::uint32_t bytes_;
    std::uint32_t most_;
    std::uint32_t headroom_;
  };

  /// The flow hash, where something that is pushed depends on it.
  [[nodiscard]] static std::uint64_t flow_of(const FastFrame& frame,
                                             const HashSeed& seed) noexcept {
    constexpr bool kNeedsHash = !kIsIpv4 || kHasUdpPort || kHasNvgreFlow;
    return kNeedsHash ? hash_of(frame, seed) : 0;
  }

  explicit ToTunnel(const Target& to) noexcept
      : tunnel_(*to.tunnel),
        destination_(to.hop.destination),
        source_and_type_((to.hop.source & kMacMask) | (std::uint64_t{raw(kType)} << kMacBits)),
        bytes_(to.tunnel->template_bytes),
        ecn_mask_(to.tunnel->zero_ecn ? 0 : FastFrame::kEcn),
        port_min_(to.tunnel->source_port_min),
        ports_(std::uint32_t{to.tunnel->source_port_span} + 1) {
    constexpr std::uint32_t kChecksum = 10;
    const std::uint8_t* outer = template_end() - bytes_;
    first_word_ = load32(outer);
    sum_ = load16(outer + kChecksum);
  }

  void push(const FastFrame& frame, std::uint64_t hash, Packet& packet) const noexcept {
    write_template(frame.data);
    std::uint8_t* ip = frame.data - bytes_;
    std::uint8_t* start = ip - sizeof(EthernetHeader);
    write_ethernet(start);
    const std::uint32_t ip_bytes = frame.size + bytes_;
    const std::uint32_t ecn = frame.inner & ecn_mask_;
    if constexpr (kIsIpv4) {
      write_ipv4(ip, ip_bytes, ecn);
      write_l4(ip + sizeof(Ipv4Header), ip_bytes - std::uint32_t{sizeof(Ipv4Header)}, hash);
    } else {
      write_ipv6(ip, ip_bytes, ecn, hash);
      write_l4(ip + sizeof(Ipv6Header), ip_bytes - std::uint32_t{sizeof(Ipv6Header)}, hash);
    }
    packet.become(*frame.packet, start, ip_bytes + std::uint32_t{sizeof(EthernetHeader)});
  }

 private:
  static constexpr bool kIsIpv4 =
      kWay == FastWay::kToIpv4Udp || kWay == FastWay::kToIpv4Gre || kWay == FastWay::kToIpv4Nvgre;
  // What of a template depends on the flow, behind the IP header.
  static constexpr bool kHasUdpPort = kWay == FastWay::kToIpv4Udp || kWay == FastWay::kToIpv6Udp;
  static constexpr bool kHasNvgreFlow =
      kWay == FastWay::kToIpv4Nvgre || kWay == FastWay::kToIpv6Nvgre;
  static constexpr EtherType kType = kIsIpv4 ? EtherType::kIpv4 : EtherType::kIpv6;
  static constexpr unsigned kMacBits = 48;
  static constexpr std::uint64_t kMacMask = (std::uint64_t{1} << kMacBits) - 1;
  static constexpr std::uint32_t kMostPushed = kMaxTemplateBytes + sizeof(EthernetHeader);
  static_assert(kMostPushed >= Tunnel::kLine);
  /// The sum of an IPv4 header below has no room for a length of 65535.
  static constexpr std::uint32_t kMostBytes = 0xfffe;

  static void put(std::uint8_t* to, std::uint32_t value) noexcept {
    const be16 word{static_cast<std::uint16_t>(value)};
    std::memcpy(to, &word, sizeof word);
  }

  /// The cache line that ends with the template; what stands before it in the line goes where the
  /// Ethernet header will be, and what is pushed at most.
  void write_template(std::uint8_t* end) const noexcept {
    using Half [[gnu::vector_size(Tunnel::kLine / 2)]] = char;
    Half first;
    Half second;
    std::memcpy(&first, template_end() - 2 * sizeof(Half), sizeof first);
    std::memcpy(&second, template_end() - sizeof(Half), sizeof second);
    std::memcpy(end - 2 * sizeof(Half), &first, sizeof first);
    std::memcpy(end - sizeof(Half), &second, sizeof second);
  }

  [[nodiscard]] const std::uint8_t* template_end() const noexcept {
    return kIsIpv4 ? tunnel_.ipv4_outer_end() : tunnel_.ipv6_outer_end();
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
    // The length in network byte order is in the upper half.
    const std::uint32_t added = __builtin_bswap32(bytes) | ecn;
    const std::uint32_t word = first_word_ | added;
    // Both halves are summed, the carry goes round.
    const std::uint32_t sum = sum_ + added;
    const auto checksum = static_cast<std::uint16_t>(~(sum + std::rotr(sum, 16)) >> 16);
    std::memcpy(ip, &word, sizeof word);
    std::memcpy(ip + kChecksum, &checksum, sizeof checksum);
  }

  void write_ipv6(std::uint8_t* ip, std::uint32_t bytes, std::uint32_t ecn,
                  std::uint64_t hash) const noexcept {
    constexpr unsigned kClassShift = 20;
    auto* header = reinterpret_cast<Ipv6Header*>(ip);
    std::uint32_t word = header->version_class_label.get() | (ecn >> 8 << kClassShift);
    if (tunnel_.hash_flow_label) {
      // Label 0 means "not labelled" (RFC 6437 §2).
      const auto label = static_cast<std::uint32_t>(hash & 0xfffff);
      word |= label == 0 ? 1 : label;
    }
    header->version_class_label = word;
    header->payload_length = static_cast<std::uint16_t>(bytes - sizeof *header);
  }

  void write_l4(std::uint8_t* l4, std::uint32_t bytes, std::uint64_t hash) const noexcept {
    if constexpr (kHasUdpPort) {
      constexpr std::uint32_t kLength = 4;
      put(l4, port_min_ + static_cast<std::uint32_t>((hash >> 32) * ports_ >> 32));
      put(l4 + kLength, bytes);
    } else if constexpr (kHasNvgreFlow) {
      constexpr std::uint32_t kFlow = 7;
      l4[kFlow] = static_cast<std::uint8_t>(hash >> 24);
    }
  }

  const Tunnel& tunnel_;
  std::uint64_t destination_;
  /// The MAC address, and behind it the EtherType.
  std::uint64_t source_and_type_;
  std::uint32_t bytes_;
  std::uint32_t ecn_mask_;
  std::uint32_t port_min_;
  std::uint64_t ports_;
  /// Of an IPv4 template: the first four bytes, and the sum, as they stand in memory.
  std::uint32_t first_word_;
  std::uint32_t sum_;
};

}  // namespace adit
