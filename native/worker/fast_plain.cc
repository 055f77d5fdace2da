#include "worker/fast_plain.h"

#include <algorithm>

#include "worker/fast_frame.h"
#include "worker/fast_rows.h"

namespace adit {

std::size_t read_plain(std::span<const Packet> packets, std::uint32_t most,
                       FastBurst::Column& inner, std::uint32_t* bytes) noexcept {
  constexpr std::uint32_t kType = 2 * sizeof(MacAddress);
  for (std::size_t first = 0; first < packets.size(); first += kLanes) {
    const FastRows rows(packets, first, kLeastInnerBytes);
    Lanes wrong = below(all_lanes(most), rows.sizes());
    store_lanes(&inner[first], read_inner(word_lanes(rows.data(), kType), rows.sizes(), wrong));
    store_lanes(bytes + first, rows.sizes());
    const std::size_t taken = first_lane(where(wrong != 0));
    if (taken < kLanes) return std::min(first + taken, packets.size());
  }
  return packets.size();
}

}  // namespace adit
