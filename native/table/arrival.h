#pragma once

#include <cstdint>

#include "table/fast_way.h"

namespace adit {

/// What the fast path needs of a tunnel to receive: what a packet must match to be its own, and
/// where the frame inside goes. Half a cache line, and apart from `Tunnel`, which receiving then
/// need not touch; words of 32 bits, which are read of several tunnels side by side.
struct alignas(32) Arrival {
  /// `Tunnel::identity`; that of no tunnel, which no packet matches.
  static constexpr std::uint32_t kNoIdentity = 0xffffffff;

  std::uint32_t identity = kNoIdentity;
  std::uint32_t id = 0;
  /// `TunnelMap::source_word` of the remote.
  std::uint32_t source = 0;
  std::uint32_t member = 0;
  /// The other end of the cross-connect: its member, and the index of the attachment or tunnel.
  std::uint32_t peer_member = 0;
  std::uint32_t peer_index = 0;
  /// Of an attachment there, with the bytes of tags that it puts on.
  std::uint16_t port = 0;
  std::uint16_t mtu = 0;
  FastWay way = FastWay::kNone;
  std::uint8_t tag_bytes = 0;
  /// The source above is not the whole address.
  bool is_ipv6 = false;
};
static_assert(sizeof(Arrival) == 32);

}  // namespace adit
