#pragma once

#include <bpf/bpf.h>
#include <doctest/doctest.h>
#include <linux/if_xdp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

#include "port_lab.h"
#include "steer/program.h"

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

}  // namespace adit::port_lab
