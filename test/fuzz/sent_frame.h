#pragma once

#include <cstdint>
#include <span>

/// Makes the outermost IPv4 header checksum and UDP or ICMP checksum of a received frame right,
/// behind its tags, where there is room for them.
void mend_checksums(std::span<std::uint8_t> frame);

/// Ends the process unless a frame sent on the underlay is sound: RFC 791, 768, 8200 and 7348 read
/// literally, with code that shares nothing with the packet path.
/// \param inner the tenant's frame that must be inside, without the attachment's tag.
void check_sent_tunnel(std::span<const std::uint8_t> frame, std::span<const std::uint8_t> inner);
