#include "netlink/rt_request.h"

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "netlink/rt_message.h"

namespace adit {
namespace {

/// Larger than any request we build: header, family header and a few attributes.
constexpr std::size_t kRequestBytes = 128;
constexpr std::uint32_t kReceiveQueueBytes = 1U << 20;
constexpr std::chrono::milliseconds kAnswerTimeout{1000};

/// Link messages without counters, which we do not read (RTEXT_FILTER_SKIP_STATS).
constexpr std::uint32_t kSkipStats = 1U << 3;

int family_of(const IpAddress& address) {
  return address.family == IpFamily::kIpv4 ? AF_INET : AF_INET6;
}

void put_address(nlmsghdr* message, std::uint16_t type, const IpAddress& address) {
  mnl_attr_put(message, type, address.size(), address.bytes.data());
}

/// Waits until the socket has something, but never past `deadline`.
bool wait_readable(int fd, std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  if (left.count() <= 0) return false;
  pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, static_cast<int>(left.count())) >= 0 || errno == EINTR;
}

int error_of(const nlmsghdr& message) {
  if (mnl_nlmsg_get_payload_len(&message) < sizeof(nlmsgerr)) return EBADMSG;
  return -static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(&message))->error;
}

}  // namespace

RtRequester::RtRequester()
    : socket_(kReceiveQueueBytes), buffer_(kRequestBatch * kRequestBytes / sizeof(std::uint64_t)) {}

nlmsghdr* RtRequester::add(std::uint16_t type, std::uint16_t flags) {
  auto* message = mnl_nlmsg_put_header(reinterpret_cast<std::uint8_t*>(buffer_.data()) + used_);
  message->nlmsg_type = type;
  message->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  message->nlmsg_seq = sequence_ + static_cast<std::uint32_t>(count_++);
  return message;
}

bool RtRequester::exchange(const std::function<void(std::size_t, int, const nlmsghdr*)>& answer) {
  const std::uint32_t first = sequence_;
  const std::size_t count = count_;
  const bool sent = socket_.send({reinterpret_cast<std::uint8_t*>(buffer_.data()), used_});
  // Numbers are never reused soon, so that a late answer is not taken for another's.
  sequence_ += static_cast<std::uint32_t>(count);
  used_ = count_ = 0;
  if (!sent) return false;
  std::size_t answered = 0;
  const auto deadline = std::chrono::steady_clock::now() + kAnswerTimeout;
  while (answered < count) {
    const auto received = socket_.receive([&](const nlmsghdr& message) {
      const std::uint32_t index = message.nlmsg_seq - first;
      if (index >= count) return;
      ++answered;
      if (message.nlmsg_type == NLMSG_ERROR) return answer(index, error_of(message), nullptr);
      answer(index, 0, &message);
    });
    if (received == RtSocket::Received::kFailed || received == RtSocket::Received::kOverrun) {
      return false;
    }
    if (received == RtSocket::Received::kNothing && !wait_readable(socket_.fd(), deadline)) {
      return false;
    }
  }
  return true;
}

RtRequester::Dump RtRequester::dump(std::uint16_t type,
                                    const std::function<void(const nlmsghdr&)>& visit) {
  nlmsghdr* request = add(type, NLM_F_DUMP);
  if (type == RTM_GETLINK) {
    mnl_nlmsg_put_extra_header(request, sizeof(ifinfomsg));
    mnl_attr_put_u32(request, IFLA_EXT_MASK, kSkipStats);
  } else if (type == RTM_GETADDR) {
    mnl_nlmsg_put_extra_header(request, sizeof(ifaddrmsg));
  } else {
    mnl_nlmsg_put_extra_header(request, sizeof(ndmsg));
  }
  const std::uint32_t sequence = request->nlmsg_seq;
  const bool sent = socket_.send({reinterpret_cast<std::uint8_t*>(request), request->nlmsg_len});
  used_ = count_ = 0;
  ++sequence_;
  if (!sent) return Dump::kFailed;
  bool done = false;
  bool interrupted = false;
  bool failed = false;
  auto deadline = std::chrono::steady_clock::now() + kAnswerTimeout;
  while (!done) {
    const auto received = socket_.receive([&](const nlmsghdr& message) {
      if (message.nlmsg_seq != sequence) return;
      interrupted |= (message.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
      failed |= message.nlmsg_type == NLMSG_ERROR;
      done |= failed || message.nlmsg_type == NLMSG_DONE;
      if (!done) visit(message);
    });
    if (received == RtSocket::Received::kData) {
      deadline = std::chrono::steady_clock::now() + kAnswerTimeout;
    } else if (received != RtSocket::Received::kNothing || !wait_readable(socket_.fd(), deadline)) {
      return Dump::kFailed;
    }
  }
  if (failed) return Dump::kFailed;
  return interrupted ? Dump::kInterrupted : Dump::kComplete;
}

bool RtRequester::routes(std::span<const RouteRequest> requests,
                         const std::function<void(std::size_t, int, const nlmsghdr*)>& answer) {
  for (const RouteRequest& request : requests.first(std::min(requests.size(), kRequestBatch))) {
    nlmsghdr* message = add(RTM_GETROUTE, 0);
    auto* header = static_cast<rtmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(rtmsg)));
    header->rtm_family = static_cast<std::uint8_t>(family_of(request.remote));
    header->rtm_dst_len = static_cast<std::uint8_t>(8 * request.remote.size());
    put_address(message, RTA_DST, request.remote);
    if (request.local != nullptr) {
      header->rtm_src_len = static_cast<std::uint8_t>(8 * request.local->size());
      put_address(message, RTA_SRC, *request.local);
    }
    used_ += MNL_ALIGN(message->nlmsg_len);
  }
  return exchange(answer);
}

void RtRequester::add_neighbor(const NeighborRequest& request) {
  using Action = NeighborRequest::Action;
  const bool removes = request.action == Action::kRemove;
  nlmsghdr* message =
      removes ? add(RTM_DELNEIGH, NLM_F_ACK) : add(RTM_NEWNEIGH, NLM_F_ACK | NLM_F_CREATE);
  auto* header = static_cast<ndmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ndmsg)));
  header->ndm_family = static_cast<std::uint8_t>(family_of(request.address));
  header->ndm_ifindex = static_cast<int>(request.ifindex);
  put_address(message, NDA_DST, request.address);
  if (!removes) {
    // USE makes the kernel resolve now; a kernel before 5.16 does only that and ignores the
    // attribute. A request with USE and without MANAGED takes the management away.
    header->ndm_flags = NTF_USE;
    if (request.action != Action::kUnmanage) {
      mnl_attr_put_u32(message, NDA_FLAGS_EXT, NTF_EXT_MANAGED);
    }
    if (request.action == Action::kManage) {
      mnl_attr_put_u8(message, NDA_PROTOCOL, kNeighborProtocol);
    }
  }
  used_ += MNL_ALIGN(message->nlmsg_len);
}

bool RtRequester::neighbors(std::span<const NeighborRequest> requests,
                            const std::function<void(std::size_t, int)>& answer) {
  for (const NeighborRequest& request : requests.first(std::min(requests.size(), kRequestBatch))) {
    add_neighbor(request);
  }
  return exchange([&](std::size_t index, int error, const nlmsghdr*) { answer(index, error); });
}

}  // namespace adit
