#include "capture/capture_writer.h"

#include <pcap/pcap.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>
#include <utility>

#include "packet/failure.h"

namespace adit {
namespace {

// The largest frame that readers of the format accept.
constexpr int kSnapLength = 262144;

}  // namespace

void CaptureWriter::HandleCloser::operator()(pcap* handle) const noexcept { pcap_close(handle); }

void CaptureWriter::DumperCloser::operator()(pcap_dumper* dumper) const noexcept {
  pcap_dump_close(dumper);
}

CaptureWriter::CaptureWriter(std::string path, TimePrecision precision)
    : path_(std::move(path)), precision_(precision) {
  const bool nano = precision == TimePrecision::kNanoseconds;
  handle_.reset(pcap_open_dead_with_tstamp_precision(
      DLT_EN10MB, kSnapLength, nano ? PCAP_TSTAMP_PRECISION_NANO : PCAP_TSTAMP_PRECISION_MICRO));
  if (handle_ == nullptr) throw std::bad_alloc();
  std::FILE* file = std::fopen(path_.c_str(), "wbe");
  if (file == nullptr) {
    throw Failure("ADIT-2306", "Cannot make capture " + path_ + ": " + std::strerror(errno),
                  "give a folder for the output that can be written");
  }
  dumper_.reset(pcap_dump_fopen(handle_.get(), file));
  if (dumper_ == nullptr) {
    std::fclose(file);
    throw Failure("ADIT-2306", "Cannot make capture " + path_ + ": " + pcap_geterr(handle_.get()),
                  "give a folder for the output that can be written");
  }
}

void CaptureWriter::write(std::uint64_t time_ns, std::span<const std::uint8_t> frame) noexcept {
  const std::uint64_t fraction = time_ns % 1'000'000'000;
  pcap_pkthdr header{};
  header.ts.tv_sec = static_cast<time_t>(time_ns / 1'000'000'000);
  header.ts.tv_usec = static_cast<suseconds_t>(
      precision_ == TimePrecision::kNanoseconds ? fraction : fraction / 1000);
  header.caplen = header.len = static_cast<bpf_u_int32>(frame.size());
  errno = 0;
  pcap_dump(reinterpret_cast<u_char*>(dumper_.get()), &header, frame.data());
  if (error_ == 0 && std::ferror(pcap_dump_file(dumper_.get())) != 0) {
    error_ = errno != 0 ? errno : EIO;
  }
}

void CaptureWriter::close() {
  if (dumper_ == nullptr) return;
  errno = 0;
  if (pcap_dump_flush(dumper_.get()) != 0 && error_ == 0) error_ = errno != 0 ? errno : EIO;
  dumper_.reset();
  if (error_ != 0) {
    throw Failure("ADIT-2307", "Cannot write capture " + path_ + ": " + std::strerror(error_),
                  "free space, or give another folder for the output");
  }
}

}  // namespace adit
