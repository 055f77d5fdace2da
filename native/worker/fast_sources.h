#pragma once

#include <cstring>
#include <span>

#include "worker/fast_arrival.h"
#include "worker/fast_frame.h"
#include "worker/fast_view.h"

namespace adit {

// Where frames on the fast path come from. `look` reads one without a change to it; false leaves it
// to the general path. `strip` takes off what it came with.

/// An attachment whose frames carry so many bytes of tags, which were found to be its own.
template <std::uint32_t kTagBytes>
class FromAttachment {
 public:
  using Entry = Attachment;

  /// \param claims one to each packet.
  FromAttachment(std::span<const Packet> packets, std::span<const std::uint32_t> claims) noexcept
      : packets_(packets), claims_(claims) {}

  [[nodiscard]] std::size_t size() const noexcept { return packets_.size(); }
  /// Of packets that all came in by one.
  [[nodiscard]] FromAttachment part(std::size_t begin, std::size_t count) const noexcept {
    return {packets_.subspan(begin, count), {}};
  }
  /// Whether the packet comes by an attachment of this kind, which then is `entry`.
  [[nodiscard]] bool find(const FastView& view, std::size_t i,
                          const Attachment*& entry) const noexcept {
    if (claims_[i] == TagMap::kNone) return false;
    entry = &view.attachment(claims_[i]);
    return entry->pops * sizeof(VlanTag) == kTagBytes;
  }
  [[nodiscard]] std::span<const Packet> packets() const noexcept { return packets_; }
  [[nodiscard]] bool look(std::size_t i, FastFrame& frame) const noexcept {
    return look(packets_[i], frame);
  }
  [[nodiscard]] static bool look(const Packet& packet, FastFrame& frame) noexcept {
    frame.packet = &packet;
    frame.data = packet.data() + kTagBytes;
    frame.size = packet.size() - kTagBytes;
    return packet.next() == nullptr && read_headers(frame);
  }
  static void strip(const FastFrame& frame) noexcept {
    if constexpr (kTagBytes == 0) return;
    // The MAC addresses go on to where the tags end.
    const std::uint8_t* from = frame.data - kTagBytes;
    const std::uint64_t first = load64(from);
    const std::uint32_t rest = load32(from + sizeof first);
    std::memcpy(frame.data, &first, sizeof first);
    std::memcpy(frame.data + sizeof first, &rest, sizeof rest);
  }

 private:
  std::span<const Packet> packets_;
  std::span<const std::uint32_t> claims_;
};

/// A tunnel.
class FromTunnel {
 public:
  using Entry = Tunnel;

  /// \param arrivals one to each packet.
  FromTunnel(std::span<const Packet> packets, std::span<const FastArrival> arrivals) noexcept
      : packets_(packets), arrivals_(arrivals) {}

  [[nodiscard]] std::size_t size() const noexcept { return packets_.size(); }
  [[nodiscard]] bool find(const FastView& view, std::size_t i,
                          const Tunnel*& entry) const noexcept {
    if (arrivals_[i].tunnel == TunnelMap::kNone) return false;
    entry = &view.tunnel(arrivals_[i].tunnel);
    return true;
  }
  [[nodiscard]] bool look(std::size_t i, FastFrame& frame) const noexcept {
    const FastArrival& arrival = arrivals_[i];
    frame.packet = &packets_[i];
    frame.data = frame.packet->data() + arrival.begin;
    frame.size = arrival.end - arrival.begin;
    // RFC 6040 §4.2: these marks change nothing inside.
    return read_headers(frame) && (arrival.ecn_word == 0 || arrival.ecn_word == frame.ecn_word);
  }
  static void strip(const FastFrame&) noexcept {}

 private:
  std::span<const Packet> packets_;
  std::span<const FastArrival> arrivals_;
};

}  // namespace adit
