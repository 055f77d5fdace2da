#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "table/table.h"
#include "worker/egress.h"
#include "worker/environment.h"
#include "worker/fast_sources.h"
#include "worker/fast_view.h"
#include "worker/port_exit.h"

namespace adit {

/// The way of ordinary packets between two members, header pop to header push in one go.
///
/// Most packets need nothing but a lookup, a template and a few patched fields. What those are is
/// decided by the table for a whole cross-connect (`FastWay`) and by a look at each packet; all
/// others go through `Pipeline`, which knows every rule. A packet that is left there was neither
/// changed nor counted here, and for one that is taken here both give the same bytes and counts.
///
/// Each packet into or out of a tunnel pays for its own lookups, so that the cost does not depend
/// on how many tunnels a burst is for; only where all packets of a port come by one attachment is
/// the way looked up once. Between attachments it is looked up once for a run of the same tags.
class FastPath {
 public:
  /// \param environment, egress outlive this.
  FastPath(const PathEnvironment& environment, Egress& egress);

  /// Notes how each port is to be used. To be called before the functions that send, and again
  /// after the pipeline may have changed it.
  void look_at_ports() noexcept;

  /// Finds by which attachment each packet comes in.
  void find_claims(const Table& table, std::size_t port, std::span<const Packet> packets,
                   FastBurst& burst) const noexcept;
  /// Finds out of which tunnel each packet comes.
  void find_arrivals(const Table& table, std::size_t port, std::span<const Packet> packets,
                     FastBurst& burst) const noexcept;

  /// Sends packets from the first one on between attachments, as long as many at a time bear the
  /// same tags; returns how many.
  std::size_t forward_crossing(const Table& table, std::size_t port,
                               std::span<const Packet> packets) noexcept;

  // Each sends packets from the first one on, or that at `begin`, and returns how many: up to one
  // that is left to the pipeline, or of another kind, for which to call again.

  /// Packets that all came in by one attachment, without tags.
  std::size_t forward_all(const Table& table, const Attachment& from, std::size_t port,
                          std::span<const Packet> packets) noexcept;
  /// Packets that came in by attachments. \pre burst has the one at `begin`.
  std::size_t forward_claims(const Table& table, std::size_t port, std::span<const Packet> packets,
                             const FastBurst& burst, std::size_t begin) noexcept;
  /// Packets that came out of tunnels. \pre burst has the one at `begin`.
  std::size_t forward_arrivals(const Table& table, std::size_t port,
                               std::span<const Packet> packets, const FastBurst& burst,
                               std::size_t begin) noexcept;

 private:
  /// What holds for all packets that are sent by one call.
  struct Job {
    std::span<const Packet> packets;
    const FastBurst& burst;
    /// Bytes at a frame's start that are not to be used.
    std::uint32_t reserved = 0;
  };

  /// Packets for one port.
  struct PortJob {
    Job job;
    std::size_t begin = 0;
    std::size_t port = 0;
  };
  /// Two members, and the port that one is left by.
  struct Ends {
    std::uint32_t member_in = 0;
    std::uint32_t member_out = 0;
    std::size_t port = 0;
  };
  /// By place in the queue.
  template <typename Sink>
  using Targets = std::array<typename Sink::Target, kBurst>;

  template <FastSource kFrom>
  std::size_t forward(const Table& table, std::size_t port, std::span<const Packet> packets,
                      const FastBurst& burst, std::size_t begin) noexcept;
  /// Calls `send` with the sink for tunnels that are sent into that way; 0 where there are none.
  template <typename Send>
  std::size_t with_tunnels(FastWay way, Send send) noexcept;
  /// To attachments.
  template <FastSource kFrom>
  std::size_t deliver(const Table& table, const Job& job, std::size_t begin) noexcept;
  /// Into tunnels.
  template <typename Sink, FastSource kFrom>
  std::size_t send_each(const Table& table, const Job& job, std::size_t begin) noexcept;
  template <typename Sink>
  [[gnu::noinline]] static std::size_t open_each(FastView view, PortJob work,
                                                 Targets<Sink>& targets, TxQueue& queue) noexcept;
  template <typename Sink, FastSource kFrom>
  [[gnu::noinline]] static void push_each(FastView view, PortJob work, std::size_t count,
                                          const Targets<Sink>& targets, HashSeed seed,
                                          TxQueue& queue) noexcept;
  /// Packets of one attachment to another, up to one that is not. \param reserved as in `Job`.
  std::size_t cross(const Table& table, const Attachment& from, std::span<const Packet> packets,
                    std::uint32_t reserved) noexcept;
  /// Packets without tags that all came in by one attachment.
  template <typename Sink>
  std::size_t push_all(const Table& table, const Attachment& from, std::span<const Packet> packets,
                       std::uint32_t reserved) noexcept;
  template <typename Fill>
  std::size_t send_all(const Table& table, const Ends& ends, std::span<const Packet> packets,
                       TxQueue& queue, Fill fill) noexcept;
  template <typename Sink>
  [[gnu::noinline]] static std::size_t fill(std::span<const Packet> packets,
                                            typename Sink::Limit limit, Sink sink, HashSeed seed,
                                            TxQueue& queue) noexcept;

  const PathEnvironment& env_;
  Egress& egress_;
  /// By port.
  std::vector<PortExit> exits_;
};

}  // namespace adit
