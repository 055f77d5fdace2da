#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "packet/failure.h"

/// Network namespaces, veth pairs and far ends for the tests of ports and steering.
namespace adit::port_lab {

using Bytes = std::vector<std::uint8_t>;

/// True, and said loudly, if this process may not make network namespaces.
inline bool skipped() {
  bool may = false;
  std::thread([&may] { may = unshare(CLONE_NEWNET) == 0; }).join();
  if (!may) std::fprintf(stderr, "SKIP: needs root (CAP_SYS_ADMIN, CAP_NET_ADMIN)\n");
  return !may;
}

inline void sh(const std::string& command) {
  CAPTURE(command);
  REQUIRE(std::system((command + " >/dev/null 2>&1").c_str()) == 0);
}

inline bool succeeds(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

/// The calling thread, and what it starts, is in a network namespace of its own while this lives.
/// It has no name and goes with the last thread in it, also when the test dies.
class Namespace {
 public:
  Namespace() : back_(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
    REQUIRE(unshare(CLONE_NEWNET) == 0);
    sh("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1");
  }
  ~Namespace() {
    if (setns(back_, CLONE_NEWNET) != 0) std::abort();
    close(back_);
  }
  Namespace(const Namespace&) = delete;
  Namespace& operator=(const Namespace&) = delete;

 private:
  int back_;
};

/// Makes the veth pair `near` and `far`, both up, with `queues` queues each.
inline void make_veth(const std::string& near, const std::string& far, int queues = 1) {
  const std::string number = std::to_string(queues);
  const std::string sizes = " numtxqueues " + number + " numrxqueues " + number;
  sh("ip link add " + near + sizes + " type veth peer name " + far + sizes);
  sh("ip link set dev " + near + " up");
  sh("ip link set dev " + far + " up");
}

/// A raw socket at the far end of a veth pair: what the wire carries.
class FarEnd {
 public:
  explicit FarEnd(const std::string& interface)
      : fd_(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons_all())) {
    REQUIRE(fd_ >= 0);
    const int on = 1;
    const int buffer = 16 << 20;
    setsockopt(fd_, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on);
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons_all();
    address.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
    REQUIRE(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~FarEnd() { close(fd_); }
  FarEnd(const FarEnd&) = delete;
  FarEnd& operator=(const FarEnd&) = delete;

  void send(const Bytes& frame) const {
    REQUIRE(::send(fd_, frame.data(), frame.size(), 0) == static_cast<ssize_t>(frame.size()));
  }
  /// True if it went out; false if the kernel had no room for it.
  [[nodiscard]] bool try_send(const Bytes& frame) const {
    return ::send(fd_, frame.data(), frame.size(), MSG_DONTWAIT) > 0;
  }
  /// The next frame; empty when none comes within the time.
  [[nodiscard]] Bytes receive(int timeout_ms = 1000) const {
    pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, timeout_ms) <= 0) return {};
    Bytes frame(16384);
    const ssize_t bytes = recv(fd_, frame.data(), frame.size(), MSG_DONTWAIT);
    frame.resize(bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
    return frame;
  }

 private:
  static constexpr std::uint16_t htons_all() { return __builtin_bswap16(ETH_P_ALL); }
  int fd_;
};

/// Runs `body` in a thread, in the present namespace, whose effective capabilities are exactly
/// these.
inline void with_capabilities(std::initializer_list<unsigned> numbers,
                              const std::function<void()>& body) {
  std::thread([&] {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> sets{};
    REQUIRE(syscall(SYS_capget, &header, sets.data()) == 0);
    sets[0].effective = sets[1].effective = 0;
    for (const unsigned number : numbers) sets[number / 32].effective |= 1U << (number % 32);
    REQUIRE(syscall(SYS_capset, &header, sets.data()) == 0);
    body();
  }).join();
}

/// What `body` throws, as "CODE: what; fix"; empty if nothing.
inline std::string failure_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Failure& failure) {
    return failure.code() + ": " + failure.what() + "; " + failure.fix();
  }
  return {};
}

inline bool contains(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) MESSAGE("\"" << part << "\" is not in \"" << text << "\"");
  return found;
}

/// Repeats `step` until it returns true; false after the time.
inline bool eventually(const std::function<bool()>& step,
                       std::chrono::milliseconds patience = std::chrono::milliseconds(3000)) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!step()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
  }
  return true;
}

/// An untagged or once-tagged frame of `size` bytes with a payload that depends on `seed`.
inline Bytes make_frame(std::size_t size, unsigned seed, unsigned vid = 0) {
  Bytes frame(size);
  for (std::size_t i = 0; i < size; ++i) {
    frame[i] = static_cast<std::uint8_t>((i + 1) * 7 + std::size_t{seed} * 13);
  }
  const Bytes macs{2, 0, 0, 0, 0, 0x11, 2, 0, 0, 0, 0, 0x22};
  const Bytes tag{0x81, 0, static_cast<std::uint8_t>(vid >> 8), static_cast<std::uint8_t>(vid)};
  const Bytes type{0x88, 0xb5};
  auto at = std::copy(macs.begin(), macs.end(), frame.begin());
  if (vid != 0) at = std::copy(tag.begin(), tag.end(), at);
  std::copy(type.begin(), type.end(), at);
  return frame;
}

}  // namespace adit::port_lab
