#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>

namespace adit {

/// A further buffer of a packet that does not fit one frame: `bytes` bytes at `data`.
struct Segment {
  std::uint8_t* data = nullptr;
  Segment* next = nullptr;
  std::uint32_t bytes = 0;
};

/// A packet inside a frame of packet memory: the bytes [data, data + size) of a
/// frame whose usable memory is [frame, frame + capacity). What lies before the
/// data is headroom, what lies behind is tailroom. `push` and `pop` move the
/// start of the data; the payload never moves.
///
/// A packet beyond a frame goes on in further buffers (README.md). The handle is that of the first
/// one, which holds every header: `size`, `at`, `push` and `pop` know the first buffer only,
/// `length`, `trim`, `read` and `each_run` the whole packet.
///
/// A Packet is a plain handle of 32 bytes and owns nothing: the frames belong
/// to a FramePool and are owned by whoever holds the handle last. Pointers into
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
      : data_(frame + offset), offset_(offset), size_(size), rest_{.capacity = capacity} {}

  [[nodiscard]] std::uint8_t* data() const noexcept { return data_; }
  /// Bytes in the first buffer.
  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  /// Bytes in the buffers behind it.
  [[nodiscard]] std::uint32_t tail() const noexcept { return rest_.tail; }
  /// Bytes in all.
  [[nodiscard]] std::uint32_t length() const noexcept { return size_ + rest_.tail; }
  /// The first further buffer. Buffers hang here past the packet's end too, where it was trimmed.
  [[nodiscard]] const Segment* next() const noexcept { return rest_.next; }
  [[nodiscard]] std::uint32_t headroom() const noexcept { return offset_; }
  /// Bytes that can be appended: none where the packet goes on in another buffer.
  [[nodiscard]] std::uint32_t tailroom() const noexcept {
    return rest_.tail > 0 ? 0 : rest_.capacity - offset_ - size_;
  }
  [[nodiscard]] bool empty() const noexcept { return data_ == nullptr; }

  /// Makes `bytes` bytes of headroom part of the packet and returns the new
  /// start, whose content is undefined; nullptr, and nothing changed, when the
  /// headroom is shorter.
  [[nodiscard]] std::uint8_t* push(std::uint32_t bytes) noexcept {
    if (bytes > offset_) return nullptr;
    data_ -= bytes;
    offset_ -= bytes;
    size_ += bytes;
    return data_;
  }

  /// Takes `bytes` bytes off the front and returns where they stand; nullptr,
  /// and nothing changed, when the first buffer is shorter.
  [[nodiscard]] std::uint8_t* pop(std::uint32_t bytes) noexcept {
    if (bytes > size_) return nullptr;
    std::uint8_t* popped = data_;
    data_ += bytes;
    offset_ += bytes;
    size_ -= bytes;
    return popped;
  }

  /// Cuts the packet to its first `bytes` bytes; false, and nothing changed,
  /// when it is shorter.
  [[nodiscard]] bool trim(std::uint32_t bytes) noexcept {
    if (bytes > length()) return false;
    size_ = std::min(size_, bytes);
    rest_.tail = bytes - size_;
    return true;
  }

  /// Appends zeros until the packet has `bytes` bytes; false, and nothing
  /// changed, when the tailroom is short. Longer packets are left alone.
  [[nodiscard]] bool pad(std::uint32_t bytes) noexcept {
    if (bytes <= length()) return true;
    if (bytes - length() > tailroom()) return false;
    std::memset(data() + size_, 0, bytes - size_);
    size_ = bytes;
    return true;
  }

  /// Moves the data up to `bytes` bytes towards the frame's end, as far as the tailroom goes, and
  /// so makes headroom. The one operation that copies the data: for short packets only.
  void move_back(std::uint32_t bytes) noexcept {
    const std::uint32_t moved = bytes < tailroom() ? bytes : tailroom();
    std::memmove(data_ + moved, data_, size_);
    data_ += moved;
    offset_ += moved;
  }

  /// Bytes between the frame's start and a place in it.
  [[nodiscard]] std::uint32_t offset_of(const std::uint8_t* place) const noexcept {
    return offset_ + static_cast<std::uint32_t>(place - data_);
  }
  /// Becomes the `size` bytes at `data` of another packet. \pre they are inside its first frame,
  /// and it has no other.
  void become(const Packet& other, std::uint8_t* data, std::uint32_t size) noexcept {
    offset_ = other.offset_of(data);
    data_ = data;
    size_ = size;
    rest_ = other.rest_;
  }

  /// A pop of so many bytes, or a push where the number is negative, to be done several times.
  class Move {
   public:
    explicit Move(std::int32_t bytes) noexcept
        : words_{bytes, bytes - (std::int64_t{bytes} << 32)} {
#if defined(__x86_64__)
      // Compilers else load a known number anew each time.
      asm("" : "+x"(words_));
#endif
    }

   private:
    friend class Packet;
    // What is added to the address, and to offset and size in one word: one grows by what the other
    // loses.
    using Words [[gnu::vector_size(16)]] = std::int64_t;
    Words words_;
  };
  /// Becomes another packet, popped or pushed. \pre what it becomes is inside its first frame, and
  /// it has no other.
  void become(const Packet& other, const Move& move) noexcept {
    Move::Words words;
    std::memcpy(&words, static_cast<const void*>(&other), sizeof words);
    words += move.words_;
    std::memcpy(static_cast<void*>(this), &words, sizeof words);
    rest_ = other.rest_;
  }

