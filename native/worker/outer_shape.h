#pragma once

#include <cstdint>
#include <span>

#include "packet/lanes.h"
#include "packet/packet.h"
#include "table/tunnel_map.h"
#include "worker/fast_burst.h"
#include "worker/fast_rows.h"

namespace adit {

/// What a burst's outer headers say, by place in the burst: what a tunnel is found by.
struct FastOuters {
  alignas(32) FastBurst::Column<std::uint32_t> hash;
  /// An IPv4 address as it stands in the packet; of IPv6, `TunnelMap::source_word`.
  alignas(32) FastBurst::Column<std::uint32_t> source;
  alignas(32) FastBurst::Column<std::uint32_t> id;
  /// `Tunnel::identity`.
  alignas(32) FastBurst::Column<std::uint32_t> identity;
};

/// What all ordinary IPv4 packets for one endpoint have in common from the EtherType to the tunnel
/// header, so that several at a time can be told to be such by a comparison. What differs between
/// them is checked and read then.
class OuterShape {
 public:
  /// Of packets like this one. \param frame an ordinary IPv4 tunnel packet for the endpoint;
  /// \param salt of `TunnelMap`.
  OuterShape(const std::uint8_t* frame, TunnelType type, std::uint32_t endpoint, IdKind kind,
             std::uint32_t salt) noexcept;

  /// Reads a burst, several packets at a time; `from` is 0 then of those that have the shape and
  /// are sound, with an ordinary packet inside whose ECN stays what it is, and kNone of all others.
  void read(std::span<const Packet> packets, FastBurst& burst, FastOuters& outers) const noexcept;

 private:
  static constexpr std::size_t kWords = 8;

  void read_lanes(const FastRows& from, std::size_t first, FastBurst& burst,
                  FastOuters& outers) const noexcept;
  /// Takes more bits of a word into the comparison.
  void compare(const std::uint8_t* frame, std::size_t word, std::uint32_t mask) noexcept;

  // By word from the EtherType on, each word as it stands in the packet.
  Lanes value_[kWords] = {};
  Lanes mask_[kWords] = {};
  /// The first word of a Geneve header, which the words above do not reach to the end of.
  Lanes last_value_ = {};
  bool has_last_ = false;
  Lanes identity_;
  /// Of the UDP length; none in GRE.
  Lanes length_mask_ = {};
  /// Of the identifier as a number, once shifted.
  Lanes id_mask_ = {};
  Lanes begin_;
  std::uint32_t id_shift_ = 0;
  std::uint32_t id_offset_;
  std::uint32_t salt_;
};

}  // namespace adit
