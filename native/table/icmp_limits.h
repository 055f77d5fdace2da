#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace adit {

/// How many ICMP errors may be sent (RFC 4443 §2.4f, RFC 1812 §4.3.2.8): a bucket of tokens for
/// each tenant, and one over all of them. A bucket holds a second's worth and is filled again a
/// second after its first token was taken, so that a flood never makes more in its first second.
/// All workers share them, as one relaxed atomic word a bucket.
class IcmpLimits {
 public:
  /// Over all tenants.
  static constexpr std::uint32_t kMostPerSecond = 1000;

  explicit IcmpLimits(std::size_t tenants)
      : tenants_(std::make_unique<std::atomic<std::uint64_t>[]>(tenants)) {}

  /// Takes a token of both buckets; false where one has none. \param per_second of the tenant, up
  /// to a million; 0: none ever. \param now_ns any clock that does not go back; a worker may have
  /// read it earlier than others that were here before.
  [[nodiscard]] bool take(std::uint32_t tenant, std::uint32_t per_second,
                          std::uint64_t now_ns) noexcept {
    // The tenant's first: one that is over its own limit takes nothing from the others.
    return take_from(tenants_[tenant], per_second, now_ns) &&
           take_from(all_, kMostPerSecond, now_ns);
  }

 private:
  /// A bucket is the millisecond in which it was full, and the tokens taken since.
  static bool take_from(std::atomic<std::uint64_t>& bucket, std::uint32_t per_second,
                        std::uint64_t now_ns) noexcept {
    constexpr unsigned kCountBits = 20;
    constexpr std::uint64_t kCountMask = (std::uint64_t{1} << kCountBits) - 1;
    constexpr std::uint64_t kMillisecondNs = 1'000'000;
    constexpr std::uint64_t kSecondMs = 1000;
    const std::uint64_t now_ms = now_ns / kMillisecondNs;
    std::uint64_t before = bucket.load(std::memory_order_relaxed);
    std::uint64_t after = 0;
    do {
      const std::uint64_t since_ms = before >> kCountBits;
      const bool is_full = now_ms >= since_ms + kSecondMs;
      const std::uint64_t taken = is_full ? 0 : before & kCountMask;
      if (taken >= per_second) return false;
      after = is_full ? now_ms << kCountBits | 1 : before + 1;
    } while (!bucket.compare_exchange_weak(before, after, std::memory_order_relaxed));
    return true;
  }

  std::unique_ptr<std::atomic<std::uint64_t>[]> tenants_;
  std::atomic<std::uint64_t> all_{0};
};

}  // namespace adit
