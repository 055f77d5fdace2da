#include "worker/outer_shape.h"

#include "wire/gre.h"
#include "wire/ip.h"
#include "wire/udp.h"
#include "wire/vxlan.h"
#include "worker/fast_frame.h"

namespace adit {
namespace {

// Offsets in a frame without VLAN tags.
constexpr std::uint32_t kIp = sizeof(EthernetHeader);
constexpr std::uint32_t kL4 = kIp + sizeof(Ipv4Header);
constexpr std::uint32_t kTunnelHeader = kL4 + sizeof(UdpHeader);
constexpr std::uint32_t kGreKey = kL4 + sizeof(GreHeader);

// Masks of words from the EtherType on, as they stand in memory.
constexpr std::uint32_t kLow = 0xffff;
constexpr std::uint32_t kHigh = 0xffff0000;
/// EtherType, version and length of the IP header.
constexpr std::uint32_t kIpv4Type = 0x00ffffff;
/// Of the fragment field all but "don't fragment" and the bit that means nothing.
constexpr std::uint32_t kFragmentAndProtocol =
    0xff000000 | be16{Ipv4Header::kMoreFragments | Ipv4Header::kOffsetMask}.raw();
constexpr std::uint32_t kVniFlag = std::uint32_t{VxlanHeader::kVniValid} << 16;

}  // namespace

OuterShape::OuterShape(const std::uint8_t* frame, TunnelType type, std::uint32_t endpoint,
                       IdKind kind, std::uint32_t salt) noexcept
    : identity_(all_lanes(Tunnel::identity_of(endpoint, kind))), salt_(salt) {
  const bool is_udp = type == TunnelType::kVxlan || type == TunnelType::kGeneve;
  // Addresses' low words, then the UDP port and the checksum, which is 0 in an ordinary packet, or
  // GRE's flags and protocol type.
  std::uint32_t masks[kWords] = {kIpv4Type, 0, kFragmentAndProtocol, 0, kHigh, kLow, kLow, 0};
  if (is_udp) {
    constexpr unsigned kReserved = 8;
    masks[7] = type == TunnelType::kVxlan ? kLow | kVniFlag : kLow;
    has_last_ = type == TunnelType::kGeneve;
    last_value_ = all_lanes(load32(frame + kTunnelHeader));
    length_mask_ = all_lanes(kLow);
    id_offset_ = kTunnelHeader + std::uint32_t{sizeof(be32)};
    id_shift_ = kReserved;
    id_mask_ = all_lanes(~0U >> kReserved);
    begin_ = all_lanes(kTunnelHeader + sizeof(VxlanHeader));
  } else {
    const bool is_keyed = kind == IdKind::kKey;
    masks[5] |= kHigh;
    id_offset_ = kGreKey;
    id_mask_ = all_lanes(is_keyed ? ~0U : 0U);
    begin_ = all_lanes(kGreKey + (is_keyed ? sizeof(be32) : 0));
  }
  for (std::size_t i = 0; i < kWords; ++i) {
    mask_[i] = all_lanes(masks[i]);
    value_[i] = all_lanes(load32(frame + kTypeOffset + i * sizeof(std::uint32_t))) & mask_[i];
  }
}

bool OuterShape::read(std::span<const Packet> packets, const TunnelMap::Buckets buckets,
                      FastBurst& burst, FastOuters& outers) const noexcept {
  const std::uint32_t least = begin_[0] + kLeastInnerBytes;
  Lanes wrong = {};
  for (std::size_t first = 0; first < packets.size(); first += kLanes) {
    wrong |= read_lanes(FastRows(packets, first, least), first, buckets, burst, outers);
    for (std::size_t i = first; i < first + kLanes; ++i) buckets.prefetch(outers.place[i]);
  }
  return is_zero(wrong);
}

/// \returns all ones where a packet has another shape.
[[gnu::always_inline]] inline Lanes OuterShape::read_lanes(const FastRows& from, std::size_t first,
                                                           const TunnelMap::Buckets buckets,
                                                           FastBurst& burst,
                                                           FastOuters& outers) const noexcept {
  LaneRows rows = from.data();
  const auto [w0, w1, w2, w3] = four_word_lanes(rows, kTypeOffset).words;
  const auto [w4, w5, w6, w7] = four_word_lanes(rows, kTypeOffset + 16).words;
  Lanes wrong = ((w0 ^ value_[0]) & mask_[0]) | ((w2 ^ value_[2]) & mask_[2]) |
                ((w4 ^ value_[4]) & mask_[4]) | ((w5 ^ value_[5]) & mask_[5]) |
                ((w6 ^ value_[6]) & mask_[6]) | ((w7 ^ value_[7]) & mask_[7]);
  if (has_last_) wrong |= word_lanes(rows, kTunnelHeader) ^ last_value_;

  // The packet ends inside the frame (RFC 791), and the datagram with the packet (RFC 768).
  const Lanes total = swapped(w1) >> 16;
  const Lanes end = total + kIp;
  wrong |= below(from.sizes(), end);
  wrong |= ((swapped(w6) & kLow) ^ (total - std::uint32_t{sizeof(Ipv4Header)})) & length_mask_;
  // The one's complement sum of the header is all ones (RFC 1071). Ten halves sum up to no more
  // than four bits above them, so one carry is enough.
  const Lanes sum = (w0 >> 16) + (w1 & kLow) + (w1 >> 16) + (w2 & kLow) + (w2 >> 16) + (w3 & kLow) +
                    (w3 >> 16) + (w4 & kLow) + (w4 >> 16) + (w5 & kLow);
  wrong |= ((sum & kLow) + (sum >> 16)) ^ kLow;
  const Lanes size = end - begin_;
  const Lanes inner = read_inner(word_lanes(rows, begin_[0] + kTypeOffset), size, wrong);
  // RFC 6040 §4.2: these marks change nothing inside.
  const Lanes marks = (w0 >> 16) & FastFrame::kEcn;
  wrong |= (marks ^ (inner & FastFrame::kEcn)) & where(marks != 0);

  const Lanes source = (w3 >> 16) | (w4 << 16);
  const Lanes id = (swapped(word_lanes(rows, id_offset_)) >> id_shift_) & id_mask_;
  const Lanes is_other = where(wrong != 0);
  const Lanes hash = TunnelMap::hash(source, id, salt_);
  store_lanes(&burst.from[first], is_other);
  store_lanes(&burst.begin[first], begin_);
  store_lanes(&burst.size[first], size);
  store_lanes(&burst.inner[first], inner);
  store_lanes(&outers.place[first], buckets.place(hash));
  store_lanes(&outers.tag[first], TunnelMap::tag_of(hash));
  store_lanes(&outers.source[first], source);
  store_lanes(&outers.id[first], id);
  store_lanes(&outers.identity[first], identity_ | is_other);
  return is_other;
}

}  // namespace adit
