#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "wire/address.h"

namespace adit {

/// The union of many prefixes of one family as sorted, disjoint ranges of addresses. "Is it in any
/// of them" is one binary search, however the prefixes nest.
class AddressRanges {
 public:
  AddressRanges() = default;
  /// Prefixes of the other family are left out.
  AddressRanges(std::span<const IpPrefix> prefixes, IpFamily family);

  /// \param address wire bytes: 4 or 16, as the family has.
  [[nodiscard]] bool contains(std::span<const std::uint8_t> address) const noexcept;

 private:
  using Bytes = std::array<std::uint8_t, 16>;
  struct Range {
    Bytes first;
    Bytes last;
  };
  std::vector<Range> ranges_;
};

}  // namespace adit
