#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "capture/capture_reader.h"
#include "capture/capture_writer.h"

namespace adit {

/// A frame of one of several captures.
struct MergedFrame {
  /// Index of the capture in the list that was merged.
  std::size_t input = 0;
  std::uint64_t time_ns = 0;
  std::span<const std::uint8_t> bytes;
};

/// The frames of several captures in the order of their time stamps; equal stamps come in the
/// order of the captures, then of the file.
///
/// Every capture is read through once before the first frame comes out, so a damaged one is told
/// before anything was processed. Files whose frames are in order are then streamed; one that is
/// not, or that cannot be read twice (a pipe), is kept in memory.
class Merge {
 public:
  /// \throws Failure as CaptureReader does.
  explicit Merge(const std::vector<std::string>& paths);

  /// The next frame, valid until the next call; nothing after the last.
  /// \throws Failure as CaptureReader does, if a file was changed meanwhile.
  std::optional<MergedFrame> next();

  /// Nanoseconds if any frame's time needs them.
  [[nodiscard]] TimePrecision precision() const noexcept { return precision_; }

  /// Whether one of the merged captures is the file at `path`, by whatever name: making an output
  /// of it would destroy what is being read.
  [[nodiscard]] bool reads(const std::string& path) const;

 private:
  struct Stored {
    std::uint64_t time_ns;
    std::vector<std::uint8_t> bytes;
  };
  /// One capture: streamed by `reader`, or all in `stored`.
  struct Source {
    std::string path;
    std::optional<CaptureReader> reader;
    std::deque<Stored> stored;
    std::optional<CaptureFrame> head;

    void advance();
  };

  [[nodiscard]] bool is_ordered(const std::string& path);
  [[nodiscard]] std::deque<Stored> load(const std::string& path);
  void note_precision(std::uint64_t time_ns) noexcept;

  std::vector<Source> sources_;
  /// The source whose head went out last; it advances when the next frame is asked for, because
  /// until then the frame's bytes must stay.
  Source* taken_ = nullptr;
  TimePrecision precision_ = TimePrecision::kMicroseconds;
};

}  // namespace adit
