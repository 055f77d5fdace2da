#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace adit {

/// A packet inside a frame of packet memory: the bytes [data, data + size) of a
/// frame whose usable memory is [frame, frame + capacity). What lies before the
/// data is headroom, what lies behind is tailroom. `push` and `pop` move the
/// start of the data; the payload never moves.
///
/// A Packet is a plain handle of 24 bytes and owns nothing: the frame belongs
/// to a FramePool and is owned by whoever holds the handle last. Pointers into
/// the data that were taken before a push or pop still point at the same bytes,
/// but may lie outside the packet: read them anew.
class Packet {
 public:
  Packet() noexcept = default;
  /// \param frame lowest byte that a push may reach; \param capacity bytes from
  /// there to the frame's end; \param offset where the data starts; \param size
  /// its bytes.
  Packet(std::uint8_t* frame, std::uint32_t capacity, std::uint32_t offset,
         std::uint32_t size) noexcept
      : frame_(frame), capacity_(capacity), offset_(offset), size_(size) {}

  [[nodiscard]] std::uint8_t* data() const noexcept { return frame_ + offset_; }
  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  [[nodiscard]] std::uint32_t headroom() const noexcept { return offset_; }
  [[nodiscard]] std::uint32_t tailroom() const noexcept { return capacity_ - offset_ - size_; }
  [[nodiscard]] bool empty() const noexcept { return frame_ == nullptr; }

  /// Makes `bytes` bytes of headroom part of the packet and returns the new
  /// start, whose content is undefined; nullptr, and nothing changed, when the
  /// headroom is shorter.
  [[nodiscard]] std::uint8_t* push(std::uint32_t bytes) noexcept {
    if (bytes > offset_) return nullptr;
    offset_ -= bytes;
    size_ += bytes;
    return data();
  }

  /// Takes `bytes` bytes off the front and returns where they stand; nullptr,
  /// and nothing changed, when the packet is shorter.
  [[nodiscard]] std::uint8_t* pop(std::uint32_t bytes) noexcept {
    if (bytes > size_) return nullptr;
    std::uint8_t* popped = data();
    offset_ += bytes;
    size_ -= bytes;
    return popped;
  }

  /// Cuts the packet to its first `bytes` bytes; false, and nothing changed,
  /// when it is shorter.
  [[nodiscard]] bool trim(std::uint32_t bytes) noexcept {
    if (bytes > size_) return false;
    size_ = bytes;
    return true;
  }

  /// Appends zeros until the packet has `bytes` bytes; false, and nothing
  /// changed, when the tailroom is short. Longer packets are left alone.
  [[nodiscard]] bool pad(std::uint32_t bytes) noexcept {
    if (bytes <= size_) return true;
    if (bytes - size_ > tailroom()) return false;
    std::memset(data() + size_, 0, bytes - size_);
    size_ = bytes;
    return true;
  }

  /// Takes `bytes` bytes of headroom away for good: no push reaches them.
  /// \pre `bytes` is at most `headroom()`.
  void reserve(std::uint32_t bytes) noexcept {
    frame_ += bytes;
    capacity_ -= bytes;
    offset_ -= bytes;
  }

  /// The header `H` at `offset`; nullptr when the packet ends before the header
  /// does.
  template <typename H>
  [[nodiscard]] H* at(std::uint32_t offset) const noexcept {
    static_assert(alignof(H) == 1 && std::is_trivially_copyable_v<H>);
    if (offset > size_ || size_ - offset < sizeof(H)) return nullptr;
    return reinterpret_cast<H*>(data() + offset);
  }

 private:
  std::uint8_t* frame_ = nullptr;
  std::uint32_t capacity_ = 0;
  std::uint32_t offset_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace adit
