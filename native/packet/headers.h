#pragma once

#include <optional>

#include "packet/packet.h"
#include "wire/ethernet.h"
#include "wire/geneve.h"
#include "wire/gre.h"
#include "wire/ip.h"
#include "wire/udp.h"
#include "wire/vxlan.h"

namespace adit {

// One header at a time: the primitives that tunnels are made of. Each push
// returns false, and each pop nothing, with the packet unchanged, when room or
// bytes are short or the header is not what the function takes. Values are in
// host order; lengths and checksums are worked out here.

/// VLAN tag after the MAC addresses (IEEE 802.1Q); `tci` is PCP, DEI and VID.
struct VlanFields {
  EtherType tpid = EtherType::kVlan;
  std::uint16_t tci = 0;
};

/// Fields of an IPv4 or IPv6 header that its packet does not decide.
struct IpFields {
  IpAddress source;
  IpAddress destination;
  IpProto proto = IpProto::kUdp;
  std::uint8_t ttl = 64;
  /// DSCP and ECN: the TOS byte or traffic class.
  std::uint8_t traffic_class = 0;
  /// IPv4 only.
  bool dont_fragment = true;
  /// IPv4 only; constant is allowed on packets that are not fragmentable (RFC
  /// 6864 §4.1).
  std::uint16_t identification = 0;
  /// IPv6 only, 20 bits.
  std::uint32_t flow_label = 0;
};

struct UdpFields {
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
};

struct GreFields {
  EtherType protocol = EtherType::kTransparentEthernet;
  std::optional<std::uint32_t> key;
  std::optional<std::uint32_t> sequence;
  /// Whether the header has a checksum. `push_gre` leaves the field 0 for
  /// `set_gre_checksum`.
  bool checksum = false;
};

[[nodiscard]] bool push_ethernet(Packet& packet, const MacAddress& destination,
                                 const MacAddress& source, EtherType type) noexcept;
[[nodiscard]] std::optional<EthernetHeader> pop_ethernet(Packet& packet) noexcept;

/// Moves the two MAC addresses 4 bytes forward and writes the tag behind them.
[[nodiscard]] bool push_vlan(Packet& packet, VlanFields fields) noexcept;
/// Takes the outermost tag, of TPID 0x8100 or 0x88a8, out of the frame.
[[nodiscard]] std::optional<VlanFields> pop_vlan(Packet& packet) noexcept;

/// IPv4 without options, or IPv6 without extension headers. The packet is the
/// payload.
[[nodiscard]] bool push_ip(Packet& packet, const IpFields& fields) noexcept;
/// Takes an IPv4 header without options, or an IPv6 header, and cuts the packet
/// to the length that the header gives: what stood behind it (Ethernet padding)
/// is gone. Refused: another version, options, an IPv4 fragment, a length that
/// is wrong or past the packet, a wrong IPv4 checksum.
[[nodiscard]] std::optional<IpFields> pop_ip(Packet& packet) noexcept;

/// The checksum is 0 (RFC 7348 §5); `set_udp_checksum` fills it once the IP
/// header stands before it.
[[nodiscard]] bool push_udp(Packet& packet, UdpFields fields) noexcept;
/// Refused when the length field is under 8 or past the packet; the packet is
/// cut to it.
[[nodiscard]] std::optional<UdpFields> pop_udp(Packet& packet) noexcept;
/// `packet` starts with an IPv4 or IPv6 header directly followed by UDP: writes
/// the checksum of the datagram, as long as its length field says, a computed 0
/// as 0xffff (RFC 768). False when it is not so, or the length field is under 8
/// or past the packet.
[[nodiscard]] bool set_udp_checksum(const Packet& packet) noexcept;

/// \returns false also for a VNI over 24 bits.
[[nodiscard]] bool push_vxlan(Packet& packet, std::uint32_t vni) noexcept;
/// The VNI. Refused when the I bit is clear; reserved bits are ignored (RFC
/// 7348 §5).
[[nodiscard]] std::optional<std::uint32_t> pop_vxlan(Packet& packet) noexcept;

/// Without options, protocol type Ethernet. \returns false also for a VNI over
/// 24 bits.
[[nodiscard]] bool push_geneve(Packet& packet, std::uint32_t vni) noexcept;
/// The VNI. Refused: another version, a control packet, critical or malformed
/// options (RFC 8926 §3).
[[nodiscard]] std::optional<std::uint32_t> pop_geneve(Packet& packet) noexcept;

[[nodiscard]] bool push_gre(Packet& packet, const GreFields& fields) noexcept;
/// Takes the header with whatever of checksum, key and sequence its flags
/// announce. Refused: bits that must be zero, a version that is not 0, a wrong
/// checksum (RFC 2784 §2, RFC 2890).
[[nodiscard]] std::optional<GreFields> pop_gre(Packet& packet) noexcept;

/// `packet` starts with a GRE header: writes its checksum, over all that
/// follows, if it has the field.
void set_gre_checksum(const Packet& packet) noexcept;

/// Whether Geneve options fill [offset, end) of `packet` exactly and none is
/// critical.
[[nodiscard]] bool are_geneve_options_ok(const Packet& packet, std::uint32_t offset,
                                         std::uint32_t end) noexcept;

/// True when `packet` starts with a GRE header whose checksum is right, or
/// which has none.
[[nodiscard]] bool gre_checksum_ok(const Packet& packet) noexcept;

}  // namespace adit
