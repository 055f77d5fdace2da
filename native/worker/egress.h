#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "packet/inner.h"
#include "service/fragment.h"
#include "service/icmp_error.h"
#include "table/table.h"
#include "worker/environment.h"
#include "worker/hold_queue.h"
#include "worker/trace.h"
#include "worker/tx_queue.h"

namespace adit {

/// The way out: from a member's frame or IP packet to a port's ring. What cannot
/// go on is dropped here, under one reason; what waits for a next hop is held.
class Egress {
 public:
  /// \param environment outlives this.
  explicit Egress(const PathEnvironment& environment);

  void record(Trace* trace) noexcept { trace_ = trace; }

  /// Sends `outgoing` by its member_out, or drops it. \param inner what
  /// `outgoing.frame` holds.
  void send(const Table& table, const Outgoing& outgoing, const InnerFrame& inner,
            std::uint64_t now_ns) noexcept;

  /// Sends what is queued for each port and does the ports' work of a burst.
  void flush(const Table& table) noexcept;

  /// Sends held frames whose next hop is known now, drops those that waited too
  /// long for one that still is not.
  void release_held(const Table& table, std::uint64_t now_ns) noexcept;
  /// Drops all held frames; for the end of a run.
  void drop_held(const Table& table) noexcept;

  /// Counts a frame under `reason`, if it is not accounted for already (kNone), and sends the ICMP
  /// error about it, made in its place, by the member that it came in by. False, with nothing done,
  /// where that may not be (RFC 4443 §2.4), or not now.
  [[nodiscard]] bool tell(const Table& table, const Outgoing& outgoing, const InnerFrame& inner,
                          const IcmpError& error, DropReason reason, std::uint64_t now_ns) noexcept;

  /// Counts a frame under one reason, and gives it back to the pool.
  void drop(const Table& table, const Packet& packet, std::uint32_t member_in,
            DropReason reason) noexcept;

  /// The queue of a port that exists; there is always room for one more. Who adds any counts them
  /// as their members', and calls `flush_if_full` after each that may have been the last to fit.
  [[nodiscard]] TxQueue& queue_of(std::size_t port) noexcept { return tx_[port]; }
  void flush_if_full(const Table& table, std::size_t port) noexcept {
    if (tx_[port].size == kBurst) flush_port(table, port);
  }
  [[nodiscard]] bool holds_any() const noexcept { return held_.size() > 0; }

  /// Frames that are held, or queued for sending.
  [[nodiscard]] std::size_t frames_in_hand() const noexcept;

 private:
  DropReason send_to_attachment(const Table& table, const Outgoing& outgoing,
                                const InnerFrame& inner, std::uint64_t now_ns) noexcept;
  DropReason push_neighbor(const Table& table, const Attachment& attachment,
                           const InnerFrame& inner, Packet& packet) noexcept;
  DropReason send_to_tunnel(const Table& table, const Outgoing& outgoing, const InnerFrame& inner,
                            std::uint64_t now_ns) noexcept;
  DropReason encapsulate(const Table& table, const Outgoing& outgoing, const InnerFrame& inner,
                         const NextHop& hop, std::uint64_t now_ns) noexcept;
  /// What becomes of a frame that is too big for a tunnel: fragments, or as `refuse_size`.
  DropReason exceed(const Table& table, const Outgoing& outgoing, const InnerFrame& inner,
                    const NextHop& hop, std::uint64_t now_ns) noexcept;
  DropReason send_fragments(const Table& table, const Outgoing& outgoing, const FragmentPlan& plan,
                            const NextHop& hop, std::uint64_t now_ns) noexcept;
  /// Tells the sender that IP packets of up to `limit` bytes fit. \returns k_too_big, or kNone
  /// where the message took the frame's place and the frame is counted as dropped.
  DropReason refuse_size(const Table& table, const Outgoing& outgoing, const InnerFrame& inner,
                         std::uint32_t limit, std::uint64_t now_ns) noexcept;
  /// Why the sender of a frame may not be told now; null where it may, and then a token is taken.
  const char* silence(const Table& table, const Outgoing& outgoing, const InnerFrame& inner,
                      const IcmpError& error, std::uint64_t now_ns) noexcept;
  void count_drop(const Table& table, const Packet& packet, std::uint32_t member_in,
                  DropReason reason) noexcept;
  DropReason hold(const Table& table, const Outgoing& outgoing, std::uint32_t next_hop,
                  std::uint64_t now_ns) noexcept;
  DropReason queue(const Table& table, std::size_t port, Packet packet, const Outgoing& outgoing,
                   std::uint32_t bytes) noexcept;
  void flush_port(const Table& table, std::size_t port) noexcept;
  void refuse(const Table& table, std::size_t port, std::size_t first) noexcept;

  const PathEnvironment& env_;
  /// Null but for `explain`.
  Trace* trace_ = nullptr;
  std::vector<TxQueue> tx_;
  HoldQueue held_;
  /// Generation of the next hops when all that is held was last looked at.
  std::uint64_t held_generation_ = 0;
};

}  // namespace adit
