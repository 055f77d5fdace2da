// Any bytes through the whole path: steering rules, outer headers, tunnel, service, push, port.
// After each burst every frame is in exactly one place, and every one received had exactly one
// fate. The fast path and the general one come to the same bytes and counts.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <map>
#include <optional>

#include "guarded_frames.h"
#include "record.h"
#include "sent_frame.h"
#include "steer/host_rules.h"
#include "table_lab.h"
#include "worker/pipeline.h"
#include "worker/shared_state.h"

namespace {

using adit::Packet;
using bytes::Bytes;
using Place = GuardedFrames::Place;

constexpr std::uint32_t kMost = GuardedFrames::kPackets;

/// A port that gives frames back when it is told to.
class Ring : public adit::Port {
 public:
  explicit Ring(adit::FramePool& pool) : pool_(pool) {}
  std::size_t rx_burst(std::span<Packet>) noexcept override { return 0; }
  std::size_t tx_burst(std::span<const Packet> packets) noexcept override {
    const std::size_t taken = std::min(packets.size(), room);
    for (const Packet& packet : packets.first(taken)) all.push_back(bytes::all_of(packet));
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
  /// What was ever sent.
  std::vector<Bytes> all;

 private:
  adit::FramePool& pool_;
};

adit::SteeringConfig steering_config() {
  using namespace pipeline_lab;
  adit::SteeringConfig config;
  config.ports.resize(kPorts);
  config.ports[kAccess].mac = {{2, 0, 0, 0, 0, 2}};
  for (const std::size_t vlan : std::initializer_list<std::size_t>{0, 9, 100, 300, 500, 600, 700,
                                                                   std::size_t{kCrossingVid}}) {
    config.ports[kAccess].vlans.set(vlan);
  }
  config.ports[kAccess].doubles.push_back(
      {.service_tpid = true, .outer = kCrossingOuterVid, .inner = kCrossingVid});
  config.ports[kUnderlay].mac = {{2, 0, 0, 0, 0, 1}};
  config.ports[kUnderlay].takes_tunnels = true;
  for (const adit::IpAddress& local : {kLocal4, kLocal6}) {
    config.endpoints.push_back({local, adit::IpProto::kUdp, 4789});
    config.endpoints.push_back({local, adit::IpProto::kGre, 0});
  }
  config.block.push_back({v4("cb007100"), 24});
  return config;
}

/// Two attachments more, joined to each other.
adit::TableSpec with_crossing(adit::TableSpec spec) {
  const auto first = static_cast<std::uint32_t>(spec.members.size());
  adit::AttachmentSpec single{.port = pipeline_lab::kAccess,
                              .match = adit::TagMatch::kSingle,
                              .outer = kCrossingVid,
                              .pcp = std::uint8_t{0}};
  adit::AttachmentSpec pair = single;
  pair.match = adit::TagMatch::kDouble;
  pair.outer_tpid = adit::EtherType::kServiceVlan;
  pair.outer = kCrossingOuterVid;
  pair.inner = kCrossingVid;
  spec.members.push_back({.tenant = 0, .peer = first + 1, .kind = single});
  spec.members.push_back({.tenant = 0, .peer = first, .kind = pair});
  return spec;
}

/// Lives through all inputs: nothing in it changes, but for the frames' content.
struct Ground {
  GuardedFrames frames;
  adit::TableSpec spec = with_crossing(pipeline_lab::table_spec());
  adit::Table table{spec};
  adit::HostRules rules{steering_config()};
};

Ground& ground() {
  static Ground ground;
  return ground;
}

/// How an input is run.
enum class Mode : std::uint8_t {
  kPlain,
  /// Frames that are to come in several buffers do.
  kSplit,
  /// Each packet goes by the general path, as it does while steps are recorded.
  kGeneral,
};

/// What an input came to: equal however its frames were cut.
struct Outcome {
  std::vector<Bytes> access;
  std::vector<Bytes> underlay;
  std::vector<std::uint64_t> counts;

  [[nodiscard]] bool operator==(const Outcome&) const = default;

