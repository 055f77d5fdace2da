#pragma once

#include <poll.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "packet/port.h"
#include "port/umem.h"
#include "port/xsk_socket.h"

namespace adit {

/// The link as sending and netlink show it.
enum class LinkState : std::uint8_t {
  kUp,
  /// Nothing is queued while it is down, so that no old packet leaves when it comes up.
  kDown,
  /// The interface was deleted: close the port, and open it again when it is back.
  kGone,
};

/// One port's counters on one worker, over all its sockets and those before a reopening.
struct AfXdpStatistics {
  std::uint64_t received_frames = 0;
  std::uint64_t received_bytes = 0;
  /// Handed to the kernel for sending.
  std::uint64_t sent_frames = 0;
  std::uint64_t sent_bytes = 0;
  std::uint64_t tx_kicks = 0;
  /// From the kernel: lost for want of a frame or of room, and refused as malformed.
  std::uint64_t rx_dropped = 0;
  std::uint64_t rx_ring_full = 0;
  std::uint64_t rx_fill_ring_empty = 0;
  std::uint64_t rx_invalid = 0;
  std::uint64_t tx_invalid = 0;
  /// Received packets that took more frames than a packet may; thrown away.
  std::uint64_t rx_too_long = 0;
};

/// One worker's share of an AF_XDP port: the sockets of the RX queues that it owns; it sends on the
/// first of them. Its frames are in the worker's Umem, so a packet moves from one port's RX ring to
/// another's TX ring as it is. One thread uses it; `statistics` may be read from any while the port
/// is neither opened nor closed.
class AfXdpPort final : public Port {
 public:
  enum class ZeroCopy : std::uint8_t { kAuto, kOn, kOff };

  struct Options {
    /// The port's name, for messages.
    std::string name;
    std::string interface;
    /// RX queues that this worker owns, at least one; it sends on the first.
    std::vector<std::uint32_t> queues;
    std::uint32_t ring_size = 2048;
    /// Frames of the pool that are meant for one queue; half of them at most wait for reception.
    std::uint32_t frames_per_queue = 8192;
    ZeroCopy zero_copy = ZeroCopy::kAuto;
    /// The steering program is attached at the driver's hook; without, there is no zero copy.
    bool native = true;
    /// Preferred busy polling, where the driver has it.
    bool busy_poll = false;
  };

  /// \param umem outlives the port.
  AfXdpPort(Umem& umem, Options options) : umem_(umem), options_(std::move(options)) {}

  [[nodiscard]] const Options& options() const noexcept { return options_; }

  /// Makes and binds the sockets, in this thread's network namespace. Nothing is received before
  /// `start`. All of them or, on an error, none.
  /// \throws ZeroCopyRefused, Failure: those of `read_interface` and `XskSocket::open`, and
  /// ADIT-2103 when the interface has no TX queue of that number.
  void open(bool zero_copy);
  /// Fills the fill rings: reception begins.
  void start() noexcept;
  /// Closes the sockets; all their frames return to the pool.
  void close() noexcept;
  [[nodiscard]] bool is_open() const noexcept { return !sockets_.empty(); }
  [[nodiscard]] bool is_zero_copy() const noexcept {
    return is_open() && sockets_.front()->is_zero_copy();
  }

  /// Why busy polling is not in force on one of the queues; empty when it is, or was not asked for.
  /// From any thread while the port is neither opened nor closed.
  [[nodiscard]] std::string busy_poll_refusal() const;

  /// To be put in the steering program: socket of each owned queue.
  [[nodiscard]] std::span<const std::unique_ptr<XskSocket>> sockets() const noexcept {
    return sockets_;
  }

  std::size_t rx_burst(std::span<Packet> out) noexcept override;
  /// Takes none while the link is not up. No packet may be empty.
  std::size_t tx_burst(std::span<const Packet> packets) noexcept override;
  void flush() noexcept override;

  [[nodiscard]] LinkState link() const noexcept { return link_; }
  /// What netlink says of the link; sending finds out that it is down, but not that it is up again,
  /// nor that the far end of a cable is.
  void set_link(LinkState link) noexcept { link_ = link; }

  /// Packets wait to be sent: come back to `flush` soon.
  [[nodiscard]] bool tx_pending() const noexcept;
  /// Appends what to wait for with `poll` while there is nothing to do.
  void add_poll_descriptors(std::vector<pollfd>& descriptors) const;

  /// Where the frames given to this port are; on the worker's thread.
  [[nodiscard]] FrameCounts frames() const noexcept;
  [[nodiscard]] AfXdpStatistics statistics() const noexcept;

 private:
  using Counter = std::atomic<std::uint64_t>;
  void add_kernel_statistics(AfXdpStatistics& sum) const noexcept;

  Umem& umem_;
  Options options_;
  std::vector<std::unique_ptr<XskSocket>> sockets_;
  std::size_t next_ = 0;
  LinkState link_ = LinkState::kUp;
  Counter received_frames_{0};
  Counter received_bytes_{0};
  Counter sent_frames_{0};
  Counter sent_bytes_{0};
  /// What sockets before a reopening had counted.
  AfXdpStatistics before_;
};

}  // namespace adit
