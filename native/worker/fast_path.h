#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "table/table.h"
#include "worker/egress.h"
#include "worker/environment.h"
#include "worker/fast_arrival.h"
#include "worker/fast_view.h"

namespace adit {

/// The way of ordinary packets between two members, header pop to header push in one go.
///
/// Most packets need nothing but a lookup, a template and a few patched fields. What those are is
/// decided by the table for a whole cross-connect (`FastWay`) and by a look at each packet; all
/// others go through `Pipeline`, which knows every rule. A packet that is left there was neither
/// changed nor counted here, and for one that is taken here both give the same bytes and counts.
///
/// Each packet pays for its own lookups, so that the cost does not depend on how many tunnels a
/// burst is for; only where all packets of a port come by one attachment is the way looked up once.
class FastPath {
 public:
  /// \param environment, egress outlive this.
  FastPath(const PathEnvironment& environment, Egress& egress);

  /// Notes how each port is to be used. To be called before `forward`, and again after the pipeline
  /// may have changed it.
  void look_at_ports() noexcept;

  using Claims = std::array<std::uint32_t, kBurst>;

  /// Finds by which attachment each packet comes in; TagMap::kNone: left to the pipeline.
  void find_claims(const Table& table, std::size_t port, std::span<const Packet> burst,
                   Claims& claims) const noexcept;
  /// Finds out of which tunnel each packet comes.
  void find_arrivals(const Table& table, std::size_t port, std::span<const Packet> burst,
                     std::array<FastArrival, kBurst>& arrivals) const noexcept;

  // Each sends packets from the first one on, and returns how many: up to one that is left to the
  // pipeline, or of another kind, for which to call again.

  /// Packets that all came in by one attachment, without tags.
  std::size_t forward_all(const Table& table, const Attachment& from, std::size_t port,
                          std::span<const Packet> packets) noexcept;
  /// Packets that came in by attachments. \param claims one to each; the first is not kNone.
  std::size_t forward(const Table& table, std::size_t port, std::span<const Packet> packets,
                      std::span<const std::uint32_t> claims) noexcept;
  /// Packets that came out of tunnels. \param arrivals one to each; the first has a tunnel.
  std::size_t forward(const Table& table, std::size_t port, std::span<const Packet> packets,
                      std::span<const FastArrival> arrivals) noexcept;

 private:
  /// Calls `send` with the sink for what is sent that way; 0 where there is none.
  template <typename Send>
  std::size_t with_sink(FastWay way, Send send) noexcept;
  template <typename Source>
  std::size_t forward_by(const Table& table, const Source& source, FastWay way,
                         std::uint32_t reserved) noexcept;
  template <typename Sink, typename Source>
  [[gnu::noinline]] std::size_t send_each(const Table& table, Source source, FastWay way,
                                          std::uint32_t reserved) noexcept;
  template <typename Sink, typename Source>
  std::size_t send_all(const Table& table, const Source& source, const Attachment& from,
                       std::uint32_t reserved) noexcept;
  template <typename Sink, typename Source>
  [[gnu::noinline]] static std::size_t fill(Source source, Sink sink, TxQueue& queue) noexcept;

  const PathEnvironment& env_;
  Egress& egress_;
  /// By port.
  std::vector<PortExit> exits_;
};

}  // namespace adit
