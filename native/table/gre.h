#pragma once

#include "table/tunnel.h"

namespace adit {

// What GRE and NVGRE share.

/// Reads a GRE header with checksum, key and sequence number where its flags
/// announce them.
[[nodiscard]] DropReason parse_gre(const Packet& packet, OuterPacket& outer) noexcept;

/// `read_sent` of GRE and NVGRE. Of the fields only flags, protocol type and key have to be there.
[[nodiscard]] bool read_sent_gre(const Packet& packet, std::uint32_t l4_offset,
                                 SentHeader& header) noexcept;

/// k_gre_checksum when the header at `l4_offset` has a checksum and it is
/// wrong.
[[nodiscard]] DropReason check_gre_checksum(const Packet& packet, std::uint32_t l4_offset) noexcept;

}  // namespace adit
