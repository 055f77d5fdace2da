// Offers frames to an interface as fast as one processor can, or at a rate, and counts what arrives
// at another interface meanwhile. It runs in the namespace of the interface that counts.
//
// usage: adit_load NETNS INTERFACE COUNTED HEADER INNER BYTES SECONDS RATE CPU send|drop PID
//   NETNS INTERFACE  where frames leave, and its far end receives them
//   COUNTED          the interface of this namespace whose received frames are counted
//   HEADER INNER     the first 96 bytes of each frame in hex, and where the inner frame begins
//   BYTES            of each frame
//   SECONDS RATE     measured, after a part of it to warm up; frames a second, 0 is without bound
//   CPU send|drop    which runs the load; `drop` only writes the frames, to learn what that costs
//   PID              of the process that is measured, or 0
//
// Prints one line of JSON. Seconds: `busy` are those of each processor; of them `load`, `gateway`
// and `softirq` went to this program, to PID and to the kernel's threads for packets.

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "load.skel.h"
#include "load_abi.h"
#include "processor_time.h"

namespace {

/// A call of the kernel costs milliseconds to set up, which fewer frames would not hide.
constexpr int kFramesACall = 1 << 19;
constexpr double kWarmUpShare = 0.2;

using Seconds = std::chrono::duration<double>;

struct Arguments {
  std::string netns;
  std::string interface;
  std::string counted;
  std::array<std::uint8_t, LOAD_HEADER_WORDS * 8> header{};
  std::uint32_t inner = 0;
  std::uint32_t bytes = 0;
  Seconds measured{};
  std::uint64_t rate = 0;
  int cpu = 0;
  bool sends = true;
  int pid = 0;
};

std::runtime_error system_error(const std::string& what) {
  return std::runtime_error(what + ": " + std::strerror(errno));
}

Arguments arguments_of(char** given) {
  Arguments result{.netns = given[1], .interface = given[2], .counted = given[3]};
  const std::string hex = given[4];
  if (hex.size() != result.header.size() * 2) throw std::runtime_error("HEADER has 96 bytes");
  for (std::size_t i = 0; i < result.header.size(); ++i) {
    result.header[i] = static_cast<std::uint8_t>(std::stoul(hex.substr(i * 2, 2), nullptr, 16));
  }
  result.inner = static_cast<std::uint32_t>(std::stoul(given[5]));
  result.bytes = static_cast<std::uint32_t>(std::stoul(given[6]));
  result.measured = Seconds(std::stod(given[7]));
  result.rate = std::stoull(given[8]);
  result.cpu = std::stoi(given[9]);
  result.sends = std::string(given[10]) == "send";
  result.pid = std::stoi(given[11]);
  const bool fits = result.inner == 0 || result.bytes >= result.header.size();
  if (!fits || result.bytes < LOAD_FRAME_BYTES) throw std::runtime_error("BYTES is too small");
  return result;
}

/// The sum of the inner IPv4 header's words as they lie in memory, but for its checksum and the
/// last two bytes of its destination, which the program writes.
std::uint32_t sum_of(const Arguments& arguments) {
  std::uint32_t sum = 0;
  for (std::uint32_t i = 0; i < LOAD_IP_HEADER_BYTES; i += 2) {
    const std::uint32_t at = LOAD_IP_HEADER + i;
    if (at == LOAD_IP_CHECKSUM || at == LOAD_IP_DESTINATION_END) continue;
    std::uint16_t word = 0;
    std::memcpy(&word, &arguments.header[arguments.inner + at], sizeof word);
    sum += word;
  }
  return sum;
}

class Load {
 public:
  explicit Load(const Arguments& arguments) : arguments_(arguments), program_(load_bpf__open()) {
    if (program_ == nullptr) throw system_error("cannot open the program");
    auto& facts = *program_->rodata;
    std::memcpy(facts.header, arguments.header.data(), arguments.header.size());
    facts.inner = arguments.inner;
    facts.inner_sum = sum_of(arguments);
    facts.flow_mask = 1023;
    facts.nanoseconds_a_burst =
        arguments.rate == 0 ? 0 : std::uint64_t{1'000'000'000} * LOAD_BURST / arguments.rate;
    facts.verdict = arguments.sends ? XDP_TX : XDP_DROP;
    if (load_bpf__load(program_) != 0) throw system_error("the kernel refuses the program");
    enter(arguments.netns);
    interface_ = if_nametoindex(arguments.interface.c_str());
    if (interface_ == 0) throw system_error(arguments.interface);
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load() { load_bpf__destroy(program_); }

  /// Runs until `stop`, on the processor asked for. Network namespaces are a thread's own.
  void run() {
    try {
      pin(arguments_.cpu);
      enter(arguments_.netns);
      while (program_->bss->stopped == 0) call();
    } catch (const std::exception& error) {
      error_ = error.what();
      failed_.store(true);
    }
  }

  void stop() noexcept { program_->bss->stopped = 1; }
  /// Shared with the kernel, which writes on while they are read.
  std::uint64_t offered() const noexcept {
    return __atomic_load_n(&program_->bss->offered, __ATOMIC_RELAXED);
  }
  std::uint64_t waited_nanoseconds() const noexcept {
    return __atomic_load_n(&program_->bss->waited_nanoseconds, __ATOMIC_RELAXED);
  }
  void check() const {
    if (failed_.load()) throw std::runtime_error(error_);
  }

 private:
  static void pin(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(cpu), &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) throw system_error("cannot pin the load");
  }

  static void enter(const std::string& netns) {
    const int fd = open(netns.c_str(), O_RDONLY | O_CLOEXEC);
    const bool entered = fd >= 0 && setns(fd, CLONE_NEWNET) == 0;
    if (!entered) throw system_error(netns);
    close(fd);
  }

  void call() {
    std::vector<std::uint8_t> frame(arguments_.bytes, 0);
    xdp_md context{};
    context.data_end = arguments_.bytes;
    context.ingress_ifindex = interface_;
    LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame.data(),
                .data_size_in = arguments_.bytes, .ctx_in = &context, .ctx_size_in = sizeof context,
                .repeat = kFramesACall, .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
                .batch_size = LOAD_BURST);
    if (bpf_prog_test_run_opts(bpf_program__fd(program_->progs.adit_load), &options) != 0) {
      throw system_error("cannot run the program");
    }
  }

