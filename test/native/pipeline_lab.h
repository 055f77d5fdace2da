#pragma once

#include <doctest/doctest.h>

#include <limits>
#include <map>
#include <memory>
#include <vector>

#include "bytes.h"
#include "packet/packet_assembly.h"
#include "table_lab.h"
#include "worker/pipeline.h"
#include "worker/shared_state.h"

/// A pipeline between ports in memory.
namespace pipeline_lab {

using bytes::Bytes;

/// A port that keeps what was sent in its ring until `complete`, as a kernel does.
class MemoryPort : public adit::Port {
 public:
  explicit MemoryPort(adit::FramePool& pool) : pool_(pool) {}

  std::size_t rx_burst(std::span<adit::Packet>) noexcept override { return 0; }
  std::size_t tx_burst(std::span<const adit::Packet> packets) noexcept override {
    const std::size_t taken = std::min(packets.size(), room);
    bursts.push_back(packets.size());
    for (std::size_t i = 0; i < taken; ++i) {
      const adit::Packet& packet = packets[i];
      sent.push_back(bytes::all_of(packet));
      addresses.push_back(pool_.address_of(packet));
      ring_.push_back(packet);
    }
    room -= taken;
    return taken;
  }
  void flush() noexcept override { ++flushes; }

  /// Frames of the packets in the ring.
  [[nodiscard]] std::size_t in_ring() const {
    std::size_t frames = 0;
    for (const adit::Packet& packet : ring_) frames += adit::FramePool::frames_of(packet);
    return frames;
  }
  void complete() {
    for (const adit::Packet& packet : ring_) pool_.give(packet);
    ring_.clear();
  }
  [[nodiscard]] std::string last() const { return sent.empty() ? "" : bytes::to_hex(sent.back()); }

  /// Packets that the ring still takes.
  std::size_t room = std::numeric_limits<std::size_t>::max();
  std::vector<Bytes> sent;
  /// Of the packets sent, in UMEM.
  std::vector<std::uint64_t> addresses;
  /// Sizes of the bursts that were offered.
  std::vector<std::size_t> bursts;
  int flushes = 0;

 private:
  adit::FramePool& pool_;
  std::vector<adit::Packet> ring_;
};

class Lab {
 public:
  explicit Lab(adit::FrameLayout layout = {}, std::vector<std::uint32_t> reserved = {0, 0},
               std::uint32_t frames = 512, const adit::TableSpec& spec = table_spec())
      : pool(frames, layout),
        shared(spec),
        counters(spec.ports.size(), spec.members.size(), spec.tenants),
        table(spec),
        access(pool),
        underlay(pool),
        pipeline({pool, {&access, &underlay}, std::move(reserved), counters, shared}) {
    for (std::uint32_t hop = 0; hop < kHops; ++hop) hops.set(hop, up());
  }

  /// Receives frames in bursts of up to 64, as a worker does; room around them holds stale bytes.
  void receive(std::size_t port, const std::vector<Bytes>& frames, std::uint64_t now_ns = 0) {
    for (std::size_t first = 0; first < frames.size(); first += adit::kBurst) {
      const std::size_t count = std::min(adit::kBurst, frames.size() - first);
      std::vector<adit::Packet> burst;
      for (std::size_t i = 0; i < count; ++i) burst.push_back(arrival(frames[first + i]));
      pipeline.process(table, port, burst, now_ns);
      pipeline.flush(table);
      check_accounting();
    }
  }
  void receive(std::size_t port, std::string_view hex) { receive(port, {bytes::from_hex(hex)}); }

  /// Each frame is in exactly one place, and each one received has one fate.
  void check_accounting() {
    CHECK(pool.free() + access.in_ring() + underlay.in_ring() + pipeline.frames_in_hand() ==
          pool.total());
    const std::uint64_t received =
        counters.ports[kAccess].received.get() + counters.ports[kUnderlay].received.get();
    const std::uint64_t sent =
        counters.ports[kAccess].sent.get() + counters.ports[kUnderlay].sent.get();
    CHECK(received == received_);
    CHECK(sent == access.sent.size() + underlay.sent.size());
    // A packet in hand is one frame here, unless it came in several.
    if (!pieces.empty() && pipeline.frames_in_hand() > 0) return;
    CHECK(received + counters.generated.get() ==
          sent + counters.consumed.get() + dropped_in_all() + pipeline.frames_in_hand());
  }

  [[nodiscard]] std::uint64_t dropped_in_all() const {
    std::uint64_t sum = 0;
    for (const adit::Counter& counter : counters.drops) sum += counter.get();
    return sum;
  }
  /// Counts by reason, those of 0 left out.
  [[nodiscard]] std::map<std::string, std::uint64_t> drops() const {
    return by_word(counters.drops);
  }
  [[nodiscard]] std::map<std::string, std::uint64_t> tenant_drops(std::uint32_t tenant) const {
    return by_word(counters.tenant_drops[tenant]);
  }

  adit::FramePool pool;
  adit::SharedState shared;
  adit::NextHopTable& hops = shared.next_hops;
  adit::PortStatusList& status = shared.port_status;
  adit::Counters counters;
  adit::Table table;
  MemoryPort access;
  MemoryPort underlay;
  adit::Pipeline pipeline;
  /// Where the last frame received started, in UMEM.
  std::uint64_t last_arrival = 0;
  /// Bytes of the buffers that a received frame comes in, the last one's again and again; empty:
  /// one buffer.
  std::vector<std::uint32_t> pieces;

 protected:
  adit::Packet chained_arrival(const Bytes& frame) {
    adit::PacketAssembly assembly(pool);
    adit::Packet packet;
    std::size_t at = 0;
    for (std::size_t i = 0; packet.empty(); ++i) {
      const std::size_t bytes =
          std::min<std::size_t>(pieces[std::min(i, pieces.size() - 1)], frame.size() - at);
      const adit::Packet empty = pool.take_packet();
      REQUIRE_FALSE(empty.empty());
      std::memset(empty.data() - empty.headroom(), bytes::kStale, pool.layout().frame_bytes);
      if (bytes > 0) std::memcpy(empty.data(), frame.data() + at, bytes);
      at += bytes;
      const bool more = at < frame.size();
      REQUIRE(assembly.add(pool.address_of(empty), static_cast<std::uint32_t>(bytes), more,
                           packet) != more);
    }
    last_arrival = pool.address_of(packet);
    ++received_;
    return packet;
  }

 private:
  adit::Packet arrival(const Bytes& frame) {
    if (!pieces.empty()) return chained_arrival(frame);
    const adit::Packet empty = pool.take_packet();
    REQUIRE_FALSE(empty.empty());
    const std::uint32_t frame_bytes = pool.layout().frame_bytes;
    REQUIRE(frame.size() <= empty.tailroom());
    last_arrival = pool.address_of(empty);
    std::memset(empty.data() - empty.headroom(), bytes::kStale, frame_bytes);
    if (!frame.empty()) std::memcpy(empty.data(), frame.data(), frame.size());
    ++received_;
    return pool.packet_at(last_arrival, static_cast<std::uint32_t>(frame.size()));
  }
  static std::map<std::string, std::uint64_t> by_word(const adit::DropCounters& counters) {
    std::map<std::string, std::uint64_t> words;
    for (std::size_t i = 0; i < adit::kDropReasonCount; ++i) {
      if (counters[i].get() == 0) continue;
      words[adit::drop_reason_word(static_cast<adit::DropReason>(i))] = counters[i].get();
    }
    return words;
  }

  std::uint64_t received_ = 0;
};

using Drops = std::map<std::string, std::uint64_t>;

}  // namespace pipeline_lab
