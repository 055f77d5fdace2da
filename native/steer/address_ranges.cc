#include "steer/address_ranges.h"

#include <algorithm>

#include "steer/keys.h"

namespace adit {

AddressRanges::AddressRanges(std::span<const IpPrefix> prefixes, IpFamily family) {
  std::vector<Range> all;
  for (const IpPrefix& prefix : prefixes) {
    if (prefix.address.family != family) continue;
    Range range{canonical(prefix).address.bytes, {}};
    range.last = range.first;
    for (std::size_t bit = prefix.length; bit < prefix.address.size() * 8; ++bit) {
      range.last[bit / 8] |= static_cast<std::uint8_t>(0x80U >> (bit % 8));
    }
    all.push_back(range);
  }
  std::sort(all.begin(), all.end(),
            [](const Range& a, const Range& b) { return a.first < b.first; });
  // Two prefixes are apart or one holds the other, so a range that starts inside the one before
  // also ends there.
  for (const Range& range : all) {
    if (ranges_.empty() || range.first > ranges_.back().last) {
      ranges_.push_back(range);
    } else {
      ranges_.back().last = std::max(ranges_.back().last, range.last);
    }
  }
}

bool AddressRanges::contains(std::span<const std::uint8_t> address) const noexcept {
  if (ranges_.empty()) return false;
  Bytes wanted{};
  std::copy_n(address.begin(), std::min(address.size(), wanted.size()), wanted.begin());
  auto after = std::upper_bound(ranges_.begin(), ranges_.end(), wanted,
                                [](const Bytes& a, const Range& b) { return a < b.first; });
  return after != ranges_.begin() && wanted <= std::prev(after)->last;
}

}  // namespace adit
