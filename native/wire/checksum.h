#pragma once

#include <cstdint>
#include <cstring>

#include "wire/address.h"
#include "wire/ip.h"

namespace adit {

/// Running one's-complement sum (RFC 1071). It is kept in the machine's own byte order: the
/// one's-complement sum of swapped words is the swapped sum, so only the result is stored as read.
class ChecksumSum {
 public:
  constexpr ChecksumSum() noexcept = default;

  /// Adds `bytes` bytes at `data`. Every call but the last must add an even count.
  void add(const std::uint8_t* data, std::size_t bytes) noexcept {
    while (bytes >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, data, 8);
      add_word(word);
      data += 8;
      bytes -= 8;
    }
    if (bytes > 0) {
      std::uint64_t word = 0;
      std::memcpy(&word, data, bytes);
      add_word(word);
    }
  }

  /// Adds a 16-bit value given in host order.
  void add_value(std::uint16_t host) noexcept { add_word(be16{host}.raw()); }

  /// The 16-bit sum, not complemented, as the bytes stand in memory (`BigEndian::from_raw`).
  [[nodiscard]] std::uint16_t folded() const noexcept {
    std::uint64_t sum = (sum_ & 0xffffffffU) + (sum_ >> 32);
    sum = (sum & 0xffff) + ((sum >> 16) & 0xffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(sum);
  }

  /// The checksum field: the complement of the sum.
  [[nodiscard]] be16 checksum() const noexcept {
    return be16::from_raw(static_cast<std::uint16_t>(~folded()));
  }

  /// True when the data, with its checksum field included, sums up to all ones.
  [[nodiscard]] bool verifies() const noexcept { return folded() == 0xffff; }

  /// Adds a word already in memory order; at most 8 bytes of the data.
  void add_word(std::uint64_t word) noexcept {
    sum_ += word;
    sum_ += sum_ < word ? 1 : 0;
  }

 private:
  std::uint64_t sum_ = 0;
};

/// Sum of the IPv4 or IPv6 pseudo header (RFC 768, RFC 8200 §8.1); `bytes` is the upper-layer
/// length.
[[nodiscard]] inline ChecksumSum pseudo_header_sum(const std::uint8_t* source,
                                                   const std::uint8_t* destination,
                                                   std::size_t address_bytes, IpProto proto,
                                                   std::uint32_t bytes) noexcept {
  ChecksumSum sum;
  sum.add(source, address_bytes);
  sum.add(destination, address_bytes);
  sum.add_value(static_cast<std::uint16_t>(bytes >> 16));
  sum.add_value(static_cast<std::uint16_t>(bytes));
  sum.add_value(static_cast<std::uint16_t>(proto));
  return sum;
}

/// The checksum after one 16-bit word that it covers has changed (RFC 1624, equation 3): what was
/// wrong before stays wrong. Words in host order.
[[nodiscard]] inline be16 updated_checksum(be16 checksum, std::uint16_t before,
                                           std::uint16_t after) noexcept {
  std::uint32_t sum = static_cast<std::uint16_t>(~checksum.get());
  sum += static_cast<std::uint16_t>(~before);
  sum += after;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return be16{static_cast<std::uint16_t>(~sum)};
}

/// Checksum of an IPv4 header without regard to the checksum field's present content.
[[nodiscard]] inline be16 ipv4_checksum(Ipv4Header header) noexcept {
  header.checksum = 0;
  ChecksumSum sum;
  std::uint8_t bytes[sizeof header];
  std::memcpy(bytes, &header, sizeof header);
  sum.add(bytes, sizeof bytes);
  return sum.checksum();
}

}  // namespace adit
