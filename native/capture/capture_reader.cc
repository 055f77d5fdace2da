#include "capture/capture_reader.h"

#include <pcap/pcap.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <utility>

#include "packet/failure.h"

namespace adit {
namespace {

constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;

// Whether a pcap file can hold the time again: 32 bits of seconds, and a fraction below one.
// libpcap reads the unsigned seconds of a pcap file as signed; those of pcapng are never negative.
bool is_storable(const timeval& time) noexcept {
  return time.tv_sec >= std::numeric_limits<std::int32_t>::min() &&
         time.tv_sec <= std::numeric_limits<std::uint32_t>::max() && time.tv_usec >= 0 &&
         time.tv_usec < static_cast<long>(kNanosecondsPerSecond);
}

// The precision asked for makes tv_usec hold nanoseconds.
std::uint64_t nanoseconds_of(const timeval& time) noexcept {
  return static_cast<std::uint32_t>(time.tv_sec) * kNanosecondsPerSecond +
         static_cast<std::uint64_t>(time.tv_usec);
}

std::string cut_short(const pcap_pkthdr& header) {
  return "the capture kept " + std::to_string(header.caplen) + " of the frame's " +
         std::to_string(header.len) + " bytes";
}

}  // namespace

void CaptureReader::Closer::operator()(pcap* handle) const noexcept { pcap_close(handle); }

CaptureReader::CaptureReader(std::string path) : path_(std::move(path)) {
  std::FILE* file = std::fopen(path_.c_str(), "rbe");
  if (file == nullptr) {
    throw Failure("ADIT-2301", "Cannot open capture " + path_ + ": " + std::strerror(errno),
                  "give the path of a pcap or pcapng file that can be read");
  }
  char error[PCAP_ERRBUF_SIZE] = "";
  handle_.reset(pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, error));
  if (handle_ == nullptr) {
    std::fclose(file);
    throw Failure("ADIT-2302", "Cannot read capture " + path_ + ": at byte 0: " + error,
                  "give a pcap or pcapng file, not compressed");
  }
  const int link_type = pcap_datalink(handle_.get());
  if (link_type != DLT_EN10MB) {
    const char* name = pcap_datalink_val_to_name(link_type);
    throw Failure("ADIT-2303",
                  "Cannot read capture " + path_ + ": its link type is " +
                      (name != nullptr ? name : std::to_string(link_type)) + ", not Ethernet",
                  "capture on an Ethernet interface instead of `any` or an IP tunnel");
  }
}

std::optional<CaptureFrame> CaptureReader::next() {
  record_ = std::ftell(pcap_file(handle_.get()));
  ++number_;
  pcap_pkthdr* header = nullptr;
  const std::uint8_t* bytes = nullptr;
  const int result = pcap_next_ex(handle_.get(), &header, &bytes);
  if (result == PCAP_ERROR_BREAK) return std::nullopt;
  constexpr const char* kRepair = "capture it again, or keep the packets before it with editcap";
  if (result != 1) fail("ADIT-2304", pcap_geterr(handle_.get()), kRepair);
  if (header->caplen > header->len) {
    fail("ADIT-2304",
         "it holds " + std::to_string(header->caplen) + " bytes of a frame of " +
             std::to_string(header->len),
         kRepair);
  }
  if (!is_storable(header->ts)) fail("ADIT-2304", "its time stamp is out of range", kRepair);
  if (header->caplen < header->len) {
    fail("ADIT-2305", cut_short(*header), "capture whole frames (tcpdump -s 0)");
  }
  return CaptureFrame{nanoseconds_of(header->ts), {bytes, header->caplen}};
}

void CaptureReader::fail(const char* code, const std::string& what, std::string fix) const {
  const std::string at = record_ < 0 ? "" : " at byte " + std::to_string(record_);
  throw Failure(
      code,
      "Cannot read capture " + path_ + ": packet " + std::to_string(number_) + at + ": " + what,
      std::move(fix));
}

}  // namespace adit
