#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "capture/capture_writer.h"
#include "packet/frame_pool.h"
#include "packet/port.h"

namespace adit {

/// A port made of memory and files: frames put in by `deliver` are received, frames sent are
/// appended to DIR/PORT.pcap, frames left to the kernel to DIR/PORT.kernel.pcap.
///
/// Both files exist from construction on, also when nothing is ever written to them.
class CapturePort final : public Port {
 public:
  /// `pool` is the worker's and must outlive the port; `directory` exists.
  /// \throws Failure ADIT-2306 when a file cannot be made.
  CapturePort(FramePool& pool, const std::string& directory, const std::string& name,
              TimePrecision precision);
  /// Gives frames that were never received back to the pool.
  ~CapturePort() override;
  CapturePort(const CapturePort&) = delete;
  CapturePort& operator=(const CapturePort&) = delete;

  /// The time stamp of everything written from now on: that of the frame being processed.
  void set_time(std::uint64_t time_ns) noexcept { time_ns_ = time_ns; }

  /// Copies a frame into packet memory where the kernel would put it, to be received next. False,
  /// and nothing changed, when no frame of the pool is free or it is too small.
  [[nodiscard]] bool deliver(std::span<const std::uint8_t> frame);

  /// Leaves a frame to the kernel.
  void pass_to_kernel(std::span<const std::uint8_t> frame) noexcept;

  std::size_t rx_burst(std::span<Packet> out) noexcept override;
  /// Takes all of `packets`: files are never full here; `close` tells if one was.
  std::size_t tx_burst(std::span<const Packet> packets) noexcept override;
  void flush() noexcept override {}

  /// Closes both files. \throws Failure ADIT-2307 when one could not be written whole.
  void close();

  /// Frames delivered and passed to the kernel: what came in here, but for the frames that the
  /// caller dropped before either.
  [[nodiscard]] std::uint64_t received() const noexcept { return delivered_ + kernel_; }
  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }
  [[nodiscard]] std::uint64_t kernel() const noexcept { return kernel_; }

 private:
  FramePool& pool_;
  CaptureWriter sent_file_;
  CaptureWriter kernel_file_;
  std::deque<Packet> arrived_;
  /// A packet being written, from all its buffers.
  std::vector<std::uint8_t> gathered_;
  std::uint64_t time_ns_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t kernel_ = 0;
};

}  // namespace adit
