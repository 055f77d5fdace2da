#pragma once

#include <cstdint>

#include "packet/packet.h"
#include "wire/ip.h"

namespace adit {

/// What stands behind an IPv6 header and its extension headers (RFC 8200 §4).
struct Ipv6Chain {
  /// The first header that is no extension header, and where it starts; of a later fragment, which
  /// has none of it, the header that the first one goes on with, and where the fragment header is.
  IpProto proto = IpProto::kUdp;
  std::uint32_t offset = 0;
  bool fragment = false;
  bool later_fragment = false;
  /// There are extension headers other than the fragment header.
  bool options = false;
  /// The packet ends inside an extension header.
  bool truncated = false;
  /// More extension headers than anybody sends: what follows was not looked for.
  bool endless = false;

  /// Whether `proto` starts at `offset`.
  [[nodiscard]] bool reaches_payload() const noexcept {
    return !later_fragment && !truncated && !endless;
  }
};

/// Walks the extension headers of the IPv6 packet whose header starts at `ip_offset`; at most 8.
/// \pre the IPv6 header is within the packet.
[[nodiscard]] Ipv6Chain walk_ipv6(const Packet& packet, std::uint32_t ip_offset) noexcept;

}  // namespace adit
