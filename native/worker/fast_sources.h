#pragma once

#include <cstring>
#include <span>

#include "worker/fast_arrival.h"
#include "worker/fast_frame.h"

namespace adit {

// Where frames on the fast path come from. `look` reads one without a change to it; false leaves it
// to the general path. `strip` takes off what it came with.

/// An attachment whose frames carry `tag_bytes` of tags, which were found to be its own.
class FromAttachment {
 public:
  FromAttachment(std::span<const Packet> packets, std::uint32_t tag_bytes) noexcept
      : packets_(packets), tag_bytes_(tag_bytes) {}

  [[nodiscard]] std::size_t size() const noexcept { return packets_.size(); }
  [[nodiscard]] bool look(std::size_t i, FastFrame& frame) const noexcept {
    const Packet& packet = packets_[i];
    frame.packet = &packet;
    frame.data = packet.data() + tag_bytes_;
    frame.size = packet.size() - tag_bytes_;
    return packet.next() == nullptr && read_headers(frame);
  }
  void strip(const FastFrame& frame) const noexcept {
    if (tag_bytes_ == 0) return;
    // The MAC addresses go on to where the tags end.
    const std::uint8_t* from = frame.data - tag_bytes_;
    const std::uint64_t first = load64(from);
    const std::uint32_t rest = load32(from + sizeof first);
    std::memcpy(frame.data, &first, sizeof first);
    std::memcpy(frame.data + sizeof first, &rest, sizeof rest);
  }

 private:
  std::span<const Packet> packets_;
  std::uint32_t tag_bytes_;
};

/// A tunnel.
class FromTunnel {
 public:
  /// \param arrivals one to each packet.
  FromTunnel(std::span<const Packet> packets, std::span<const FastArrival> arrivals) noexcept
      : packets_(packets), arrivals_(arrivals) {}

  [[nodiscard]] std::size_t size() const noexcept { return packets_.size(); }
  [[nodiscard]] bool look(std::size_t i, FastFrame& frame) const noexcept {
    const FastArrival& arrival = arrivals_[i];
    frame.packet = &packets_[i];
    frame.data = packets_[i].data() + arrival.begin;
    frame.size = arrival.end - arrival.begin;
    // RFC 6040 §4.2: these marks change nothing inside.
    return read_headers(frame) && (arrival.outer_ecn == 0 || arrival.outer_ecn == frame.ecn());
  }
  void strip(const FastFrame&) const noexcept {}

 private:
  std::span<const Packet> packets_;
  std::span<const FastArrival> arrivals_;
};

}  // namespace adit
