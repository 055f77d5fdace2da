#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "wire/address.h"

namespace adit {

/// Addresses of our ports, and those that name every host of a network they are in (IPv4 directed
/// broadcast, RFC 922 §7): no packet from outside has one of them as its source. Immutable.
class OwnAddresses {
 public:
  OwnAddresses() = default;
  /// \param addresses with their prefix length and their host bits.
  explicit OwnAddresses(std::span<const IpPrefix> addresses);

  [[nodiscard]] bool contains(const IpAddress& address) const noexcept;
  [[nodiscard]] bool operator==(const OwnAddresses&) const noexcept = default;

 private:
  /// Sorted, each once.
  std::vector<IpAddress> addresses_;
};

/// The set that holds at present: one thread publishes, every worker reads at any time without a
/// lock. Sets that were published stay, since a worker may still look at one, and come to use again
/// when the same addresses return: a flapping address takes no memory.
class CurrentOwnAddresses {
 public:
  CurrentOwnAddresses();

  void publish(std::span<const IpPrefix> addresses);
  [[nodiscard]] const OwnAddresses& get() const noexcept {
    return *current_.load(std::memory_order_acquire);
  }

 private:
  std::vector<std::unique_ptr<const OwnAddresses>> sets_;
  std::atomic<const OwnAddresses*> current_{nullptr};
};

}  // namespace adit
