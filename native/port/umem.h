#pragma once

#include <cstdint>
#include <vector>

#include "packet/frame_pool.h"

namespace adit {

/// A worker's frames as AF_XDP packet memory (UMEM): which sockets share it, and which socket the
/// kernel holds each frame for. A socket that dies takes no frame with it. One thread uses it.
class Umem {
 public:
  /// Who holds a frame: a socket's number, or `kNobody` when it is free or in the worker's hands.
  using Holder = std::uint8_t;
  static constexpr Holder kNobody = 0;

  /// \param pool outlives this.
  explicit Umem(FramePool& pool);

  [[nodiscard]] FramePool& pool() const noexcept { return pool_; }

  /// Registers the memory through `fd`. \throws Failure ADIT-2104 (locked memory), ADIT-2106.
  void register_through(int fd);

  /// The sockets that were bound; later ones may share the memory through any that still is.
  [[nodiscard]] const std::vector<int>& bound() const noexcept { return bound_; }

  /// Numbers a new socket. \throws Failure ADIT-2106 past 255 of them.
  Holder join();
  /// Notes that the socket is bound.
  void add_bound(int fd) { bound_.push_back(fd); }
  /// Forgets a closed socket: its frames are free again.
  void leave(Holder holder, int fd) noexcept;

  /// Notes who holds which frame, for one burst: a copy of what a loop would read again for each.
  class Notes {
   public:
    /// The frame at the address goes to the kernel, for a socket.
    void hold(std::uint64_t address, Holder holder) const noexcept {
      holders_[address >> frame_shift_] = holder;
    }
    /// The frame at the address came back.
    void release(std::uint64_t address) const noexcept { hold(address, kNobody); }

   private:
    friend class Umem;
    Notes(Holder* holders, unsigned frame_shift) noexcept
        : holders_(holders), frame_shift_(frame_shift) {}

    Holder* holders_;
    unsigned frame_shift_;
  };
  [[nodiscard]] Notes notes() noexcept { return {holders_.data(), frame_shift_}; }

 private:
  FramePool& pool_;
  unsigned frame_shift_;
  std::vector<Holder> holders_;
  std::vector<int> bound_;
  std::vector<bool> numbers_taken_;
  bool registered_before_ = false;
};

}  // namespace adit
