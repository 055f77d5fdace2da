#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

struct pcap;
struct pcap_dumper;

namespace adit {

/// Unit of the time stamps in a classic pcap file.
enum class TimePrecision : std::uint8_t { kMicroseconds, kNanoseconds };

/// Writes Ethernet frames into a new classic pcap file (an old one is replaced).
class CaptureWriter {
 public:
  /// \throws Failure ADIT-2306 when the file cannot be made.
  CaptureWriter(std::string path, TimePrecision precision);

  /// Appends a frame. `time_ns` is nanoseconds since 1970 of at most 32 bits of seconds; with
  /// microseconds the rest is cut off. Never fails here: an error is kept for `close`.
  void write(std::uint64_t time_ns, std::span<const std::uint8_t> frame) noexcept;

  /// Writes out what is buffered and closes the file. Without this call it is closed all the same,
  /// but errors are lost. \throws Failure ADIT-2307 when any byte could not be written.
  void close();

 private:
  struct HandleCloser {
    void operator()(pcap* handle) const noexcept;
  };
  struct DumperCloser {
    void operator()(pcap_dumper* dumper) const noexcept;
  };

  std::string path_;
  TimePrecision precision_;
  std::unique_ptr<pcap, HandleCloser> handle_;
  std::unique_ptr<pcap_dumper, DumperCloser> dumper_;
  /// errno of the first write that failed.
  int error_ = 0;
};

}  // namespace adit
