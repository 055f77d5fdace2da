// Making and binding an XskSocket; xsk_socket.cc has what a bound one does.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "packet/port.h"
#include "port/multi_buffer.h"
#include "port/xsk_socket.h"
#include "port/xsk_tuning.h"

namespace adit {
namespace {

constexpr std::chrono::milliseconds kBusyPatience{3000};
constexpr std::chrono::milliseconds kFirstPause{10};
constexpr std::chrono::milliseconds kLongestPause{200};
// A socket that never sends still has to have a completion ring.
constexpr std::uint32_t kIdleCompletionEntries = 64;

int open_socket() {
  const int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (fd >= 0) return fd;
  const int error = errno;
  const std::string what = std::string("cannot open an AF_XDP socket: ") + std::strerror(error);
  if (error == EPERM || error == EACCES) {
    throw Failure("ADIT-2105", what, "run as root, or give the program CAP_NET_RAW");
  }
  if (error == EAFNOSUPPORT) {
    throw Failure("ADIT-2105", what, "use a kernel built with CONFIG_XDP_SOCKETS");
  }
  throw Failure("ADIT-2105", what, "raise the limit of open files (LimitNOFILE= of systemd)");
}

int bind_to(int fd, const sockaddr_xdp& address) noexcept {
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  return ::bind(fd, generic, sizeof address) == 0 ? 0 : errno;
}

bool is_zero_copy_refusal(int error) noexcept {
  return error != EBUSY && error != EPERM && error != ENODEV && error != ENETDOWN &&
         error != ENOMEM && error != ENOBUFS;
}

[[noreturn]] void fail_bind(const XskSocket::Options& options, bool zero_copy, int error) {
  const std::string place =
      "queue " + std::to_string(options.queue) + " of interface " + options.interface;
  const std::string reason = std::string(": ") + std::strerror(error);
  if (zero_copy && is_zero_copy_refusal(error)) {
    throw ZeroCopyRefused("ADIT-2109", "no zero copy on " + place + reason,
                          "set zeroCopy to \"auto\" or \"off\"");
  }
  switch (error) {
    case EBUSY:
      throw Failure("ADIT-2107", place + " is taken by another AF_XDP socket",
                    "stop the other program that uses AF_XDP there (`ss --xdp`), or claim other "
                    "queues");
    case EINVAL:
      throw Failure("ADIT-2108", "cannot bind to " + place + reason,
                    "check with `ethtool -l " + options.interface + "` that there is such a queue");
    case ENETDOWN:
      throw Failure("ADIT-2108", "cannot bind to " + place + reason,
                    "run `ip link set dev " + options.interface + " up`");
    case ENODEV:
      throw Failure("ADIT-2101", "cannot bind to " + place + ": there is no such interface",
                    "check `ip link`, and the network namespace");
    default:
      throw Failure("ADIT-2108", "cannot bind to " + place + reason,
                    "check `ip -d link show dev " + options.interface + "`");
  }
}

}  // namespace

bool kernel_has_multi_buffer() {
  const int fd = open_socket();
  // The kernel looks at the flags before the interface, of which there is none with this number.
  sockaddr_xdp address{};
  address.sxdp_family = AF_XDP;
  address.sxdp_flags = kUseMultiBuffer;
  address.sxdp_ifindex = 0x7fffffff;
  const int error = bind_to(fd, address);
  close(fd);
  return error == ENODEV;
}

XskSocket::XskSocket(Umem& umem, Options options)
    : umem_(umem),
      options_(std::move(options)),
      fd_(open_socket()),
      refill_step_(std::clamp<std::uint32_t>(options_.fill_target / 4, 1, kBurst)),
      assembly_(umem.pool()) {
  const std::uint32_t completions =
      options_.sends ? options_.completion_size : kIdleCompletionEntries;
  try {
    fill_memory_ = make_ring(fd_, RingKind::kFill, options_.ring_size, fill_);
    completion_memory_ = make_ring(fd_, RingKind::kCompletion, completions, completion_);
    rx_memory_ = make_ring(fd_, RingKind::kRx, options_.ring_size, rx_);
    if (options_.sends) tx_memory_ = make_ring(fd_, RingKind::kTx, options_.ring_size, tx_);
    tune();
    holder_ = umem_.join();
  } catch (...) {
    close(fd_);
    throw;
  }
}

void XskSocket::tune() {
  if (options_.sends) {
    raise_send_buffer(fd_);
    raise_send_budget(fd_, kBurst);
  }
  if (options_.busy_poll) busy_poll_refusal_ = prefer_busy_poll(fd_, kBurst);
}

int XskSocket::bind(bool zero_copy) {
  sockaddr_xdp address{};
  address.sxdp_family = AF_XDP;
  address.sxdp_ifindex = options_.ifindex;
  address.sxdp_queue_id = options_.queue;
  // A socket whose interface is gone is not bound any more and cannot be shared with (EBADF).
  // The mode flags are those of the socket that is shared with and must not be repeated.
  address.sxdp_flags = XDP_SHARED_UMEM;
  for (const int live : umem_.bound()) {
    address.sxdp_shared_umem_fd = static_cast<std::uint32_t>(live);
    const int error = bind_to(fd_, address);
    if (error != EBADF) return error;
  }
  umem_.register_through(fd_);
  address.sxdp_shared_umem_fd = 0;
  const bool multi_buffer = umem_.pool().layout().max_buffers > 1;
  address.sxdp_flags =
      static_cast<std::uint16_t>(XDP_USE_NEED_WAKEUP | (zero_copy ? XDP_ZEROCOPY : XDP_COPY) |
                                 (multi_buffer ? kUseMultiBuffer : 0));
  return bind_to(fd_, address);
}

std::unique_ptr<XskSocket> XskSocket::open(Umem& umem, const Options& options, bool zero_copy) {
  const auto deadline = std::chrono::steady_clock::now() + kBusyPatience;
  for (auto pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
    // A socket whose bind failed may be half set up, so each try is a new one.
    std::unique_ptr<XskSocket> socket(new XskSocket(umem, options));
    const int error = socket->bind(zero_copy);
    if (error == 0) {
      umem.add_bound(socket->fd_);
      socket->napi_ = napi_of(socket->fd_);
      return socket;
    }
    const bool wait = error == EBUSY && std::chrono::steady_clock::now() < deadline;
    if (!wait) fail_bind(options, zero_copy, error);
    socket.reset();
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace adit
