#include "table/own_addresses.h"

#include <algorithm>

namespace adit {
namespace {

/// A network of two addresses has no broadcast (RFC 3021), one of a single address neither.
constexpr unsigned kLongestWithBroadcast = 30;

IpAddress directed_broadcast(const IpPrefix& prefix) noexcept {
  IpAddress broadcast = prefix.address;
  for (unsigned bit = prefix.length; bit < 32; ++bit) {
    std::uint8_t& byte = broadcast.bytes[bit / 8];
    byte = static_cast<std::uint8_t>(byte | (0x80U >> (bit % 8)));
  }
  return broadcast;
}

}  // namespace

OwnAddresses::OwnAddresses(std::span<const IpPrefix> addresses) {
  for (const IpPrefix& prefix : addresses) {
    addresses_.push_back(prefix.address);
    const bool has_broadcast =
        prefix.address.family == IpFamily::kIpv4 && prefix.length <= kLongestWithBroadcast;
    if (has_broadcast) addresses_.push_back(directed_broadcast(prefix));
  }
  std::ranges::sort(addresses_);
  addresses_.erase(std::unique(addresses_.begin(), addresses_.end()), addresses_.end());
}

bool OwnAddresses::contains(const IpAddress& address) const noexcept {
  return std::ranges::binary_search(addresses_, address);
}

CurrentOwnAddresses::CurrentOwnAddresses() { publish({}); }

void CurrentOwnAddresses::publish(std::span<const IpPrefix> addresses) {
  auto next = std::make_unique<const OwnAddresses>(addresses);
  const auto same = std::ranges::find_if(sets_, [&](const auto& known) { return *known == *next; });
  if (same == sets_.end()) {
    sets_.push_back(std::move(next));
    current_.store(sets_.back().get(), std::memory_order_release);
  } else {
    current_.store(same->get(), std::memory_order_release);
  }
}

}  // namespace adit
