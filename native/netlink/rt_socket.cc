#include "netlink/rt_socket.h"

#include <libmnl/libmnl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "packet/failure.h"

namespace adit {
namespace {

/// The kernel fills dump datagrams up to 32 KiB when the reader offers as much.
constexpr std::size_t kReceiveBytes = 32UL * 1024;

void set_receive_queue(int fd, std::uint32_t bytes) {
  const int value = static_cast<int>(bytes);
  // FORCE passes net.core.rmem_max and needs CAP_NET_ADMIN; without it the limit holds.
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &value, sizeof value) == 0) return;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, sizeof value);
}

}  // namespace

void RtSocket::Close::operator()(mnl_socket* socket) const noexcept { mnl_socket_close(socket); }

RtSocket::RtSocket(std::uint32_t receive_bytes)
    : socket_(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK)),
      buffer_(kReceiveBytes / sizeof(std::uint64_t)) {
  if (!socket_ || mnl_socket_bind(socket_.get(), 0, MNL_SOCKET_AUTOPID) < 0) {
    throw Failure(
        "ADIT-2201", std::string("cannot open an rtnetlink socket: ") + strerror(errno),
        "Allow AF_NETLINK sockets (RestrictAddressFamilies= of systemd, seccomp filters).");
  }
  set_receive_queue(fd(), receive_bytes);
  // Errors come back without the request's own bytes, so that many fit the queue.
  const int on = 1;
  setsockopt(fd(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
}

RtSocket::~RtSocket() = default;

int RtSocket::fd() const noexcept { return mnl_socket_get_fd(socket_.get()); }

bool RtSocket::join(unsigned group) noexcept {
  return setsockopt(fd(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) == 0;
}

bool RtSocket::send(std::span<const std::uint8_t> bytes) noexcept {
  const ssize_t sent = mnl_socket_sendto(socket_.get(), bytes.data(), bytes.size());
  return sent == static_cast<ssize_t>(bytes.size());
}

RtSocket::Received RtSocket::receive(const std::function<void(const nlmsghdr&)>& visit) {
  sockaddr_nl sender{};
  iovec vector{.iov_base = buffer_.data(), .iov_len = kReceiveBytes};
  msghdr header{};
  header.msg_name = &sender;
  header.msg_namelen = sizeof sender;
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  const ssize_t bytes = recvmsg(fd(), &header, 0);
  if (bytes < 0) {
    if (errno == EAGAIN || errno == EINTR) return Received::kNothing;
    return errno == ENOBUFS ? Received::kOverrun : Received::kFailed;
  }
  if (sender.nl_pid != 0) return Received::kData;
  // A cut datagram has lost what stood behind the cut, as an overrun has.
  if ((header.msg_flags & MSG_TRUNC) != 0) return Received::kOverrun;
  int left = static_cast<int>(bytes);
  const auto* message = reinterpret_cast<const nlmsghdr*>(buffer_.data());
  while (mnl_nlmsg_ok(message, left)) {
    visit(*message);
    message = mnl_nlmsg_next(message, &left);
  }
  return Received::kData;
}

}  // namespace adit
