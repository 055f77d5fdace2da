#pragma once

#include <bit>
#include <cstring>

#include "table/next_hop.h"
#include "table/tunnel.h"
#include "wire/udp.h"
#include "worker/fast_frame.h"

namespace adit {

// Frames on the fast path on their way into tunnels. `Limit` is asked first, and may leave a frame
// to the general path; `write` puts on what the frame leaves with, given its `flow_of`.

/// A tunnel to be sent into. Arrays of them are left unset, for setting them takes its time.
struct TunnelTarget {
  const Tunnel* tunnel;
  NextHopTable::Plain hop;

  [[nodiscard]] std::size_t port() const noexcept { return hop.port(); }
  [[nodiscard]] std::uint32_t member() const noexcept { return tunnel->member; }
};

/// A tunnel whose next hop is up. RFC 7348 §5, RFC 8926 §3.3, RFC 2784 §2, RFC 7637 §3.2.
template <FastWay kIntoWay>
class ToTunnel {
 public:
  static constexpr FastWay kWay = kIntoWay;

  using Target = TunnelTarget;
  class Limit {
   public:
    /// \param headroom as `headroom_for` has it.
    Limit(const Target& to, std::uint32_t headroom) noexcept
        : bytes_(to.tunnel->template_bytes), most_(to.hop.mtu()), headroom_(headroom) {}

    [[nodiscard]] bool fits(const FastFrame& frame) const noexcept {
      return frame.size + bytes_ <= most_ && frame.headroom() >= headroom_;
    }

   private:
    std::uint32_t bytes_;
    std::uint32_t most_;
    std::uint32_t headroom_;
  };

  /// Bytes that are to be in front of a frame. \param reserved those at its start that are not to
  /// be used.
  [[nodiscard]] static constexpr std::uint32_t headroom_for(std::uint32_t reserved) noexcept {
    return reserved + kMostPushed;
  }

  /// The flow hash, where something that is pushed depends on it.
  [[nodiscard]] static std::uint64_t flow_of(const FastFrame& frame,
                                             const HashSeed& seed) noexcept {
    constexpr bool kNeedsHash = !kIsIpv4 || kHasUdpPort || kHasNvgreFlow;
    return kNeedsHash ? hash_of(frame, seed) : 0;
  }

  explicit ToTunnel(const Target& to) noexcept
      : tunnel_(*to.tunnel),
        destination_(to.hop.destination),
        source_(to.hop.source),
        bytes_(to.tunnel->template_bytes),
        ecn_mask_(std::uint32_t{to.tunnel->ecn_mask} << FastFrame::kEcnShift),
        port_min_(to.tunnel->source_port_min),
        ports_(std::uint32_t{to.tunnel->source_port_span} + 1) {
    constexpr std::uint32_t kChecksum = 10;
    const std::uint8_t* outer = template_end() - bytes_;
    first_word_ = load32(outer);
    sum_ = load16(outer + kChecksum);
  }

  /// Bytes that are pushed.
  [[nodiscard]] std::uint32_t bytes() const noexcept {
    return bytes_ + std::uint32_t{sizeof(EthernetHeader)};
  }
  /// Writes headers in front of the `size` bytes at `data`; returns where they begin.
  /// \param inner `FastFrame::inner`.
  std::uint8_t* write(std::uint8_t* data, std::uint32_t size, std::uint32_t inner,
                      std::uint64_t hash) const noexcept {
    // First, so that what it takes is not kept in registers.
    const std::uint32_t entropy = entropy_of(hash);
    write_template(data);
    std::uint8_t* ip = data - bytes_;
    std::uint8_t* start = ip - sizeof(EthernetHeader);
    write_ethernet(start);
    const std::uint32_t ip_bytes = size + bytes_;
    const std::uint32_t ecn = inner & ecn_mask_;
    if constexpr (kIsIpv4) {
      write_ipv4(ip, ip_bytes, ecn);
      write_l4(ip + sizeof(Ipv4Header), ip_bytes - std::uint32_t{sizeof(Ipv4Header)}, entropy);
    } else {
      write_ipv6(ip, ip_bytes, ecn, hash);
      write_l4(ip + sizeof(Ipv6Header), ip_bytes - std::uint32_t{sizeof(Ipv6Header)}, entropy);
    }
    return start;
  }

 private:
  static constexpr bool kIsIpv4 =
      kWay == FastWay::kToIpv4Udp || kWay == FastWay::kToIpv4Gre || kWay == FastWay::kToIpv4Nvgre;
  // What of a template depends on the flow, behind the IP header.
  static constexpr bool kHasUdpPort = kWay == FastWay::kToIpv4Udp || kWay == FastWay::kToIpv6Udp;
  static constexpr bool kHasNvgreFlow =
      kWay == FastWay::kToIpv4Nvgre || kWay == FastWay::kToIpv6Nvgre;
  static constexpr EtherType kType = kIsIpv4 ? EtherType::kIpv4 : EtherType::kIpv6;
  static constexpr std::uint32_t kMostPushed = kMaxTemplateBytes + sizeof(EthernetHeader);
  static_assert(kMostPushed >= Tunnel::kLine);

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
    constexpr std::uint16_t kRawType = raw(kType);
    // The upper two bytes of each address' word are overwritten by what is stored next.
    std::memcpy(start, &destination_, sizeof destination_);
    std::memcpy(start + sizeof(MacAddress), &source_, sizeof source_);
    std::memcpy(start + kTypeOffset, &kRawType, sizeof kRawType);
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
    std::uint32_t sum = sum_ + added;
    sum += sum < added ? 1 : 0;
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

  /// What behind the IP header depends on the flow: the UDP source port, or NVGRE's FlowID.
  [[nodiscard]] std::uint32_t entropy_of(std::uint64_t hash) const noexcept {
    if constexpr (kHasUdpPort) {
      return port_min_ + static_cast<std::uint32_t>((hash >> 32) * ports_ >> 32);
    }
    return static_cast<std::uint32_t>(hash >> 24) & 0xff;
  }

  void write_l4(std::uint8_t* l4, std::uint32_t bytes, std::uint32_t entropy) const noexcept {
    if constexpr (kHasUdpPort) {
      constexpr std::uint32_t kLength = 4;
      put(l4, entropy);
      put(l4 + kLength, bytes);
    } else if constexpr (kHasNvgreFlow) {
      constexpr std::uint32_t kFlow = 7;
      l4[kFlow] = static_cast<std::uint8_t>(entropy);
    }
  }

  const Tunnel& tunnel_;
  // MAC addresses in the six lower bytes.
  std::uint64_t destination_;
  std::uint64_t source_;
  std::uint32_t bytes_;
  std::uint32_t ecn_mask_;
  std::uint32_t port_min_;
  std::uint64_t ports_;
  /// Of an IPv4 template: the first four bytes, and the sum, as they stand in memory.
  std::uint32_t first_word_;
  std::uint32_t sum_;
};

}  // namespace adit
