#pragma once

#include "table/tunnel.h"
#include "wire/udp.h"

namespace adit {

/// Pushes the outer IP header of `spec` in front of `headers`, the headers
/// behind it, and makes the template of `tunnel` from the whole.
void set_template(const TunnelSpec& spec, IpProto proto, Packet& headers, Tunnel& tunnel) noexcept;

/// Writes a tunnel header with a VNI in front of a packet.
using PushVni = bool (*)(Packet& packet, std::uint32_t vni) noexcept;

/// Builds a tunnel of a type that is a header with a VNI in UDP. \returns its endpoint.
[[nodiscard]] Endpoint build_in_udp(const TunnelSpec& spec, PushVni push, Tunnel& tunnel);

/// Where the tunnel header of a packet in UDP starts.
[[nodiscard]] inline std::uint32_t behind_udp(const OuterPacket& outer) noexcept {
  return outer.l4_offset + std::uint32_t{sizeof(UdpHeader)};
}

/// Patches the UDP header at `l4_offset`: source port, length, and the checksum
/// if it is sent.
void patch_udp(const Packet& packet, std::uint32_t l4_offset, const Tunnel& tunnel,
               const PushFields& fields) noexcept;

/// `read_sent` of the types over UDP: a VNI in the last word of eight bytes.
[[nodiscard]] bool read_sent_udp(const Packet& packet, std::uint32_t l4_offset,
                                 SentHeader& header) noexcept;

/// RFC 6936 §4.5: a receiver discards zero checksums on IPv6 unless it was told
/// to take them.
[[nodiscard]] DropReason check_zero_checksum(const Packet& packet, const OuterPacket& outer,
                                             const Tunnel& tunnel) noexcept;

}  // namespace adit
