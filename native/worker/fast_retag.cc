#include "worker/fast_retag.h"

#include <algorithm>

#include "table/size_limit.h"
#include "worker/fast_sources.h"
#include "worker/tag_run.h"

namespace adit {
namespace {

constexpr std::uint32_t kTagBytes = sizeof(VlanTag);

/// What stands behind the MAC addresses in frames of an attachment with so many tags: the tags, an
/// EtherType, and the first byte of an IP header. All but an outer one of two tags is compared at
/// once.
template <std::uint32_t kTags>
class Front {
 public:
  explicit Front(const Attachment& attachment) noexcept {
    std::uint32_t tags[2];
    static_assert(sizeof tags == sizeof attachment.tags);
    std::memcpy(tags, attachment.tags, sizeof tags);
    if constexpr (kTags == 2) outer_ = tags[0] & kTagMask;
    const std::uint64_t tag = kTags == 0 ? 0 : tags[kTags - 1] & kTagMask;
    ipv4_ = behind(tag, FastFrame::kIpv4);
    ipv6_ = behind(tag, FastFrame::kIpv6);
  }

  /// Whether a frame has it. \param size at least that of the shortest one with IPv4.
  [[nodiscard]] bool is_of(const std::uint8_t* frame, std::uint32_t size) const noexcept {
    const std::uint8_t* last = frame + kTypeOffset;
    if constexpr (kTags == 2) {
      if ((load32(last) & kTagMask) != outer_) return false;
      last += kTagBytes;
    }
    const std::uint64_t word = load64(last);
    if ((word & behind(kTagMask, FastFrame::kIpv4Mask)) == ipv4_) return true;
    return (word & behind(kTagMask, FastFrame::kIpv6Mask)) == ipv6_ &&
           size >= kLeastIpv6InnerBytes + kTags * kTagBytes;
  }

 private:
  [[nodiscard]] static constexpr std::uint64_t behind(std::uint64_t tag,
                                                      std::uint64_t type) noexcept {
    return kTags == 0 ? type : tag | (type << (8 * kTagBytes));
  }

  std::uint32_t outer_ = 0;
  std::uint64_t ipv4_ = 0;
  std::uint64_t ipv6_ = 0;
};

template <std::uint32_t kPops, std::uint32_t kPushes>
class Retagger {
 public:
  explicit Retagger(const Retagging& work) noexcept
      : front_(work.from),
        most_(limit_of(work.to, work.mtu).bytes + std::uint32_t{sizeof(EthernetHeader)} + kPopped),
        least_headroom_(kMoved < 0 ? work.reserved + kPushed - kPopped : 0) {
    std::memcpy(tags_, work.to.tags, kPushed);
  }

  [[nodiscard]] std::size_t run(std::span<const Packet> packets, TxQueue& queue) const noexcept {
    if (most_ < kLeast) return 0;
    Packet* const out = &queue.packets[queue.size];
    std::uint32_t* const bytes = &queue.bytes[queue.size];
    const Packet::Move move(kMoved);
    std::size_t i = 0;
    for (; i < packets.size(); ++i) {
      const Packet& from = packets[i];
      const std::uint32_t size = from.size();
      if (size - kLeast > most_ - kLeast) [[unlikely]] {
        if (!is_short(size) || !write_short(*this, from, out[i])) break;
      } else {
        if (!is_ordinary(from, size)) break;
        write(from, move, out[i]);
      }
      bytes[i] = size - kPopped;
    }
    return i;
  }

 private:
  static constexpr std::uint32_t kPopped = kPops * kTagBytes;
  static constexpr std::uint32_t kPushed = kPushes * kTagBytes;
  static constexpr std::int32_t kMoved =
      static_cast<std::int32_t>(kPopped) - static_cast<std::int32_t>(kPushed);
  static constexpr std::uint32_t kLeastRead = kLeastInnerBytes + kPopped;
  static constexpr std::uint32_t kLeast = std::max(kLeastRead, kMinFrameBytes + kPopped - kPushed);

  [[nodiscard]] static bool is_short(std::uint32_t size) noexcept {
    return size >= kLeastRead && size < kLeast;
  }
  [[nodiscard, gnu::always_inline]] bool is_ordinary(const Packet& packet,
                                                     std::uint32_t size) const noexcept {
    if (packet.next() != nullptr || !front_.is_of(packet.data(), size)) return false;
    return kMoved >= 0 || packet.headroom() >= least_headroom_;
  }
  [[gnu::always_inline]] void write(const Packet& from, const Packet::Move& move,
                                    Packet& packet) const noexcept {
    std::uint8_t* start = from.data() + kMoved;
    if constexpr (kMoved != 0) move_addresses(from.data(), start);
    std::memcpy(start + kTypeOffset, tags_, kPushed);
    packet.become(from, move);
  }
  /// A frame that is to be padded. \param self a copy: the loop's own stays in registers.
  [[nodiscard, gnu::noinline]] static bool write_short(const Retagger self, const Packet& from,
                                                       Packet& packet) noexcept {
    // Before anything is written: what is left to the pipeline was not changed.
    const std::uint32_t size = from.size();
    if (from.tailroom() < kLeast - size || !self.is_ordinary(from, size)) return false;
    self.write(from, Packet::Move(kMoved), packet);
    static_cast<void>(packet.pad(kMinFrameBytes));
    return true;
  }

  Front<kPops> front_;
  /// Bytes of the largest frame.
  std::uint32_t most_;
  /// Before a frame moves to the front, where more tags are put on than taken off.
  std::uint32_t least_headroom_;
  be16 tags_[4];
};

template <std::uint32_t kPops>
std::size_t retag_from(const Retagging& work, std::span<const Packet> packets,
                       TxQueue& queue) noexcept {
  switch (work.to.pops) {
    case 0:
      return Retagger<kPops, 0>(work).run(packets, queue);
    case 1:
      return Retagger<kPops, 1>(work).run(packets, queue);
    default:
      return Retagger<kPops, 2>(work).run(packets, queue);
  }
}

}  // namespace

std::size_t retag(const Retagging& work, std::span<const Packet> packets, TxQueue& queue) noexcept {
  switch (work.from.pops) {
    case 0:
      return retag_from<0>(work, packets, queue);
    case 1:
      return retag_from<1>(work, packets, queue);
    default:
      return retag_from<2>(work, packets, queue);
  }
}

}  // namespace adit
