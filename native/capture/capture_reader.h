#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

struct pcap;

namespace adit {

/// One frame of a capture file.
struct CaptureFrame {
  /// Nanoseconds since 1970-01-01 UTC.
  std::uint64_t time_ns = 0;
  /// The whole frame from its destination MAC on, without FCS.
  std::span<const std::uint8_t> bytes;
};

/// Reads the Ethernet frames of one pcap or pcapng file in file order.
///
/// Every failure names the file, and past the file's header the packet (counted from 1) and the
/// byte offset in the file where its record starts.
class CaptureReader {
 public:
  /// \throws Failure ADIT-2301 when the file cannot be opened, ADIT-2302 when it is no capture file
  /// or its header is damaged, ADIT-2303 when its link type is not Ethernet.
  explicit CaptureReader(std::string path);

  /// The next frame, valid until the next call; nothing at the end of the file.
  /// \throws Failure ADIT-2304 when the file is damaged here, ADIT-2305 when the capture cut the
  /// frame short (snap length).
  std::optional<CaptureFrame> next();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  struct Closer {
    void operator()(pcap* handle) const noexcept;
  };

  [[noreturn]] void fail(const char* code, const std::string& what, std::string fix) const;

  std::string path_;
  std::unique_ptr<pcap, Closer> handle_;
  std::uint64_t number_ = 0;
  /// Where the current record starts; negative for a pipe, which has no offsets.
  long record_ = 0;
};

}  // namespace adit
