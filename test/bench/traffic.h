#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "scene.h"

namespace adit::bench {

/// Frames that a scene's work begins with, written anew for each packet: the tunnel and the inner
/// flow differ from packet to packet.
class Traffic {
 public:
  explicit Traffic(const Scene& scene);

  /// Bytes of the next frame on the wire.
  [[nodiscard]] std::uint32_t next_bytes() noexcept;
  /// Writes the headers of the next frame; the rest of it is left as it is.
  void write(std::uint8_t* frame, std::uint32_t bytes) noexcept;

  /// The port that the frames come in by.
  [[nodiscard]] std::size_t port() const noexcept;

 private:
  static constexpr std::size_t kMostHeaderBytes = 160;

  void draw_tunnels();
  void write_inner(std::uint8_t* frame, std::uint32_t bytes) noexcept;
  void write_outer(std::uint8_t* frame, std::uint32_t bytes, std::uint32_t tunnel) noexcept;
  [[nodiscard]] std::uint32_t overhead() const noexcept;

  Scene scene_;
  std::minstd_rand random_{1};
  /// Drawn before, so that drawing costs the packets nothing.
  std::vector<std::uint32_t> tunnels_;
  std::size_t next_tunnel_ = 0;
  std::size_t next_size_ = 0;
  /// Ethernet, outer IP, UDP or GRE and tunnel header, with the first remote and identifier 0.
  std::vector<std::uint8_t> outer_;
};

}  // namespace adit::bench