  Arguments arguments_;
  load_bpf* program_;
  unsigned interface_ = 0;
  std::string error_;
  std::atomic<bool> failed_ = false;
};

struct Reading {
  std::chrono::steady_clock::time_point at;
  std::uint64_t received;
  std::uint64_t offered;
  std::uint64_t waited_nanoseconds;
  std::vector<double> busy;
  double load;
  double gateway;
  double softirq;
};

class Meter {
 public:
  explicit Meter(const Arguments& arguments) : pid_(arguments.pid) {
    const std::string path = "/sys/class/net/" + arguments.counted + "/statistics/rx_packets";
    fd_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0) throw system_error(path);
  }
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;
  ~Meter() { close(fd_); }

  Reading read(const Load& load) const {
    std::array<char, 32> text{};
    if (pread(fd_, text.data(), text.size() - 1, 0) <= 0) throw system_error("cannot count");
    double softirq = 0;
    for (const int thread : softirq_) softirq += adit::bench::run_time_of(thread);
    return {.at = std::chrono::steady_clock::now(),
            .received = std::strtoull(text.data(), nullptr, 10),
            .offered = load.offered(),
            .waited_nanoseconds = load.waited_nanoseconds(),
            .busy = adit::bench::busy_of_processors(),
            .load = adit::bench::run_time_of(getpid()),
            .gateway = adit::bench::run_time_of(pid_),
            .softirq = softirq};
  }

 private:
  int fd_;
  int pid_;
  std::vector<int> softirq_ = adit::bench::softirq_threads();
};

void print(const Reading& before, const Reading& after) {
  std::printf("{\"seconds\": %.6f, \"received\": %llu, \"offered\": %llu, \"waited\": %.6f, ",
              Seconds(after.at - before.at).count(),
              static_cast<unsigned long long>(after.received - before.received),
              static_cast<unsigned long long>(after.offered - before.offered),
              static_cast<double>(after.waited_nanoseconds - before.waited_nanoseconds) * 1e-9);
  std::printf("\"load\": %.6f, \"gateway\": %.6f, \"softirq\": %.6f, \"busy\": [",
              after.load - before.load, after.gateway - before.gateway,
              after.softirq - before.softirq);
  for (std::size_t i = 0; i < after.busy.size(); ++i) {
    std::printf("%s%.3f", i == 0 ? "" : ", ", after.busy[i] - before.busy[i]);
  }
  std::printf("]}\n");
}

void measure(const Arguments& arguments) {
  const Meter meter(arguments);
  Load load(arguments);
  std::thread runner([&load] { load.run(); });
  std::this_thread::sleep_for(arguments.measured * kWarmUpShare);
  const Reading before = meter.read(load);
  std::this_thread::sleep_for(arguments.measured);
  const Reading after = meter.read(load);
  load.stop();
  runner.join();
  load.check();
  print(before, after);
}

}  // namespace

int main(int count, char** given) {
  try {
    if (count != 12) throw std::runtime_error("eleven arguments are needed; load.cc tells them");
    measure(arguments_of(given));
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "adit_load: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
