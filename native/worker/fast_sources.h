#pragma once

#include <cstring>
#include <span>

#include "worker/fast_arrival.h"
#include "worker/fast_frame.h"

namespace adit {

// Where frames on the fast path come from. `look` reads one without a change to it; false leaves it
// to the general path. `strip` takes off what it came with.

/// An attachment whose frames carry so many bytes of tags, which were found to be its own.
template <std::uint32_t kTagBytes>
class FromAttachment {
 public:
  explicit FromAttachment(std::span<const Packet> packets) noexcept : packets_(packets) {}

  [[nodiscard]] std::size_t size() const noexcept { return packets_.size(); }
  /// Where the packet of an index is, or past the last one.
  [[nodiscard]] const Packet* at(std::size_t i) const noexcept { return packets_.data() + i; }
  [[nodiscard]] static bool look(const Packet* from, FastFrame& frame) noexcept {
    const Packet& packet = *from;
    frame.packet = from;
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
};

/// A tunnel.
class FromTunnel {
 public:
  /// \param arrivals one to each packet.
  FromTunnel(std::span<const Packet> packets, std::span<const FastArrival> arrivals) noexcept
      : packets_(packets), arrivals_(arrivals) {}

  [[nodiscard]] std::size_t size() const noexcept { return packets_.size(); }
  /// Where the arrival of an index is, or past the last one.
  [[nodiscard]] const FastArrival* at(std::size_t i) const noexcept { return arrivals_.data() + i; }
  [[nodiscard]] bool look(const FastArrival* from, FastFrame& frame) const noexcept {
    const FastArrival& arrival = *from;
    frame.packet = packets_.data() + (from - arrivals_.data());
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
