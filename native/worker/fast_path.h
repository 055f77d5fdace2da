#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "table/table.h"
#include "worker/egress.h"
#include "worker/environment.h"
#include "worker/fast_arrival.h"

namespace adit {

/// The way of ordinary packets between two members, header pop to header push in one go.
///
/// Most packets need nothing but a lookup, a template and a few patched fields. What those are is
/// decided by the table for a whole cross-connect (`FastWay`) and by a look at each packet; all
/// others go through `Pipeline`, which knows every rule. A packet that is left there was neither
/// changed nor counted here, and for one that is taken here both give the same bytes and counts.
///
/// Packets go in runs: neighbors in a burst that take the same way, for which all that does not
/// differ between packets is read once.
class FastPath {
 public:
  /// \param environment, egress outlive this.
  FastPath(const PathEnvironment& environment, Egress& egress) noexcept
      : env_(environment), egress_(egress) {}

  using Claims = std::array<std::uint32_t, kBurst>;

  /// Finds by which attachment each packet comes in; TagMap::kNone: left to the pipeline.
  void find_claims(const Table& table, std::size_t port, std::span<const Packet> burst,
                   Claims& claims) const noexcept;
  /// Finds out of which tunnel each packet comes.
  void find_arrivals(const Table& table, std::size_t port, std::span<const Packet> burst,
                     std::array<FastArrival, kBurst>& arrivals) const noexcept;

  /// What became of a run.
  struct Run {
    /// Packets from its start that are queued for sending.
    std::size_t done = 0;
    /// Whether the next packet alone is one for the pipeline; else all that are left are.
    bool is_open = false;
  };
  /// Sends packets that came in by one attachment.
  Run forward(const Table& table, const Attachment& from, std::size_t port,
              std::span<const Packet> packets) noexcept;
  /// Sends packets that came out of one tunnel.
  Run forward(const Table& table, const Tunnel& from, std::size_t port,
              std::span<const Packet> packets, std::span<const FastArrival> arrivals) noexcept;

 private:
  struct Ends {
    std::uint32_t member_in = kNoMember;
    std::uint32_t member_out = kNoMember;
  };

  /// Where a run's packets come from and go.
  struct Way {
    FastWay kind = FastWay::kNone;
    /// Index of the attachment or tunnel.
    std::uint32_t to = 0;
    std::uint32_t member_in = kNoMember;
    /// Bytes at the start of a received frame that a push may not use.
    std::uint32_t reserved = 0;
  };

  template <typename Source>
  Run send(const Table& table, const Source& source, const Way& way) noexcept;
  template <typename Source>
  Run to_attachment(const Table& table, const Source& source, const Attachment& to,
                    const Way& way) noexcept;
  template <typename Source>
  Run to_tunnel(const Table& table, const Source& source, const Tunnel& to,
                const Way& way) noexcept;
  template <typename Source, typename Sink>
  [[gnu::noinline]] static std::size_t fill(const Source& source, const Sink& sink, std::size_t begin,
                          std::size_t end, TxQueue& queue) noexcept;
  template <typename Source, typename Sink>
  Run move(const Table& table, std::size_t port, const Source& source, const Sink& sink,
           Ends ends) noexcept;

  const PathEnvironment& env_;
  Egress& egress_;
};

}  // namespace adit
