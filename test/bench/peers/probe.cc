// Sends small UDP packets at a steady, low rate, and tells how long each took from the call that
// sent it until the kernel of the other namespace received it. It runs in the receiver's namespace.
//
// usage: adit_probe NETNS ADDRESS COUNT RATE CPU      (packets, packets a second, sender's
// processor)
//
// Prints one line of JSON: the nanoseconds of each packet that arrived.

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr std::uint16_t kUdpPort = 9999;
/// What no packet is expected to take; the receiver ends when it was quiet for as long.
constexpr timeval kPatience{.tv_sec = 1, .tv_usec = 0};

std::runtime_error system_error(const std::string& what) {
  return std::runtime_error(what + ": " + std::strerror(errno));
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// The clock by which the kernel notes when it received a packet.
std::int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return nanoseconds(time);
}

class UdpSocket {
 public:
  UdpSocket() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    if (fd_ < 0) throw system_error("no UDP socket");
  }
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;
  ~UdpSocket() { close(fd_); }
  int fd() const noexcept { return fd_; }

 private:
  int fd_;
};

sockaddr_in place(const char* address) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(kUdpPort);
  if (inet_pton(AF_INET, address, &result.sin_addr) != 1) throw std::runtime_error(address);
  return result;
}

struct Plan {
  std::string netns;
  sockaddr_in to;
  int count;
  std::chrono::nanoseconds interval;
  int cpu;
};

/// \throws when the namespace cannot be entered; a thread has a namespace of its own.
void enter(const Plan& plan) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(plan.cpu), &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) throw system_error("cannot pin the sender");
  const int fd = open(plan.netns.c_str(), O_RDONLY | O_CLOEXEC);
  const bool entered = fd >= 0 && setns(fd, CLONE_NEWNET) == 0;
  if (!entered) throw system_error(plan.netns);
  close(fd);
}

void send(const Plan& plan, std::string& error) {
  try {
    enter(plan);
    const UdpSocket socket;
    auto due = std::chrono::steady_clock::now();
    for (int i = 0; i < plan.count; ++i) {
      std::this_thread::sleep_until(due += plan.interval);
      const std::int64_t sent = now();
      sendto(socket.fd(), &sent, sizeof sent, 0, reinterpret_cast<const sockaddr*>(&plan.to),
             sizeof plan.to);
    }
  } catch (const std::exception& failure) {
    error = failure.what();
  }
}

/// Undefined results have no place here: a packet without the kernel's time is a failure.
std::int64_t received_at(msghdr& message) {
  for (cmsghdr* note = CMSG_FIRSTHDR(&message); note != nullptr;
       note = CMSG_NXTHDR(&message, note)) {
    if (note->cmsg_level != SOL_SOCKET || note->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec time{};
    std::memcpy(&time, CMSG_DATA(note), sizeof time);
    return nanoseconds(time);
  }
  throw std::runtime_error("the kernel told no time of receipt");
}

std::vector<std::int64_t> receive(const UdpSocket& socket, int count) {
  std::vector<std::int64_t> result;
  while (static_cast<int>(result.size()) < count) {
    std::int64_t sent = 0;
    iovec data{.iov_base = &sent, .iov_len = sizeof sent};
    alignas(cmsghdr) std::array<char, 128> notes{};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = notes.data();
    message.msg_controllen = notes.size();
    if (recvmsg(socket.fd(), &message, 0) < 0) break;
    result.push_back(received_at(message) - sent);
  }
  return result;
}

void probe(const Plan& plan) {
  const UdpSocket socket;
  const int on = 1;
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_port = htons(kUdpPort);
  const bool ready =
      setsockopt(socket.fd(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0 &&
      setsockopt(socket.fd(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience) == 0 &&
      bind(socket.fd(), reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0;
  if (!ready) throw system_error("cannot receive");
  std::string error;
  std::thread sender([&plan, &error] { send(plan, error); });
  const std::vector<std::int64_t> all = receive(socket, plan.count);
  sender.join();
  if (!error.empty()) throw std::runtime_error(error);
  std::printf("[");
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::printf("%s%lld", i == 0 ? "" : ",", static_cast<long long>(all[i]));
  }
  std::printf("]\n");
}

}  // namespace

int main(int count, char** given) {
  try {
    if (count != 6) throw std::runtime_error("five arguments are needed; probe.cc tells them");
    probe({.netns = given[1],
           .to = place(given[2]),
           .count = std::stoi(given[3]),
           .interval = std::chrono::nanoseconds(1'000'000'000 / std::stoll(given[4])),
           .cpu = std::stoi(given[5])});
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "adit_probe: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