  /// Four words: where the data starts, where it does from the frame's start on, and its bytes; as
  /// they stand in a packet.
  using Place [[gnu::vector_size(16)]] = std::uint32_t;
  [[nodiscard]] Place place() const noexcept {
    Place place;
    std::memcpy(&place, static_cast<const void*>(this), sizeof place);
    return place;
  }
  /// Becomes what is at another place, in a frame as large as that of `like`.
  void become(const Packet& like, Place place) noexcept {
    static_assert(offsetof(Packet, data_) == 0 && offsetof(Packet, offset_) == 8 &&
                  offsetof(Packet, size_) == 12);
    std::memcpy(static_cast<void*>(this), &place, sizeof place);
    rest_ = like.rest_;
  }

  /// Becomes another packet, popped or pushed, then cut to so many bytes. \pre the same.
  void become(const Packet& other, const Move& move, std::uint32_t size) noexcept {
    Move::Words words;
    std::memcpy(&words, static_cast<const void*>(&other), sizeof words);
    auto place = std::bit_cast<Place>(words + move.words_);
    place[3] = size;
    become(other, place);
  }

  /// Takes `bytes` bytes of headroom away for good: no push reaches them.
  /// \pre `bytes` is at most `headroom()`.
  void reserve(std::uint32_t bytes) noexcept {
    rest_.capacity -= bytes;
    offset_ -= bytes;
  }

  /// Lets the packet go on with `tail` bytes in the buffers at `next`.
  void chain(const Segment* next, std::uint32_t tail) noexcept {
    rest_.next = next;
    rest_.tail = tail;
  }

  /// Moves up to `bytes` bytes from the start of `segment`, which is the next buffer, behind those
  /// of the first, as far as there is room.
  void pull_up(Segment& segment, std::uint32_t bytes) noexcept {
    const std::uint32_t room = rest_.capacity - offset_ - size_;
    const std::uint32_t moved = std::min({bytes, room, segment.bytes});
    std::memcpy(data() + size_, segment.data, moved);
    segment.data += moved;
    segment.bytes -= moved;
    size_ += moved;
    rest_.tail -= moved;
  }

  /// Buffers that hold the packet's bytes.
  [[nodiscard]] std::uint32_t buffers() const noexcept {
    std::uint32_t count = 1;
    std::uint32_t left = rest_.tail;
    for (const Segment* segment = rest_.next; left > 0; segment = segment->next) {
      left -= std::min(left, segment->bytes);
      ++count;
    }
    return count;
  }

  /// The header `H` at `offset`; nullptr when the first buffer ends before the header
  /// does.
  template <typename H>
  [[nodiscard]] H* at(std::uint32_t offset) const noexcept {
    static_assert(alignof(H) == 1 && std::is_trivially_copyable_v<H>);
    if (offset > size_ || size_ - offset < sizeof(H)) return nullptr;
    return reinterpret_cast<H*>(data() + offset);
  }

  /// A copy of the `H` at `offset`, in whatever buffers it stands; nothing when the packet ends
  /// before it does. For what the packet itself puts behind the headers proper.
  template <typename H>
  [[nodiscard]] std::optional<H> read(std::uint32_t offset) const noexcept {
    if (const H* here = at<H>(offset)) [[likely]] {
      return *here;
    }
    H copy;
    if (!load(offset, &copy, sizeof copy)) return std::nullopt;
    return copy;
  }
  /// Copies `bytes` bytes from `offset` on to `to`; false when the packet ends before.
  [[nodiscard]] bool load(std::uint32_t offset, void* to, std::uint32_t bytes) const noexcept {
    if (offset > length() || length() - offset < bytes) return false;
    auto* out = static_cast<std::uint8_t*>(to);
    each_run(offset, bytes, [&out](const std::uint8_t* run, std::uint32_t count) {
      std::memcpy(out, run, count);
      out += count;
    });
    return true;
  }

  /// Calls `visit(data, bytes)` for each run of the `bytes` bytes at `offset`, in order.
  /// \pre they end inside the packet.
  template <typename Visit>
  void each_run(std::uint32_t offset, std::uint32_t bytes, Visit visit) const noexcept {
    const std::uint8_t* run = data();
    std::uint32_t run_bytes = size_;
    for (const Segment* segment = rest_.next;; segment = segment->next) {
      const std::uint32_t skipped = std::min(offset, run_bytes);
      const std::uint32_t taken = std::min(bytes, run_bytes - skipped);
      if (taken > 0) visit(run + skipped, taken);
      offset -= skipped;
      bytes -= taken;
      if (bytes == 0) return;
      run = segment->data;
      run_bytes = segment->bytes;
    }
  }

 private:
  std::uint8_t* data_ = nullptr;
  /// From the frame's start to the data.
  std::uint32_t offset_ = 0;
  std::uint32_t size_ = 0;
  /// What stays as it is from port to port; copied at once.
  struct Rest {
    /// From the frame's start to its end.
    std::uint32_t capacity = 0;
    std::uint32_t tail = 0;
    const Segment* next = nullptr;
  };
  Rest rest_;
};
static_assert(sizeof(Packet) == 32);

}  // namespace adit
