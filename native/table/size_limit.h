#pragma once

#include <algorithm>
#include <cstdint>

#include "table/attachment.h"
#include "table/next_hop.h"
#include "table/tunnel.h"
#include "wire/ethernet.h"

namespace adit {

/// What sets the largest size on a way out.
enum class SizeSource : std::uint8_t { kNextHop, kPath, kTunnel, kPort, kAttachment };

/// The largest IP packet that may be sent on a way out, outer headers included, and what says so.
/// All that depends on sizes starts from here: what is dropped, told, clamped, fragmented and
/// shown.
struct SizeLimit {
  std::uint32_t bytes = 0;
  SizeSource source = SizeSource::kNextHop;
};

/// Of outer IP packets: the way to the remote, what ICMP errors told of it, or what the tunnel's
/// own `mtu` makes of it.
[[nodiscard]] inline SizeLimit limit_of(const Tunnel& tunnel, const NextHop& hop) noexcept {
  SizeLimit limit{hop.mtu, SizeSource::kNextHop};
  const bool is_learned = tunnel.learns_path && hop.path_mtu != 0;
  if (is_learned && hop.path_mtu < limit.bytes) limit = {hop.path_mtu, SizeSource::kPath};
  if (tunnel.has_mtu && tunnel.own_limit < limit.bytes) {
    limit = {tunnel.own_limit, SizeSource::kTunnel};
  }
  return limit;
}

/// Of IP packets towards a tenant: the attachment's own `mtu`, or its port's.
[[nodiscard]] inline SizeLimit limit_of(const Attachment& attachment,
                                        std::uint32_t port_mtu) noexcept {
  if (attachment.mtu < port_mtu) {
    return {attachment.mtu, SizeSource::kAttachment};
  }
  return {port_mtu, SizeSource::kPort};
}

/// The largest IP packet that fits into the tunnel. \param ip_offset where it starts in its frame:
/// the Ethernet header and each tag inside take their part; 0 of an IP packet by itself.
[[nodiscard]] inline std::uint32_t inner_limit(const Tunnel& tunnel, const SizeLimit& limit,
                                               std::uint32_t ip_offset) noexcept {
  const std::uint32_t overhead = tunnel.template_bytes + ip_offset;
  return limit.bytes > overhead ? limit.bytes - overhead : 0;
}

/// Bytes in front of an untagged IP packet inside the tunnel.
[[nodiscard]] inline std::uint32_t inner_ethernet_bytes(bool payload_ip) noexcept {
  return payload_ip ? 0 : std::uint32_t{sizeof(EthernetHeader)};
}

}  // namespace adit
