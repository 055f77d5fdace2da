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
  // Of the hash that a tunnel is found by: place of the bucket, and tag.
  alignas(32) FastBurst::Column place;
  alignas(32) FastBurst::Column tag;
  /// An IPv4 address as it stands in the packet; of IPv6, `TunnelMap::source_word`.
  alignas(32) FastBurst::Column source;
  alignas(32) FastBurst::Column id;
  /// `Tunnel::identity`; kNoIdentity of packets that are for the pipeline.
  alignas(32) FastBurst::Column identity;
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
  /// Fetches the buckets that tunnels are looked for in. \returns whether all are such.
  bool read(std::span<const Packet> packets, TunnelMap::Buckets buckets, FastBurst& burst,
            FastOuters& outers) const noexcept;

 private:
  static constexpr std::size_t kWords = 8;

  [[nodiscard]] Lanes read_lanes(const FastRows& from, std::size_t first,
                                 TunnelMap::Buckets buckets, FastBurst& burst,
                                 FastOuters& outers) const noexcept;

  // By word from the EtherType on, each word as it stands in the packet.
  Lanes value_[kWords];
  Lanes mask_[kWords];
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
