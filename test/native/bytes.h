#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "packet/packet.h"

namespace bytes {

using Bytes = std::vector<std::uint8_t>;

/// Stands wherever nothing was written, so that a byte that was missed shows.
inline constexpr std::uint8_t kStale = 0xa5;

inline Bytes from_hex(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  Bytes out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(digit(text[i]) * 16 + digit(text[i + 1])));
  }
  return out;
}

inline std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

/// The bytes of `packet` as hex.
inline std::string hex_of(const adit::Packet& packet) {
  return to_hex({packet.data(), packet.size()});
}

/// All bytes of `packet`, from all its buffers.
inline Bytes all_of(const adit::Packet& packet) {
  Bytes all;
  packet.each_run(0, packet.length(), [&all](const std::uint8_t* run, std::uint32_t count) {
    all.insert(all.end(), run, run + count);
  });
  return all;
}

/// The first `count` bytes.
inline Bytes head(const Bytes& bytes, std::size_t count) {
  return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count)};
}

/// What is left behind the first `count` bytes.
inline Bytes behind(const Bytes& bytes, std::size_t count) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(count), bytes.end()};
}

/// The bytes with those at `offset` replaced by `hex`.
inline Bytes with(Bytes bytes, std::size_t offset, std::string_view hex) {
  const Bytes patch = from_hex(hex);
  std::copy(patch.begin(), patch.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
  return bytes;
}

/// A packet in heap memory of exactly its size with its room, so that the address sanitizer sees
/// every step outside; all room holds kStale.
class Frame {
 public:
  explicit Frame(const Bytes& data, std::uint32_t headroom = 0, std::uint32_t tailroom = 0)
      : size_(headroom + data.size() + tailroom), memory_(new std::uint8_t[size_]) {
    std::memset(memory_.get(), kStale, size_);
    if (!data.empty()) std::memcpy(memory_.get() + headroom, data.data(), data.size());
    packet = adit::Packet(memory_.get(), static_cast<std::uint32_t>(size_), headroom,
                          static_cast<std::uint32_t>(data.size()));
  }
  explicit Frame(std::string_view hex, std::uint32_t headroom = 0, std::uint32_t tailroom = 0)
      : Frame(from_hex(hex), headroom, tailroom) {}

  /// All memory, room included, as hex: equal before and after what must change nothing.
  [[nodiscard]] std::string memory() const { return to_hex({memory_.get(), size_}); }
  [[nodiscard]] std::string hex() const { return hex_of(packet); }

  adit::Packet packet;

 private:
  std::size_t size_;
  std::unique_ptr<std::uint8_t[]> memory_;
};

}  // namespace bytes
