// Any bytes through the whole path: steering rules, outer headers, tunnel, service, push, port.
// After each burst every frame is in exactly one place, and every one received had exactly one
// fate.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <map>

#include "guarded_frames.h"
#include "record.h"
#include "sent_frame.h"
#include "steer/host_rules.h"
#include "table_lab.h"
#include "worker/pipeline.h"

namespace {

using adit::Packet;
using bytes::Bytes;
using Place = GuardedFrames::Place;

constexpr std::uint32_t kMost = GuardedFrames::kFrames;

/// A port that gives frames back when it is told to.
class Ring : public adit::Port {
 public:
  explicit Ring(adit::FramePool& pool) : pool_(pool) {}
  std::size_t rx_burst(std::span<Packet>) noexcept override { return 0; }
  std::size_t tx_burst(std::span<const Packet> packets) noexcept override {
    const std::size_t taken = std::min(packets.size(), room);
    sent.insert(sent.end(), packets.begin(), packets.begin() + static_cast<std::ptrdiff_t>(taken));
    count += taken;
    return taken;
  }
  void flush() noexcept override {}
  void complete() {
    for (const Packet& packet : sent) pool_.give(packet);
    sent.clear();
  }

  std::size_t room = kMost;
  std::uint64_t count = 0;
  std::vector<Packet> sent;

 private:
  adit::FramePool& pool_;
};

adit::SteeringConfig steering_config() {
  using namespace pipeline_lab;
  adit::SteeringConfig config;
  config.ports.resize(kPorts);
  config.ports[kAccess].mac = {{2, 0, 0, 0, 0, 2}};
  for (const std::size_t vlan : {0U, 9U, 100U, 300U, 500U, 600U, 700U}) {
    config.ports[kAccess].vlans.set(vlan);
  }
  config.ports[kUnderlay].mac = {{2, 0, 0, 0, 0, 1}};
  config.ports[kUnderlay].takes_tunnels = true;
  for (const adit::IpAddress& local : {kLocal4, kLocal6}) {
    config.endpoints.push_back({local, adit::IpProto::kUdp, 4789});
    config.endpoints.push_back({local, adit::IpProto::kGre, 0});
  }
  config.block.push_back({v4("cb007100"), 24});
  return config;
}

/// Lives through all inputs: nothing in it changes, but for the frames' content.
struct Ground {
  GuardedFrames frames;
  adit::Table table{pipeline_lab::table_spec()};
  adit::HostRules rules{steering_config()};
};

Ground& ground() {
  static Ground ground;
  return ground;
}

/// One input.
class Run {
 public:
  Run() {
    for (std::uint32_t hop = 0; hop < pipeline_lab::kHops; ++hop) set_hop(hop, Status::kUp);
  }

  void record(const Record& record, std::span<const std::uint8_t> bytes) {
    happen(record.event % Record::kEvents);
    const bool underlay = (record.flags & Record::kUnderlay) != 0;
    const std::size_t port = underlay ? pipeline_lab::kUnderlay : pipeline_lab::kAccess;
    if (port != port_) process();
    port_ = port;
    take(record.flags, bytes);
    if ((record.flags & Record::kMore) == 0 || burst_.size() == kMost) process();
  }

  void finish() {
    process();
    now_ns_ += adit::HoldQueue::kTimeoutNs;
    pipeline_.release_held(ground().table, now_ns_);
    pipeline_.flush(ground().table);
    check();
    pipeline_.drop_held(ground().table);
    access_.complete();
    underlay_.complete();
    if (pool().free() != kMost) fail("a frame was lost");
  }

 private:
  using Status = adit::NextHop::Status;

  static adit::FramePool& pool() { return ground().frames.pool(); }

  void set_hop(std::uint32_t hop, Status status, std::uint16_t mtu = 4000) {
    adit::NextHop record = pipeline_lab::up();
    record.status = status;
    record.mtu = mtu;
    hops_.set(hop, record);
  }
  void set_hops(Status status, std::uint16_t mtu = 4000) {
    // The last one stays as it is, so that bursts have mixed fates.
    for (std::uint32_t hop = 0; hop + 1 < pipeline_lab::kHops; ++hop) set_hop(hop, status, mtu);
  }