  /// The same with what was sent in no order. A stage of the general path sends its messages about
  /// a burst before the burst itself goes on.
  [[nodiscard]] Outcome unordered() const {
    Outcome outcome = *this;
    std::ranges::sort(outcome.access);
    std::ranges::sort(outcome.underlay);
    return outcome;
  }
};

/// One input.
class Run {
 public:
  explicit Run(Mode mode) : is_split_(mode == Mode::kSplit) {
    shared_.rules = &ground().rules;
    if (mode == Mode::kGeneral) pipeline_.record(&trace_);
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
    if (pool().free() != GuardedFrames::kFrames) fail("a frame was lost");
  }

  /// Of frames in several buffers there are fewer.
  [[nodiscard]] bool lacked_frames() const {
    return counters_.drops[static_cast<std::size_t>(adit::DropReason::k_no_frame)].get() > 0;
  }

  [[nodiscard]] Outcome outcome() const {
    Outcome outcome{access_.all, underlay_.all, {counters_.consumed.get()}};
    for (const adit::Counter& drops : counters_.drops) outcome.counts.push_back(drops.get());
    for (std::size_t i = 0; i < ground().spec.members.size(); ++i) {
      const adit::MemberCounters& member = counters_.members[i];
      outcome.counts.push_back(member.rx_packets.get());
      outcome.counts.push_back(member.rx_bytes.get());
      outcome.counts.push_back(member.tx_packets.get());
      outcome.counts.push_back(member.tx_bytes.get());
    }
    return outcome;
  }

 private:
  using Status = adit::NextHop::Status;

  static adit::FramePool& pool() { return ground().frames.pool(); }

  void set_hop(std::uint32_t hop, Status status, std::uint16_t mtu = 4000) {
    adit::NextHop record = pipeline_lab::up();
    record.status = status;
    record.mtu = mtu;
    shared_.next_hops.set(hop, record);
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
        // Of the tunnel that cuts: so that pieces are not too many.
        set_hop(pipeline_lab::hop_of(pipeline_lab::kClear4), Status::kUp, 200);
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
        shared_.port_status[pipeline_lab::kAccess].up = false;
        return;
      case Record::kPortUp:
        shared_.port_status[pipeline_lab::kAccess].up = true;
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
    // As many packets as there are frames for when each takes the most; fragments take one.
    if (burst_.size() + access_.sent.size() + underlay_.sent.size() + held() >= kMost) return;
    const Packet packet = arrival(frame, place, (flags & Record::kSplit) != 0);
    const steer_verdict verdict = ground().rules.decide_on(port_, packet);
    const bool is_ours = verdict == STEER_TUNNEL || verdict == STEER_ATTACHMENT;
    if (!is_ours && (flags & Record::kUnsteered) == 0) {
      pool().give(packet);
      return;
    }
    // What goes back into a tunnel is a message about its packet.
    if (port_ == pipeline_lab::kUnderlay) frame.clear();
    origins_[pool().address_of(packet) / GuardedFrames::kFrameBytes] = frame;
    burst_.push_back(packet);
  }

  Packet arrival(const Bytes& frame, Place place, bool may_split) {
    const bool is_split = is_split_ && may_split && place != Place::kAtEnd && frame.size() >= 2 &&
                          frame.size() <= GuardedFrames::room(Place::kNormal);
    if (is_split) return ground().frames.receive_split(frame, place);
    return ground().frames.receive(frame, place);
  }

  /// Packets that were received or made, and have no fate yet.
  [[nodiscard]] std::uint64_t held() const {
    std::uint64_t fates = access_.count + underlay_.count + counters_.consumed.get();
    for (const adit::Counter& drops : counters_.drops) fates += drops.get();
    const std::uint64_t all = received_ + counters_.generated.get();
    if (fates > all) fail("a frame has more than one fate");
    return all - fates;
  }

  void process() {
    pipeline_.process(ground().table, port_, burst_, now_ns_);
    pipeline_.flush(ground().table);
    received_ += burst_.size();
    burst_.clear();
    trace_.clear();
    check();
  }

