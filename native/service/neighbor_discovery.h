#pragma once

#include "packet/inner.h"
#include "packet/packet.h"
#include "wire/neighbor_discovery.h"

namespace adit {

// Neighbor discovery (RFC 4861) in untagged Ethernet frames.

/// Whether the frame is a matter of its link alone: router or neighbor solicitation or
/// advertisement, or redirect. The hop limit tells: 255 passes no router (RFC 4861 §11.2).
[[nodiscard]] bool is_neighbor_discovery(const Packet& frame, const InnerFrame& inner) noexcept;

/// The neighbor solicitation or advertisement in such a frame; nullptr when it is another message,
/// or fails the checks of RFC 4861 §7.1.
[[nodiscard]] const NeighborMessage* read_neighbor_message(const Packet& frame) noexcept;

/// Whether a host asks for an address that is not its own. Not so in duplicate address detection,
/// whose sender has no address yet and would take any answer for a conflict (RFC 4862 §5.4).
/// \pre `read_neighbor_message` read it.
[[nodiscard]] bool solicits_another(const Packet& frame) noexcept;

/// Makes of the frame with a solicitation the frame with its advertisement: the target is at `own`
/// (RFC 4861 §4.4; solicited, override). False, and nothing changed, when the frame's memory is
/// short. \pre `read_neighbor_message` read it.
[[nodiscard]] bool answer_solicitation(Packet& frame, const MacAddress& own) noexcept;

}  // namespace adit
