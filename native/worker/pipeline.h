#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "packet/inner.h"
#include "table/table.h"
#include "worker/egress.h"
#include "worker/environment.h"
#include "worker/fast_path.h"
#include "worker/trace.h"
#include "worker/underlay_errors.h"

namespace adit {

/// The path of packets between ports: classify, pop, service, push, send. One
/// worker's; every stage works on a burst, so that the lookups of the whole
/// burst are fetched together. A frame that comes in leaves in exactly one way:
/// into a port's ring, back to the pool with one drop reason counted or as
/// consumed, or into the hold queue. Here is the way in; `Egress` is the way out.
class Pipeline {
 public:
  using Environment = PathEnvironment;

  explicit Pipeline(Environment environment);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Tells `trace` each step of each packet from now on.
  void record(Trace* trace) noexcept {
    trace_ = trace;
    egress_.record(trace);
    underlay_errors_.record(trace);
  }

  /// Takes up to kBurst packets that were received on `port`. What they become
  /// may stay queued until `flush`.
  void process(const Table& table, std::size_t port, std::span<const Packet> burst,
               std::uint64_t now_ns) noexcept;

  /// Sends what is queued for each port and does the ports' work of a burst.
  void flush(const Table& table) noexcept { egress_.flush(table); }

  /// Sends held frames whose next hop is known now, drops those that waited too
  /// long.
  void release_held(const Table& table, std::uint64_t now_ns) noexcept {
    egress_.release_held(table, now_ns);
  }
  /// Drops all held frames; for the end of a run.
  void drop_held(const Table& table) noexcept { egress_.drop_held(table); }

  /// Frames in the pipeline's hands: held, and queued for sending.
  [[nodiscard]] std::size_t frames_in_hand() const noexcept { return egress_.frames_in_hand(); }

 private:
  struct Slot {
    Packet packet;
    std::uint32_t member_in = kNoMember;
    std::uint8_t popped_pcp = Outgoing::kNoPcp;
    std::uint32_t hash = 0;
    std::uint32_t tunnel = 0;
    InnerFrame inner;
    OuterPacket outer;
  };

  void process_tunnels(const Table& table, std::size_t port, std::span<const Packet> burst,
                       std::uint64_t now_ns) noexcept;
  void process_attachments(const Table& table, std::size_t port, std::span<const Packet> burst,
                           std::uint64_t now_ns) noexcept;
  // The general path: every rule, stage by stage.
  void take_tunnels(const Table& table, std::size_t port, std::span<const Packet> burst,
                    std::uint64_t now_ns) noexcept;
  void take_attached(const Table& table, std::size_t port, std::span<const Packet> burst,
                     std::uint64_t now_ns) noexcept;
  void fill_slots(std::size_t port, std::span<const Packet> burst) noexcept;

  // Stages; each keeps the slots that go on at the front and returns how many.
  std::size_t receive_attachment(const Table& table, std::size_t port, std::size_t count,
                                 std::uint64_t now_ns) noexcept;
  std::size_t read_outer_headers(const Table& table, std::size_t port, std::size_t count) noexcept;
  std::size_t find_tunnels(const Table& table, std::size_t count) noexcept;
  std::size_t decapsulate(const Table& table, std::size_t count) noexcept;
  void send_to_peers(const Table& table, std::size_t count, std::uint64_t now_ns) noexcept;

  DropReason match_attachment(const Table& table, std::size_t port, Slot& slot) noexcept;
  /// Takes the IP packet out of an attachment's frame; false when that is no
  /// packet that goes on: the frame is dropped, or was the gateway's own.
  bool enter_ip(const Table& table, const Attachment& attachment, Slot& slot,
                std::uint64_t now_ns) noexcept;
  void consume(const Table& table, Slot& slot, bool is_answered, const MacAddress& own,
               std::uint64_t now_ns) noexcept;
  DropReason pop_tunnel(const Table& table, Slot& slot) noexcept;
  DropReason accept_inner(const Tunnel& tunnel, Slot& slot) noexcept;
  void clamp(const Tunnel& tunnel, const Slot& slot) noexcept;
  void count_received(Slot& slot) noexcept;

  Environment env_;
  /// Null but for `explain`.
  Trace* trace_ = nullptr;
  /// When the burst in hand was taken.
  std::uint64_t now_ns_ = 0;
  std::array<Slot, kBurst> slots_;
  /// The two parts of a burst of a port that takes both.
  std::array<Packet, kBurst> tunnels_;
  std::array<Packet, kBurst> attached_;
  Egress egress_;
  FastPath fast_path_;
  UnderlayErrors underlay_errors_;
};

}  // namespace adit
