#pragma once

#include "packet/packet.h"
#include "wire/arp.h"

namespace adit {

/// The ARP request or reply in an untagged frame of EtherType ARP, for IPv4 over Ethernet; nullptr
/// when it is another operation, for other address kinds, or cut short.
[[nodiscard]] const ArpPacket* read_arp(const Packet& frame) noexcept;

/// Whether a host asks for an address that is not its own. Not so for probes, whose sender has no
/// address yet and would take any answer for a conflict, and for announcements (RFC 5227 §1.1).
[[nodiscard]] bool asks_for_another(const ArpPacket& arp) noexcept;

/// Makes of the frame with a request the frame with its reply: the address asked for is at `own`
/// (RFC 826). \pre `read_arp` read it.
void answer_arp(Packet& frame, const MacAddress& own) noexcept;

}  // namespace adit
