#include "port/xsk_tuning.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace adit {
namespace {

constexpr int kSendBufferBytes = 4 << 20;
/// How long the kernel may poll in a call that waits; ours do not.
constexpr int kBusyPollMicroseconds = 20;

// From <linux/if_xdp.h> of Linux 6.17; the headers that we build with may be older.
constexpr int kMaxTxSkbBudget = 9;

int set(int fd, int level, int option, int value) noexcept {
  return setsockopt(fd, level, option, &value, sizeof value) == 0 ? 0 : errno;
}

}  // namespace

void raise_send_buffer(int fd) noexcept { set(fd, SOL_SOCKET, SO_SNDBUFFORCE, kSendBufferBytes); }

bool raise_send_budget(int fd, std::uint32_t packets) noexcept {
  return set(fd, SOL_XDP, kMaxTxSkbBudget, static_cast<int>(packets)) == 0;
}

std::string prefer_busy_poll(int fd, std::uint32_t packets) {
  int error = set(fd, SOL_SOCKET, SO_PREFER_BUSY_POLL, 1);
  if (error == 0) error = set(fd, SOL_SOCKET, SO_BUSY_POLL, kBusyPollMicroseconds);
  if (error == 0) error = set(fd, SOL_SOCKET, SO_BUSY_POLL_BUDGET, static_cast<int>(packets));
  if (error == 0) return {};
  if (error == ENOPROTOOPT) return "the kernel has none: it takes Linux 5.11";
  if (error == EPERM) return "it is not permitted: it takes CAP_NET_ADMIN";
  return std::strerror(error);
}

unsigned napi_of(int fd) noexcept {
  unsigned napi = 0;
  socklen_t bytes = sizeof napi;
  if (getsockopt(fd, SOL_SOCKET, SO_INCOMING_NAPI_ID, &napi, &bytes) != 0) return 0;
  return napi;
}

}  // namespace adit
