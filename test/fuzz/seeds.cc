// Writes the fuzzer's seeds into a folder: every packet that scapy made, alone in each place and
// with lengths that are off by one, and bursts of all of them around each event.

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>

#include "bytes.h"
#include "record.h"
#include "scapy_errors.h"
#include "scapy_packets.h"
#include "table_lab.h"

namespace {

using bytes::Bytes;

constexpr const char* kUnderlay[] = {
    scapy::kVxlan4,
    scapy::kVxlan4Summed,
    scapy::kVxlan6,
    scapy::kVxlan6Unsummed,
    scapy::kGre4,
    scapy::kGre4Keyed,
    scapy::kGre4Full,
    scapy::kGre6,
    scapy::kGre6Keyed,
    scapy::kFragmentFirst4,
    scapy::kFragmentLaterGre4,
    scapy::kOptions4,
    scapy::kFragmentFirst6,
    scapy::kFragmentAtomic6,
    scapy::kFragmentLaterGre6,
    scapy::kHopByHop6,
    scapy::kExtended6,
    scapy::kTooBig4,
    scapy::kUnreachableGre4,
    scapy::kTooBig6,
};
constexpr const char* kAccess[] = {
    scapy::kVlan100,   scapy::kInnerUdp4, scapy::kInnerTcp6, scapy::kInnerArp,
    scapy::kInnerVlan, scapy::kInnerQinq, scapy::kInnerCe4,  scapy::kZeroSumInner6,
};

void append(Bytes& input, int flags, int event, const Bytes& frame) {
  const auto byte = [](std::size_t value) { return static_cast<std::uint8_t>(value); };
  input.push_back(static_cast<std::uint8_t>(flags));
  input.push_back(static_cast<std::uint8_t>(event));
  input.push_back(byte(frame.size()));
  input.push_back(byte(frame.size() >> 8));
  input.insert(input.end(), frame.begin(), frame.end());
}

/// With so many bytes more or, where negative, fewer, and the outer IP and UDP lengths that say so.
Bytes lengthened(Bytes frame, std::ptrdiff_t more) {
  const auto raise = [&](std::size_t at) {
    const std::ptrdiff_t length = frame[at] * 256 + frame[at + 1] + more;
    frame[at] = static_cast<std::uint8_t>(length >> 8);
    frame[at + 1] = static_cast<std::uint8_t>(length);
  };
  const bool is_four = frame[12] == 0x08;
  raise(is_four ? 16 : 18);
  if (frame[is_four ? 23 : 20] == 17) raise(is_four ? 38 : 58);
  frame.resize(static_cast<std::size_t>(std::ssize(frame) + more), 0x5a);
  return frame;
}

/// With the tag of the tenant whose tunnel cuts what is too big.
Bytes into_cutting(Bytes frame) {
  const std::uint8_t tag[] = {0x81, 0, 700 >> 8, 700 & 0xff};
  frame.insert(frame.begin() + 12, std::begin(tag), std::end(tag));
  return frame;
}

/// With the tags of one of two attachments that are joined to each other.
Bytes crossing(Bytes frame, bool is_pair) {
  const auto high = [](std::uint16_t vid) { return static_cast<std::uint8_t>(vid >> 8); };
  const auto low = [](std::uint16_t vid) { return static_cast<std::uint8_t>(vid); };
  const std::uint8_t tags[] = {0x88, 0xa8, high(kCrossingOuterVid), low(kCrossingOuterVid),
                               0x81, 0,    high(kCrossingVid),      low(kCrossingVid)};
  frame.insert(frame.begin() + 12, std::begin(tags) + (is_pair ? 0 : 4), std::end(tags));
  return frame;
}

/// A tenant's SYN, with one option.
Bytes syn_with_mss() {
  constexpr std::size_t kDataOffset = 66;
  constexpr std::uint8_t kMss[] = {2, 4, 5, 0xb4};
  Bytes frame = lengthened(bytes::from_hex(scapy::kInnerTcp6), sizeof kMss);
  frame[kDataOffset] = 0x60;
  std::copy(std::begin(kMss), std::end(kMss), frame.end() - sizeof kMss);
  return frame;
}

/// The SYN in a packet of the remote of that tenant's tunnel.
Bytes out_of_cutting() {
  constexpr std::size_t kHeaders = 50;
  constexpr std::size_t kVni = 46;
  const Bytes other = bytes::from_hex(scapy::kVxlan4);
  const Bytes syn = syn_with_mss();
  Bytes frame = bytes::head(other, kHeaders);
  frame[kVni + 1] = pipeline_lab::kCuttingVni >> 8;
  frame[kVni + 2] = pipeline_lab::kCuttingVni & 0xff;
  const auto inner = static_cast<std::uint16_t>(syn.size());
  const adit::be16 ip_bytes{static_cast<std::uint16_t>(kHeaders - 14 + inner)};
  const adit::be16 udp_bytes{static_cast<std::uint16_t>(kHeaders - 34 + inner)};
  std::memcpy(&frame[16], &ip_bytes, sizeof ip_bytes);
  std::memcpy(&frame[38], &udp_bytes, sizeof udp_bytes);
  frame.insert(frame.end(), syn.begin(), syn.end());
  return frame;
}

class Seeds {
 public:
  explicit Seeds(std::string folder) : folder_(std::move(folder)) {}
  void write(const Bytes& input) {
    std::ofstream file(folder_ + "/seed-" + std::to_string(count_++), std::ios::binary);
    file.write(reinterpret_cast<const char*>(input.data()),
               static_cast<std::streamsize>(input.size()));
    failed_ = failed_ || !file;
  }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  std::string folder_;
  int count_ = 0;
  bool failed_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: adit_fuzz_seeds FOLDER\n");
    return 2;
  }
  Seeds seeds(argv[1]);
  for (const int place : {0, int{Record::kAtEnd}, int{Record::kAtStart}}) {
    const int flags = place | Record::kMend;
    for (const char* hex : kUnderlay) {
      Bytes input;
      append(input, flags | Record::kUnderlay, Record::kNone, bytes::from_hex(hex));
      seeds.write(input);
    }
    for (const char* hex : kAccess) {
      Bytes input;
      append(input, flags, Record::kNone, bytes::from_hex(hex));
      seeds.write(input);
    }
  }
  // Between attachments: long and short runs of either side, of which some are to be padded.
  for (const int place : {0, int{Record::kAtEnd}, int{Record::kAtStart}}) {
    for (const std::size_t run : {1U, 3U, 9U}) {
      constexpr std::size_t kBurst = 24;
      Bytes input;
      for (std::size_t i = 0; i < kBurst; ++i) {
        const char* hex = i % 4 == 3 ? scapy::kInnerTcp6 : scapy::kInnerUdp4;
        Bytes frame = crossing(bytes::from_hex(hex), i / run % 2 != 0);
        if (i % 5 == 4) frame.resize(46 + i % 18);
        const int more = i + 1 < kBurst ? int{Record::kMore} : 0;
        append(input, place | more, Record::kNone, frame);
      }
      seeds.write(input);
    }
  }
  // Out of tunnels: runs of one, for an attachment without tags, and what breaks them. Padding
  // some.
  for (const std::size_t run : {24U, 9U, 3U}) {
    for (const std::ptrdiff_t most : {40, -1}) {
      constexpr std::size_t kBurst = 24;
      Bytes input;
      for (std::size_t i = 0; i < kBurst; ++i) {
        const char* hex = i / run % 2 == 0 ? scapy::kGre4 : scapy::kVxlan4;
        const int more = i + 1 < kBurst ? int{Record::kMore} : 0;
        const Bytes frame = lengthened(bytes::from_hex(hex), most - static_cast<int>(i % 7));
        append(input, Record::kMend | Record::kUnderlay | more, Record::kNone, frame);
      }
      seeds.write(input);
    }
  }
  // Frames in several buffers, as they are and so long that one stays behind the headers.
  for (const int longer : {0, 1500}) {
    for (const char* hex : kUnderlay) {
      Bytes input;
      append(input, Record::kSplit | Record::kMend | Record::kUnderlay, Record::kNone,
             lengthened(bytes::from_hex(hex), longer));
      seeds.write(input);
    }
    for (const char* hex : kAccess) {
      Bytes input;
      Bytes frame = bytes::from_hex(hex);
      frame.resize(frame.size() + static_cast<std::size_t>(longer), 0x5a);
      append(input, Record::kSplit, Record::kNone, frame);
      seeds.write(input);
    }
  }
  // Lengths of IPv4, IPv6 and UDP that are off by one, at the end of memory.
  for (const char* hex : kUnderlay) {
    for (const std::size_t at : {17U, 19U, 39U, 59U}) {
      for (const int change : {-1, 1}) {
        Bytes frame = bytes::from_hex(hex);
        frame[at] = static_cast<std::uint8_t>(frame[at] + change);
        Bytes input;
        append(input, Record::kAtEnd | Record::kMend | Record::kUnderlay, Record::kNone, frame);
        seeds.write(input);
      }
    }
  }
  // Larger than what fits the tunnel that cuts, and SYNs into it and out of it.
  for (const int split : {0, int{Record::kSplit}}) {
    for (const int longer : {120, 600, 3600}) {
      Bytes input;
      const Bytes frame = lengthened(bytes::from_hex(scapy::kInnerUdp4), longer);
      append(input, split | Record::kMend, Record::kSmallMtu, into_cutting(frame));
      seeds.write(input);
    }
    Bytes input;
    append(input, split, Record::kSmallMtu, into_cutting(syn_with_mss()));
    append(input, split | Record::kMend | Record::kUnderlay, Record::kNone, out_of_cutting());
    seeds.write(input);
  }
  for (int event = 0; event < Record::kEvents; ++event) {
    Bytes input;
    append(input, 0, Record::kResolve, bytes::from_hex(scapy::kVlan100));
    for (const char* hex : kAccess) append(input, Record::kMore, event, bytes::from_hex(hex));
    for (const char* hex : kUnderlay) {
      append(input, Record::kMore | Record::kUnderlay, event, bytes::from_hex(hex));
    }
    seeds.write(input);
  }
  if (seeds.failed()) std::fprintf(stderr, "cannot write to %s\n", argv[1]);
  return seeds.failed() ? 1 : 0;
}
