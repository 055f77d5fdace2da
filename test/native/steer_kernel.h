#pragma once

#include <bpf/bpf.h>
#include <doctest/doctest.h>
#include <linux/if_xdp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "port_lab.h"
#include "steer/host_rules.h"
#include "steer/program.h"
#include "steer_case.h"

/// Steering programs run in the kernel on frames that never were on a wire.
namespace adit::port_lab {

/// An AF_XDP socket that is just enough to stand in a steering program's map.
class IdleSocket {
 public:
  IdleSocket() : fd_(socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0)) {
    const std::uint32_t entries = 64;
    REQUIRE(setsockopt(fd_, SOL_XDP, XDP_RX_RING, &entries, sizeof entries) == 0);
  }
  ~IdleSocket() { close(fd_); }
  IdleSocket(const IdleSocket&) = delete;
  IdleSocket& operator=(const IdleSocket&) = delete;
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  int fd_;
};

/// Runs the program in the kernel on the frame, as received on queue 0, and tells by its counters
/// what it decided and by its answer that it acted so.
inline steer_verdict run_in_kernel(const SteeringProgram& program, const Bytes& frame) {
  const SteerCounters before = program.counters();
  LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame.data(),
              .data_size_in = static_cast<__u32>(frame.size()), .repeat = 1);
  REQUIRE(bpf_prog_test_run_opts(program.program_fd(), &run) == 0);
  const SteerCounters now = program.counters();
  constexpr __u32 kDrop = 1;
  constexpr __u32 kPass = 2;
  constexpr __u32 kRedirect = 4;
  if (now.blocked == before.blocked + 1 && run.retval == kDrop) return STEER_BLOCKED;
  if (now.redirected_tunnel == before.redirected_tunnel + 1 && run.retval == kRedirect) {
    return STEER_TUNNEL;
  }
  if (now.redirected_attachment == before.redirected_attachment + 1 && run.retval == kRedirect) {
    return STEER_ATTACHMENT;
  }
  REQUIRE(now.passed == before.passed + 1);
  REQUIRE(run.retval == kPass);
  return STEER_PASS;
}

/// The kernel's program gives each case's verdict, and decides as HostRules do on all its prefixes
/// and on frames that differ from it in some of the first `mutated` bytes.
inline void check_kernel_agrees(const SteeringConfig& config,
                                const std::vector<steer_cases::Case>& cases, std::uint32_t seed,
                                std::size_t mutated) {
  const HostRules rules(config);
  const SteeringMaps maps(config);
  const IdleSocket socket;
  std::vector<std::unique_ptr<SteeringProgram>> programs;
  for (const SteeringConfig::Port& port : config.ports) {
    programs.push_back(std::make_unique<SteeringProgram>(maps, port, 1));
    programs.back()->set_socket(0, socket.fd());
  }
  std::mt19937 random(seed);
  std::size_t differ = 0;
  const auto compare = [&](const steer_cases::Case& c, const Bytes& frame) {
    const steer_verdict here = rules.decide(c.port, frame);
    if (run_in_kernel(*programs[c.port], frame) != here) ++differ;
  };
  for (const steer_cases::Case& c : cases) {
    CAPTURE(c.name);
    CHECK(run_in_kernel(*programs[c.port], c.frame) == c.verdict);
    // The kernel takes no test frame below an Ethernet header. Of a long one the tail is enough.
    const std::size_t least = c.frame.size() > 500 ? c.frame.size() - 60 : 14;
    for (std::size_t bytes = least; bytes < c.frame.size(); ++bytes) {
      compare(c, Bytes(c.frame.begin(), c.frame.begin() + static_cast<std::ptrdiff_t>(bytes)));
    }
    for (int round = 0; round < 60; ++round) {
      Bytes frame = c.frame;
      for (auto flips = random() % 3 + 1; flips > 0; --flips) {
        frame[random() % std::min(frame.size(), mutated)] = static_cast<std::uint8_t>(random());
      }
      compare(c, frame);
    }
  }
  CHECK(differ == 0);
}

}  // namespace adit::port_lab