  void happen(int event) {
    switch (event) {
      case Record::kResolve:
        return set_hops(Status::kResolving);
      case Record::kAnswer:
        return set_hops(Status::kUp);
      case Record::kUnreach:
        return set_hops(Status::kFailed);
      case Record::kLoseRoute:
        return set_hops(Status::kNoRoute);
      case Record::kSmallMtu:
        return set_hops(Status::kUp, 100);
      case Record::kFullRings:
        access_.room = underlay_.room = 0;
        return;
      case Record::kEmptyRings:
        access_.room = underlay_.room = kMost;
        access_.complete();
        underlay_.complete();
        return;
      case Record::kPortDown:
        status_[pipeline_lab::kAccess].up = false;
        return;
      case Record::kPortUp:
        status_[pipeline_lab::kAccess].up = true;
        return;
      case Record::kTimeout:
        now_ns_ += adit::HoldQueue::kTimeoutNs;
        [[fallthrough]];
      case Record::kWait:
        pipeline_.release_held(ground().table, ++now_ns_);
        return;
      default:
        return;
    }
  }

  void take(std::uint8_t flags, std::span<const std::uint8_t> bytes) {
    Place place = Place::kNormal;
    if ((flags & Record::kAtStart) != 0) place = Place::kAtStart;
    if ((flags & Record::kAtEnd) != 0) place = Place::kAtEnd;
    Bytes frame(bytes.begin(), bytes.end());
    frame.resize(std::min<std::size_t>(frame.size(), GuardedFrames::room(place)));
    if ((flags & Record::kMend) != 0) mend_checksums(frame);
    const Packet packet = ground().frames.receive(frame, place);
    if (packet.empty()) return;
    const steer_verdict verdict = ground().rules.decide(port_, {packet.data(), packet.size()});
    const bool is_ours = verdict == STEER_TUNNEL || verdict == STEER_ATTACHMENT;
    if (!is_ours && (flags & Record::kUnsteered) == 0) {
      pool().give(packet);
      return;
    }
    origins_[pool().address_of(packet) / GuardedFrames::kFrameBytes] = frame;
    burst_.push_back(packet);
  }

  void process() {
    pipeline_.process(ground().table, port_, burst_, now_ns_);
    pipeline_.flush(ground().table);
    received_ += burst_.size();
    burst_.clear();
    check();
  }

  void check() {
    std::vector<std::uint64_t> in_use;
    for (const Ring* ring : {&access_, &underlay_}) {
      for (const Packet& packet : ring->sent) in_use.push_back(pool().address_of(packet));
    }
    ground().frames.check_conserved(in_use);
    if (pool().free() + in_use.size() + pipeline_.frames_in_hand() != kMost)
      fail("a frame is lost");
    std::uint64_t fates = access_.count + underlay_.count + pipeline_.frames_in_hand();
    for (const adit::Counter& drops : counters_.drops) fates += drops.get();
    fates += counters_.consumed.get();
    if (fates != received_ + counters_.generated.get())
      fail("a frame has no fate, or more than one");
    for (const Packet& packet : underlay_.sent) check_encapsulated(packet);
    for (const Packet& packet : access_.sent) {
      if (packet.size() < 60) fail("a frame under 60 bytes was sent");
    }
  }

  void check_encapsulated(const Packet& packet) {
    Bytes inner = origins_[pool().address_of(packet) / GuardedFrames::kFrameBytes];
    if (inner[12] == 0x81 && inner[13] == 0) inner.erase(inner.begin() + 12, inner.begin() + 16);
    check_sent_tunnel({packet.data(), packet.size()}, inner);
  }

  Ring access_{pool()};
  Ring underlay_{pool()};
  adit::NextHopTable hops_{pipeline_lab::kHops};
  adit::PortStatusList status_{pipeline_lab::kPorts};
  adit::Counters counters_{pipeline_lab::kPorts, pipeline_lab::kMembers, pipeline_lab::kTenants};
  adit::SequenceTable sequences_{pipeline_lab::kMembers};
  adit::LearnedMacs learned_{pipeline_lab::kMembers};
  adit::CurrentOwnAddresses own_addresses_;
  adit::IdentificationTable identifications_{pipeline_lab::kHops, adit::HashSeed::from(1)};
  std::atomic<const adit::HostRules*> rules_{&ground().rules};
  adit::Pipeline pipeline_{{pool(),
                            {&access_, &underlay_},
                            {0, 0},
                            hops_,
                            status_,
                            counters_,
                            sequences_,
                            rules_,
                            learned_,
                            own_addresses_,
                            identifications_}};
  std::size_t port_ = pipeline_lab::kAccess;
  std::vector<Packet> burst_;
  /// What was received, by number of its frame.
  std::map<std::uint64_t, Bytes> origins_;
  std::uint64_t received_ = 0;
  std::uint64_t now_ns_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Run run;
  while (size >= sizeof(Record)) {
    Record record;
    std::memcpy(&record, data, sizeof record);
    data += sizeof record;
    size -= sizeof record;
    const std::size_t bytes = std::min<std::size_t>(record.frame_bytes(), size);
    run.record(record, {data, bytes});
    data += bytes;
    size -= bytes;
  }
  run.finish();
  return 0;
}
