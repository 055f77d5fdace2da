#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>

#include "netlink/address_hash.h"

namespace adit {

/// `address` with all bits behind the first `length` cleared.
[[nodiscard]] inline IpAddress masked(IpAddress address, std::uint8_t length) noexcept {
  for (std::size_t i = 0; i < address.size(); ++i) {
    const std::size_t kept = length > 8 * i ? std::min<std::size_t>(8, length - 8 * i) : 0;
    const auto mask = static_cast<std::uint8_t>(0xff00U >> kept);
    address.bytes[i] = static_cast<std::uint8_t>(address.bytes[i] & mask);
  }
  return address;
}

/// Prefixes and what belongs to them; the longest that contains an address answers.
///
/// One hash table a prefix length, asked from the longest down: as many probes as there are
/// different lengths, however many prefixes. For set-up and control, not for packets.
template <typename Value>
class PrefixTable {
 public:
  /// Adds `prefix` (bits behind its length are ignored); the first of equal prefixes stays.
  void add(const IpPrefix& prefix, Value value) {
    auto& lengths = prefix.address.family == IpFamily::kIpv4 ? ipv4_ : ipv6_;
    lengths[prefix.length].try_emplace(masked(prefix.address, prefix.length), std::move(value));
  }

  /// The value of the longest prefix that contains `address`; nullptr if none does.
  [[nodiscard]] const Value* find(const IpAddress& address) const {
    for (const auto& [length, prefixes] : address.family == IpFamily::kIpv4 ? ipv4_ : ipv6_) {
      const auto found = prefixes.find(masked(address, length));
      if (found != prefixes.end()) return &found->second;
    }
    return nullptr;
  }

 private:
  using Prefixes = std::unordered_map<IpAddress, Value, AddressHash>;
  using Lengths = std::map<std::uint8_t, Prefixes, std::greater<>>;
  Lengths ipv4_;
  Lengths ipv6_;
};

}  // namespace adit
