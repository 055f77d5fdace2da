#pragma once

#include <cstdint>

#include "packet/inner.h"
#include "packet/packet.h"

namespace adit {

/// How a tenant's IPv4 packet is cut into fragments before it goes into a tunnel (RFC 791 §3.2, RFC
/// 4459 §3.4), so that the peer needs to reassemble nothing.
struct FragmentPlan {
  /// 0: it cannot, or must not be cut.
  std::uint32_t count = 0;
  /// Where the IP header starts, and its bytes: in the first fragment, and without the options that
  /// are not copied in those after it.
  std::uint32_t ip_offset = 0;
  std::uint32_t first_header = 0;
  std::uint32_t later_header = 0;
  /// Payload of each fragment but the last, multiples of 8; and of the whole packet.
  std::uint32_t first_bytes = 0;
  std::uint32_t later_bytes = 0;
  std::uint32_t total_bytes = 0;
};

/// Plans fragments whose IP packets are at most `limit` bytes. Only a whole IPv4 packet without DF
/// whose header is sound is cut; a fragment may be cut again.
/// \pre `parse_payload` filled `inner` from `packet`.
[[nodiscard]] FragmentPlan plan_fragments(const Packet& packet, const InnerFrame& inner,
                                          std::uint32_t limit) noexcept;

/// Writes fragment `index`, 1 or later, with the link header of `whole` repeated, into the empty
/// packet `out`. False when its memory is short.
[[nodiscard]] bool copy_fragment(const Packet& whole, const FragmentPlan& plan, std::uint32_t index,
                                 Packet& out) noexcept;

/// Makes `packet` its own first fragment; the others are copied before.
void cut_to_first_fragment(Packet& packet, const FragmentPlan& plan) noexcept;

}  // namespace adit
