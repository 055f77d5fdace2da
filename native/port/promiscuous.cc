#include "port/promiscuous.h"

#include <linux/if_packet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "packet/failure.h"

namespace adit {

// Protocol 0: the socket itself receives nothing.
Promiscuous::Promiscuous(unsigned ifindex) : fd_(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)) {
  packet_mreq membership{};
  membership.mr_ifindex = static_cast<int>(ifindex);
  membership.mr_type = PACKET_MR_PROMISC;
  if (fd_ >= 0 &&
      setsockopt(fd_, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership) == 0) {
    return;
  }
  const int error = errno;
  if (fd_ >= 0) close(fd_);
  throw Failure("ADIT-2110",
                "cannot make interface " + std::to_string(ifindex) +
                    " take frames for every MAC: " + std::strerror(error),
                error == EPERM ? "give the program CAP_NET_RAW" : "check `ip link`");
}

Promiscuous::~Promiscuous() { close(fd_); }

}  // namespace adit
