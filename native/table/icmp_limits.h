#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>

namespace adit {

/// How many ICMP errors may be sent (RFC 4443 §2.4f, RFC 1812 §4.3.2.8): a token bucket for each
/// tenant, and one over all of them; each holds a second's worth. All workers share them, as one
/// relaxed atomic word a bucket.
class IcmpLimits {
 public:
  /// Over all tenants.
  static constexpr std::uint32_t kMostPerSecond = 1000;

  explicit IcmpLimits(std::size_t tenants)
      : tenants_(std::make_unique<std::atomic<std::uint64_t>[]>(tenants)) {}

  /// Takes a token of both buckets; false where one has none. \param per_second of the tenant; 0:
  /// none ever. \param now_ns any clock that does not go back.
  [[nodiscard]] bool take(std::uint32_t tenant, std::uint32_t per_second,
                          std::uint64_t now_ns) noexcept {
    // The tenant's first: one that is over its own limit takes nothing from the others.
    return per_second > 0 && take_from(tenants_[tenant], per_second, now_ns) &&
           take_from(all_, kMostPerSecond, now_ns);
  }

 private:
  /// A bucket is the time at which it is full again; a token moves it by one over the rate.
  static bool take_from(std::atomic<std::uint64_t>& full_at, std::uint32_t per_second,
                        std::uint64_t now_ns) noexcept {
    constexpr std::uint64_t kSecondNs = 1'000'000'000;
    const std::uint64_t token_ns = kSecondNs / per_second;
    std::uint64_t before = full_at.load(std::memory_order_relaxed);
    std::uint64_t after = 0;
    do {
      after = std::max(before, now_ns) + token_ns;
      if (after - now_ns > kSecondNs) return false;
    } while (!full_at.compare_exchange_weak(before, after, std::memory_order_relaxed));
    return true;
  }

  std::unique_ptr<std::atomic<std::uint64_t>[]> tenants_;
  std::atomic<std::uint64_t> all_{0};
};

}  // namespace adit
