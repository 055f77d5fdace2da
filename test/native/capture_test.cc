#include <doctest/doctest.h>
#include <pcap/pcap.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "capture/capture_port.h"
#include "capture/capture_reader.h"
#include "capture/capture_writer.h"
#include "capture/merge.h"
#include "packet/failure.h"

namespace {

using namespace adit;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t kSecond = 1'000'000'000;

// A folder that is gone with the test.
class Folder {
 public:
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "adit-capture-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Bytes filled(std::size_t size, std::uint8_t value) { return Bytes(size, value); }

void append(Bytes& out, std::initializer_list<std::uint32_t> words) {
  for (const std::uint32_t word : words) {
    for (int shift = 0; shift < 32; shift += 8) {
      out.push_back(static_cast<std::uint8_t>(word >> shift));
    }
  }
}

// Little-endian pcap file header; `magic` says microseconds (a1b2c3d4) or nanoseconds (a1b23c4d).
Bytes pcap_header(std::uint32_t magic, std::uint32_t link_type = 1) {
  Bytes out;
  append(out, {magic, 0x00040002, 0, 0, 262144, link_type});
  return out;
}

void append_record(Bytes& file, std::uint32_t seconds, std::uint32_t fraction, const Bytes& frame) {
  const auto size = static_cast<std::uint32_t>(frame.size());
  append(file, {seconds, fraction, size, size});
  file.insert(file.end(), frame.begin(), frame.end());
}

// A pcapng section and interface; `resolution` is if_tsresol, such as 9 for nanoseconds.
Bytes pcapng_header(std::uint32_t resolution) {
  Bytes out;
  append(out, {0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0xffffffff, 0xffffffff, 28});
  append(out, {1, 32, 1, 262144, 9 | (1U << 16), resolution, 0, 32});
  return out;
}

void append_block(Bytes& file, std::uint64_t ticks, const Bytes& frame) {
  const auto size = static_cast<std::uint32_t>(frame.size());
  const std::uint32_t block = 32 + (size + 3) / 4 * 4;
  append(file, {6, block, 0, static_cast<std::uint32_t>(ticks >> 32),
                static_cast<std::uint32_t>(ticks), size, size});
  file.insert(file.end(), frame.begin(), frame.end());
  file.resize(file.size() + block - 32 - size);
  append(file, {block});
}

std::string save(const Folder& folder, const std::string& name, const Bytes& bytes) {
  const std::string path = folder / name;
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  return path;
}

struct Owned {
  std::uint64_t time_ns;
  Bytes bytes;
  bool operator==(const Owned&) const = default;
};

std::vector<Owned> read_all(const std::string& path) {
  CaptureReader reader(path);
  std::vector<Owned> out;
  while (const auto frame = reader.next()) {
    out.push_back({frame->time_ns, {frame->bytes.begin(), frame->bytes.end()}});
  }
  return out;
}

// What is thrown by reading `path` to its end, as "CODE text".
std::string failure_of(const std::string& path) {
  try {
    read_all(path);
  } catch (const Failure& failure) {
    CHECK_FALSE(failure.fix().empty());
    return failure.code() + " " + failure.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE(text, " lacks ", part);
  return found;
}

}  // namespace

TEST_CASE("CaptureReader reads pcap in microseconds and nanoseconds, in either byte order") {
  Folder folder;
  Bytes micro = pcap_header(0xa1b2c3d4);
  append_record(micro, 7, 999'999, filled(60, 0xab));
  CHECK(read_all(save(folder, "micro", micro)) ==
        std::vector<Owned>{{7 * kSecond + 999'999'000, filled(60, 0xab)}});

  Bytes nano = pcap_header(0xa1b23c4d);
  append_record(nano, 0xffffffff, 999'999'999, filled(65'600, 1));
  CHECK(read_all(save(folder, "nano", nano)) ==
        std::vector<Owned>{{0xffffffffULL * kSecond + 999'999'999, filled(65'600, 1)}});

  const Bytes big_endian = {0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0,
                            0,    0,    4,    0,    0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0,
                            0,    2,    0,    0,    0, 3, 0, 0, 0, 3, 7, 8, 9};
  CHECK(read_all(save(folder, "big", big_endian)) ==
        std::vector<Owned>{{kSecond + 2'000, {7, 8, 9}}});
}

TEST_CASE("CaptureReader reads pcapng with the resolution of the interface") {
  Folder folder;
  Bytes nano = pcapng_header(9);
  append_block(nano, 5 * kSecond + 1, filled(61, 3));
  append_block(nano, 5 * kSecond + 2, filled(1, 4));
  CHECK(read_all(save(folder, "nano", nano)) ==
        std::vector<Owned>{{5 * kSecond + 1, filled(61, 3)}, {5 * kSecond + 2, filled(1, 4)}});
  Bytes micro = pcapng_header(6);
  append_block(micro, 5'000'001, filled(60, 3));
  CHECK(read_all(save(folder, "micro", micro)) ==
        std::vector<Owned>{{5 * kSecond + 1'000, filled(60, 3)}});
}

TEST_CASE("CaptureReader takes a capture without packets") {
  Folder folder;
  CHECK(read_all(save(folder, "pcap", pcap_header(0xa1b2c3d4))).empty());
  CHECK(read_all(save(folder, "pcapng", pcapng_header(6))).empty());
}

TEST_CASE("CaptureReader names the file that it cannot open or understand") {
  Folder folder;
  const std::string missing = folder / "missing.pcap";
  CHECK(contains(failure_of(missing), "ADIT-2301 Cannot open capture " + missing));
  CHECK(contains(failure_of(missing), "No such file"));
  CHECK(contains(failure_of(save(folder, "empty", {})), "ADIT-2302 Cannot read capture "));
  CHECK(contains(failure_of(save(folder, "text", Bytes(100, 'x'))), "ADIT-2302"));
  CHECK(contains(failure_of(folder.path()), "ADIT-230"));
  const std::string cooked = failure_of(save(folder, "sll", pcap_header(0xa1b2c3d4, 113)));
  CHECK(contains(cooked, "ADIT-2303"));
  CHECK(contains(cooked, "LINUX_SLL, not Ethernet"));
}

TEST_CASE("CaptureReader says packet and byte where a pcap file is damaged") {
  Folder folder;
  Bytes good = pcap_header(0xa1b2c3d4);
  append_record(good, 1, 0, filled(100, 1));
  const std::string where = ": packet 2 at byte 140: ";

  Bytes cut_header = good;
  append(cut_header, {1, 0});
  CHECK(contains(failure_of(save(folder, "a", cut_header)), where));

  Bytes cut_frame = good;
  append_record(cut_frame, 1, 0, filled(100, 1));
  cut_frame.pop_back();
  CHECK(contains(failure_of(save(folder, "b", cut_frame)), "ADIT-2304"));
  CHECK(contains(failure_of(folder / "b"), where));

  Bytes absurd = good;
  append(absurd, {1, 0, 0x7fffffff, 0x7fffffff});
  absurd.resize(absurd.size() + 1000);
  CHECK(contains(failure_of(save(folder, "c", absurd)), where));

  Bytes late = good;
  append_record(late, 1, 4'000'000, filled(60, 1));
  CHECK(contains(failure_of(save(folder, "d", late)), where + "its time stamp is out of range"));

  Bytes more_than_whole = good;
  append(more_than_whole, {1, 0, 60, 59});
  more_than_whole.resize(more_than_whole.size() + 60);
  CHECK(contains(failure_of(save(folder, "e", more_than_whole)), where));
}

TEST_CASE("CaptureReader says packet and byte where a pcapng file is cut") {
  Folder folder;
  Bytes file = pcapng_header(6);
  append_block(file, 1, filled(64, 1));
  append_block(file, 2, filled(64, 1));
  for (std::size_t missing = 1; missing < 96; ++missing) {
    const Bytes cut(file.begin(), file.end() - static_cast<std::ptrdiff_t>(missing));
    const std::string said = failure_of(save(folder, "cut", cut));
    CHECK(contains(said, "ADIT-2304"));
    CHECK(contains(said, ": packet 2 at byte 156: "));
  }
}

TEST_CASE("CaptureReader refuses a frame that the capture cut short") {
  Folder folder;
  Bytes file = pcap_header(0xa1b2c3d4);
  append(file, {1, 0, 4, 1514, 0x01020304});
  const std::string said = failure_of(save(folder, "cut", file));
  CHECK(contains(said, "ADIT-2305"));
  CHECK(contains(said, "packet 1 at byte 24: the capture kept 4 of the frame's 1514 bytes"));
}

TEST_CASE("CaptureReader survives mutated captures") {
  Folder folder;
  Bytes pcap = pcap_header(0xa1b2c3d4);
  Bytes pcapng = pcapng_header(9);
  for (std::uint8_t i = 0; i < 4; ++i) {
    append_record(pcap, i, i, filled(60U + i, i));
    append_block(pcapng, i * kSecond, filled(60U + i, i));
  }
  std::uint32_t state = 1;
  const auto random = [&state](std::size_t below) {
    state = state * 1664525U + 1013904223U;
    return (state >> 8) % below;
  };
  for (int round = 0; round < 2000; ++round) {
    Bytes file = round % 2 == 0 ? pcap : pcapng;
    for (std::size_t n = 1 + random(4); n > 0; --n) {
      file[random(file.size())] = static_cast<std::uint8_t>(random(256));
    }
    if (random(4) == 0) file.resize(random(file.size()));
    // Reading ends, by the file's end or by a Failure; anything else fails the test.
    failure_of(save(folder, "mutated", file));
  }
}

TEST_CASE("CaptureWriter writes what CaptureReader reads back") {
  Folder folder;
  const std::vector<Owned> frames = {{kSecond + 1, filled(60, 1)},
                                     {0xffffffffULL * kSecond + 999'999'999, filled(70'000, 2)},
                                     {0, {}}};
  CaptureWriter nano(folder / "nano", TimePrecision::kNanoseconds);
  CaptureWriter micro(folder / "micro", TimePrecision::kMicroseconds);
  for (const Owned& frame : frames) {
    nano.write(frame.time_ns, frame.bytes);
    micro.write(frame.time_ns, frame.bytes);
  }
  nano.close();
  micro.close();
  CHECK(read_all(folder / "nano") == frames);
  const std::vector<Owned> rounded = read_all(folder / "micro");
  REQUIRE(rounded.size() == 3);
  CHECK(rounded[0].time_ns == kSecond);
  CHECK(rounded[1].time_ns == 0xffffffffULL * kSecond + 999'999'000);
}

TEST_CASE("CaptureWriter tells a full disk and a folder that is not there") {
  CaptureWriter full("/dev/full", TimePrecision::kMicroseconds);
  for (int i = 0; i < 100; ++i) full.write(0, filled(1500, 1));
  CHECK_THROWS_WITH_AS(full.close(), "Cannot write capture /dev/full: No space left on device",
                       Failure);
  CaptureWriter small("/dev/full", TimePrecision::kMicroseconds);
  CHECK_THROWS_AS(small.close(), Failure);
  CHECK_THROWS_WITH_AS(CaptureWriter("/nowhere/x.pcap", TimePrecision::kMicroseconds),
                       "Cannot make capture /nowhere/x.pcap: No such file or directory", Failure);
}

TEST_CASE("CapturePort receives at the data offset, writes what is sent and gives frames back") {
  Folder folder;
  FramePool pool(2, {.frame_bytes = 2048, .data_offset = 320});
  CapturePort port(pool, folder.path(), "lan", TimePrecision::kNanoseconds);
  port.set_time(5);
  REQUIRE(port.deliver(filled(60, 1)));
  REQUIRE(port.deliver(filled(2048 - 320, 2)));
  CHECK_FALSE(port.deliver(filled(60, 3)));
  CHECK(pool.free() == 0);

  Packet burst[kBurst];
  REQUIRE(port.rx_burst(burst) == 2);
  CHECK(port.rx_burst(burst) == 0);
  CHECK(burst[0].size() == 60);
  CHECK(burst[0].headroom() == 320);
  CHECK(pool.address_of(burst[0]) % 2048 == 320);
  CHECK(burst[1].data()[0] == 2);

  port.set_time(6);
  CHECK(port.tx_burst(std::span<const Packet>(burst, 2)) == 2);
  CHECK(pool.free() == 2);
  CHECK_FALSE(port.deliver(filled(2048 - 320 + 1, 3)));
  CHECK(pool.free() == 2);
  port.pass_to_kernel(filled(42, 9));
  port.close();

  CHECK(port.received() == 3);
  CHECK(port.sent() == 2);
  CHECK(port.kernel() == 1);
  CHECK(read_all(folder / "lan.pcap") ==
        std::vector<Owned>{{6, filled(60, 1)}, {6, filled(1728, 2)}});
  CHECK(read_all(folder / "lan.kernel.pcap") == std::vector<Owned>{{6, filled(42, 9)}});
}

TEST_CASE("CapturePort gives back frames that nobody received") {
  Folder folder;
  FramePool pool(4, {});
  {
    CapturePort port(pool, folder.path(), "lan", TimePrecision::kMicroseconds);
    REQUIRE(port.deliver(filled(60, 1)));
    CHECK(pool.free() == 3);
  }
  CHECK(pool.free() == 4);
}

TEST_CASE("Merge orders by time, then capture, then file, also within an unordered capture") {
  Folder folder;
  Bytes a = pcap_header(0xa1b2c3d4);
  for (const std::uint8_t t : Bytes{1, 3, 3, 9}) append_record(a, t, 0, {0xa, t});
  Bytes b = pcap_header(0xa1b2c3d4);
  for (const std::uint8_t t : Bytes{3, 2, 9, 2}) append_record(b, t, 0, {0xb, t});
  Merge merge(
      {save(folder, "a", a), save(folder, "b", b), save(folder, "c", pcap_header(0xa1b2c3d4))});
  CHECK(merge.precision() == TimePrecision::kMicroseconds);
  std::vector<Bytes> seen;
  std::vector<std::size_t> inputs;
  while (const auto frame = merge.next()) {
    CHECK(frame->time_ns == frame->bytes[1] * kSecond);
    seen.emplace_back(frame->bytes.begin(), frame->bytes.end());
    inputs.push_back(frame->input);
  }
  CHECK(seen ==
        std::vector<Bytes>{
            {0xa, 1}, {0xb, 2}, {0xb, 2}, {0xa, 3}, {0xa, 3}, {0xb, 3}, {0xa, 9}, {0xb, 9}});
  CHECK(inputs == std::vector<std::size_t>{0, 1, 1, 0, 0, 1, 0, 1});
  CHECK_FALSE(merge.next());
}

TEST_CASE("Merge tells damage at the end before the first frame, and what needs nanoseconds") {
  Folder folder;
  Bytes fine = pcap_header(0xa1b23c4d);
  append_record(fine, 1, 1, filled(60, 1));
  const std::string fine_path = save(folder, "fine", fine);
  CHECK(Merge({fine_path}).precision() == TimePrecision::kNanoseconds);
  fine.pop_back();
  CHECK_THROWS_AS(Merge({fine_path, save(folder, "cut", fine)}), Failure);
  CHECK_THROWS_AS(Merge({folder / "missing"}), Failure);
}

TEST_CASE("Merge reads a pipe and knows its inputs by any name") {
  Folder folder;
  Bytes file = pcap_header(0xa1b2c3d4);
  append_record(file, 2, 0, filled(60, 2));
  append_record(file, 1, 0, filled(60, 1));
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  REQUIRE(write(ends[1], file.data(), file.size()) == static_cast<ssize_t>(file.size()));
  close(ends[1]);
  Merge piped({"/dev/fd/" + std::to_string(ends[0])});
  close(ends[0]);
  CHECK(piped.next()->time_ns == kSecond);
  CHECK(piped.next()->time_ns == 2 * kSecond);

  const std::string path = save(folder, "in.pcap", file);
  Merge merge({path});
  std::filesystem::create_symlink(path, folder / "link.pcap");
  CHECK(merge.reads(folder / "link.pcap"));
  CHECK_FALSE(merge.reads(folder / "other.pcap"));
}