  void check() {
    std::vector<std::uint64_t> in_use;
    for (const Ring* ring : {&access_, &underlay_}) {
      for (const Packet& packet : ring->sent) {
        in_use.push_back(pool().address_of(packet));
        for (const adit::Segment* more = packet.next(); more != nullptr; more = more->next) {
          in_use.push_back(pool().address_of(*more));
        }
      }
    }
    ground().frames.check_conserved(in_use);
    const std::size_t in_hand = pipeline_.frames_in_hand();
    if (pool().free() + in_use.size() + in_hand != GuardedFrames::kFrames) fail("a frame is lost");
    // What is in hand has no fate yet: a frame each, or a few where frames were split.
    const std::uint64_t most = is_split_ ? held() * GuardedFrames::kMaxBuffers : held();
    if (in_hand < held() || in_hand > most) fail("a frame has no fate");
    for (const Packet& packet : underlay_.sent) check_encapsulated(packet);
    for (const Packet& packet : access_.sent) {
      if (packet.length() < 60) fail("a frame under 60 bytes was sent");
    }
  }

  void check_encapsulated(const Packet& packet) {
    const Bytes sent = bytes::all_of(packet);
    Bytes inner = origins_[pool().address_of(packet) / GuardedFrames::kFrameBytes];
    if (may_change(sent)) inner.clear();
    const bool is_tagged = !inner.empty() && inner[12] == 0x81 && inner[13] == 0;
    if (is_tagged) inner.erase(inner.begin() + 12, inner.begin() + 16);
    check_sent_tunnel(sent, inner);
  }

  /// Whether the tunnel cuts frames and clamps, which `check_sent_tunnel` does not know of.
  static bool may_change(const Bytes& sent) {
    constexpr std::size_t kVni = 46;
    const std::uint32_t vni = sent[kVni] * 65536U + sent[kVni + 1] * 256U + sent[kVni + 2];
    return sent[12] == 0x08 && sent[23] == 17 && vni == pipeline_lab::kCuttingVni;
  }

  bool is_split_;
  adit::Trace trace_;
  Ring access_{pool()};
  Ring underlay_{pool()};
  adit::SharedState shared_{ground().spec};
  adit::Counters counters_{ground().spec.ports.size(), ground().spec.members.size(),
                           ground().spec.tenants};
  adit::Pipeline pipeline_{{pool(), {&access_, &underlay_}, {0, 0}, counters_, shared_}};
  std::size_t port_ = pipeline_lab::kAccess;
  std::vector<Packet> burst_;
  /// What was received, by number of its frame.
  std::map<std::uint64_t, Bytes> origins_;
  std::uint64_t received_ = 0;
  std::uint64_t now_ns_ = 0;
};

/// Runs an input; \param has_split is set where a frame of it is to come in several buffers. No
/// outcome where frames ran out.
std::optional<Outcome> run_input(const std::uint8_t* data, std::size_t size, Mode mode,
                                 bool& has_split) {
  Run run(mode);
  while (size >= sizeof(Record)) {
    Record record;
    std::memcpy(&record, data, sizeof record);
    data += sizeof record;
    size -= sizeof record;
    const std::size_t bytes = std::min<std::size_t>(record.frame_bytes(), size);
    has_split = has_split || (record.flags & Record::kSplit) != 0;
    run.record(record, {data, bytes});
    data += bytes;
    size -= bytes;
  }
  run.finish();
  return run.lacked_frames() ? std::nullopt : std::optional(run.outcome());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bool has_split = false;
  const std::optional<Outcome> whole = run_input(data, size, Mode::kPlain, has_split);
  const std::optional<Outcome> general = run_input(data, size, Mode::kGeneral, has_split);
  if (whole && general && whole->unordered() != general->unordered()) {
    fail("the fast path and the general path differ");
  }
  if (!has_split) return 0;
  const std::optional<Outcome> split = run_input(data, size, Mode::kSplit, has_split);
  if (whole && split && whole->unordered() != split->unordered())
    fail("frames in several buffers became something else");
  return 0;
}
