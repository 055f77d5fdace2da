#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "packet/frame_pool.h"
#include "packet/inner.h"
#include "packet/port.h"
#include "table/next_hop.h"
#include "table/table.h"
#include "worker/counters.h"
#include "worker/hold_queue.h"
#include "worker/port_status.h"

namespace adit {

/// The path of packets between ports: classify, pop, service, push, send. One worker's; every stage
/// works on a burst, so that the lookups of the whole burst are fetched together. A frame that
/// comes in leaves in exactly one way: into a port's ring, back to the pool with one drop reason
/// counted, or into the hold queue.
class Pipeline {
 public:
  /// What the pipeline works with and does not own. `ports` are by port index; a null port takes
  /// nothing (`port_down`).
  struct Environment {
    FramePool& pool;
    std::vector<Port*> ports;
    /// By port index: bytes at the start of a received frame that a push may not use.
    std::vector<std::uint32_t> reserved;
    const NextHopTable& next_hops;
    const PortStatusList& port_status;
    Counters& counters;
  };

  explicit Pipeline(Environment environment);

  /// Takes up to kBurst packets that were received on `port`. What they become may stay queued
  /// until `flush`.
  void process(const Table& table, std::size_t port, std::span<const Packet> burst,
               std::uint64_t now_ns) noexcept;

  /// Sends what is queued for each port and does the ports' work of a burst.
  void flush(const Table& table) noexcept;

  /// Sends held frames whose next hop is known now, drops those that waited too long.
  void release_held(const Table& table, std::uint64_t now_ns) noexcept;
  /// Drops all held frames; for the end of a run.
  void drop_held(const Table& table) noexcept;

  /// Frames in the pipeline's hands: held, and queued for sending.
  [[nodiscard]] std::size_t frames_in_hand() const noexcept;

 private:
  struct Slot {
    Packet packet;
    std::uint32_t member_in = kNoMember;
    std::uint64_t hash = 0;
    std::uint32_t tunnel = 0;
    InnerFrame inner;
    OuterPacket outer;
  };
  struct Queued {
    std::uint32_t member_in = kNoMember;
    std::uint32_t member_out = kNoMember;
    std::uint32_t bytes = 0;
  };
  struct TxQueue {
    std::array<Packet, kBurst> packets;
    std::array<Queued, kBurst> queued;
    std::size_t size = 0;
  };

  // Stages; each keeps the slots that go on at the front and returns how many.
  std::size_t receive_attachment(const Table& table, std::size_t port, std::size_t count) noexcept;
  std::size_t read_outer_headers(const Table& table, std::size_t count) noexcept;
  std::size_t find_tunnels(const Table& table, std::size_t count) noexcept;
  std::size_t decapsulate(const Table& table, std::size_t count) noexcept;
  void send_to_peers(const Table& table, std::size_t count, std::uint64_t now_ns) noexcept;

  DropReason match_attachment(const Table& table, std::size_t port, Slot& slot) noexcept;
  DropReason pop_tunnel(const Table& table, Slot& slot) noexcept;
  DropReason send_to_attachment(const Table& table, const Outgoing& outgoing) noexcept;
  DropReason send_to_tunnel(const Table& table, const Outgoing& outgoing, const InnerFrame& inner,
                            std::uint64_t now_ns) noexcept;
  DropReason encapsulate(const Table& table, const Outgoing& outgoing, const InnerFrame& inner,
                         const NextHop& hop) noexcept;
  DropReason hold(const Outgoing& outgoing, std::uint32_t next_hop, std::uint64_t now_ns) noexcept;
  DropReason queue(const Table& table, std::size_t port, Packet packet, const Outgoing& outgoing,
                   std::uint32_t bytes) noexcept;
  void flush_port(const Table& table, std::size_t port) noexcept;
  void count_received(Slot& slot) noexcept;
  void drop(const Table& table, const Packet& packet, std::uint32_t member_in,
            DropReason reason) noexcept;

  Environment env_;
  std::array<Slot, kBurst> slots_;
  std::vector<TxQueue> tx_;
  HoldQueue held_;
  std::uint16_t identification_ = 0;
};

}  // namespace adit
