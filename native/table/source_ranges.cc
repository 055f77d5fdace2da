#include "table/source_ranges.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace adit {

void SourceRanges::add(const TunnelIdentity& identity, const IpPrefix& prefix,
                       std::uint32_t tunnel) {
  ranges_.push_back({identity, prefix.address, prefix, tunnel});
}

void SourceRanges::sort() {
  std::sort(ranges_.begin(), ranges_.end(), [](const Range& a, const Range& b) {
    return std::tie(a.identity, a.first, a.prefix.length) <
           std::tie(b.identity, b.first, b.prefix.length);
  });
  // Of prefixes within each other the widest is enough: they are one tunnel's.
  std::vector<Range> widest;
  for (const Range& range : ranges_) {
    const bool is_inside = !widest.empty() && widest.back().identity == range.identity &&
                           widest.back().prefix.contains(range.first);
    if (!is_inside) widest.push_back(range);
  }
  ranges_ = std::move(widest);
}

std::optional<std::uint32_t> SourceRanges::find(const TunnelIdentity& identity,
                                                const IpAddress& source) const noexcept {
  // The last prefix that begins at or before the source is the only one that
  // may contain it.
  const auto behind = std::ranges::upper_bound(
      ranges_, std::tie(identity, source), {},
      [](const Range& range) { return std::tie(range.identity, range.first); });
  if (behind == ranges_.begin()) return std::nullopt;
  const Range& range = *std::prev(behind);
  if (range.identity != identity || !range.prefix.contains(source)) return std::nullopt;
  return range.tunnel;
}

}  // namespace adit
