#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <optional>

#include "wire/address.h"

namespace adit {

/// A MAC address, or none, in one word: any thread may write and read it without a lock, and
/// nobody sees half of a change. All bits 0 means none.
class AtomicMac {
 public:
  void store(const MacAddress& mac) noexcept {
    const std::uint64_t word = to_word(mac);
    // Readers share the cache line as long as nothing changes.
    if (word_.load(std::memory_order_relaxed) != word) {
      word_.store(word, std::memory_order_relaxed);
    }
  }

  [[nodiscard]] std::optional<MacAddress> load() const noexcept {
    const std::uint64_t word = word_.load(std::memory_order_relaxed);
    if (word == 0) return std::nullopt;
    MacAddress mac;
    std::memcpy(mac.bytes.data(), &word, mac.bytes.size());
    return mac;
  }

 private:
  static std::uint64_t to_word(const MacAddress& mac) noexcept {
    std::uint8_t bytes[sizeof(std::uint64_t)] = {};
    std::memcpy(bytes, mac.bytes.data(), mac.bytes.size());
    // Tells the address 0 from none.
    bytes[7] = 1;
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
  }

  std::atomic<std::uint64_t> word_{0};
};
static_assert(sizeof(AtomicMac) == 8);

}  // namespace adit
