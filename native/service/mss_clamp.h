#pragma once

#include <cstdint>

#include "packet/inner.h"
#include "packet/packet.h"

namespace adit {

/// Lowers the MSS that an inner TCP SYN offers, where it is more than IP packets of `mtu` bytes
/// hold (RFC 9293 §3.7.1: 40 less with IPv4, 60 with IPv6); it is never raised. Left alone: what is
/// no SYN, later fragments, a SYN without the option, options that are malformed in front of it,
/// and headers that are not whole in the packet. \pre `parse_payload` filled `inner` from `packet`.
void clamp_mss(const Packet& packet, const InnerFrame& inner, std::uint32_t mtu) noexcept;

}  // namespace adit
