#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

struct mnl_socket;
struct nlmsghdr;

namespace adit {

/// A non-blocking rtnetlink socket in the network namespace of the thread that made it.
class RtSocket {
 public:
  enum class Received : std::uint8_t {
    kData,
    kNothing,  // the queue is empty
    kOverrun,  // the kernel dropped messages: what was known may be stale
    kFailed,   // anything else; errno says what
  };

  /// \param receive_bytes size of the kernel's receive queue, a wish.
  /// \throws Failure ADIT-2201 when the kernel refuses the socket.
  explicit RtSocket(std::uint32_t receive_bytes);
  ~RtSocket();
  RtSocket(const RtSocket&) = delete;
  RtSocket& operator=(const RtSocket&) = delete;

  [[nodiscard]] int fd() const noexcept;

  /// Joins a multicast group (RTNLGRP_*); false, with errno, if the kernel has no such group.
  [[nodiscard]] bool join(unsigned group) noexcept;

  [[nodiscard]] bool send(std::span<const std::uint8_t> bytes) noexcept;

  /// Reads one datagram of the kernel's; `visit` gets each of its messages, each of a checked
  /// length. Datagrams from other processes are skipped.
  Received receive(const std::function<void(const nlmsghdr&)>& visit);

 private:
  struct Close {
    void operator()(mnl_socket* socket) const noexcept;
  };
  std::unique_ptr<mnl_socket, Close> socket_;
  std::vector<std::uint64_t> buffer_;  // 64-bit words, so that headers are aligned
};

}  // namespace adit
