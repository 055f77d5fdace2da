#pragma once

#include <cstdint>

#include "table/quote.h"

namespace adit {

/// What an ICMP error from the underlay means for a tunnel (RFC 2003 §4, RFC 2473 §8).
struct PathAdvice {
  enum class Kind : std::uint8_t {
    /// The packet did not fit. `mtu` is what does; 0: a size not to be believed.
    kTooBig,
    /// The remote is not reached: the inner sender is told so.
    kNetUnreachable,
    kHostUnreachable,
    /// A matter between the tunnel's ends: kept, not told.
    kOther,
  };

  Kind kind = Kind::kOther;
  std::uint16_t mtu = 0;
};

/// Sizes below 576 bytes (IPv4) or 1280 (IPv6, RFC 8201 §4) are not believed. A router that does
/// not know RFC 1191 tells 0: then the next smaller common MTU stands for it (RFC 1191 §7.1).
[[nodiscard]] PathAdvice advice_of(const UnderlayError& error) noexcept;

}  // namespace adit
