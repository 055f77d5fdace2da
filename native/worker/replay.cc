#include "worker/replay.h"

#include <algorithm>

#include "netlink/static_underlay.h"
#include "packet/failure.h"

namespace adit {
namespace {

/// Captures hold frames of any size up to libpcap's largest, 262144 bytes.
constexpr std::uint32_t kFrameBytes = 512 * 1024;
constexpr std::uint32_t kFrames = 64;

FrameLayout layout_of(const std::vector<PortConfig>& ports) {
  std::uint32_t headroom = 0;
  for (const PortConfig& port : ports) headroom = std::max(headroom, port.headroom);
  return {.frame_bytes = kFrameBytes, .data_offset = kKernelHeadroom + headroom};
}

std::vector<MacAddress> macs_of(const StaticUnderlay& underlay) {
  std::vector<MacAddress> macs;
  for (std::size_t i = 0; i < underlay.port_count(); ++i) {
    macs.push_back(underlay.port(static_cast<std::uint16_t>(i)).mac);
  }
  return macs;
}

std::vector<std::string> paths_of(const std::vector<ReplayInput>& inputs) {
  std::vector<std::string> paths;
  paths.reserve(inputs.size());
  for (const ReplayInput& input : inputs) paths.push_back(input.path);
  return paths;
}

/// An output that is also an input would be destroyed before it is read.
void require_distinct(const Merge& merge, const std::string& directory, const std::string& port) {
  for (const char* suffix : {".pcap", ".kernel.pcap"}) {
    const std::string path = directory + "/" + port + suffix;
    if (!merge.reads(path)) continue;
    throw Failure("ADIT-2306", "Cannot make capture " + path + ": it is one of the inputs",
                  "give another folder for the output");
  }
}

const char* verdict_word(SteerVerdict verdict) noexcept {
  switch (verdict) {
    case STEER_TUNNEL:
      return "tunnel";
    case STEER_ATTACHMENT:
      return "attachment";
    case STEER_BLOCKED:
      return "blocked_source";
    case STEER_PASS:
      break;
  }
  return "kernel";
}

}  // namespace

Replay::Replay(const GatewaySpec& spec, const std::vector<ReplayInput>& inputs,
               const std::string& directory)
    : table_(spec.table),
      shared_(spec.table),
      counters_(spec.ports.size(), spec.table.members.size(), spec.table.tenants),
      rules_(make_steering_config(spec, macs_of(StaticUnderlay(spec.underlay)))),
      pool_(kFrames, layout_of(spec.ports)),
      merge_(paths_of(inputs)),
      blocked_(spec.ports.size()) {
  const StaticUnderlay underlay(spec.underlay);
  shared_.rules = &rules_;
  shared_.own_addresses.publish(port_addresses(spec.underlay));
  for (std::uint32_t i = 0; i < spec.next_hops.size(); ++i) {
    shared_.next_hops.set(i, to_next_hop(underlay.resolve(spec.next_hops[i])));
  }
  Pipeline::Environment environment(pool_, {}, {}, counters_, shared_);
  for (std::size_t i = 0; i < spec.ports.size(); ++i) {
    const PortState& port = underlay.port(static_cast<std::uint16_t>(i));
    shared_.port_status[i].mtu = port.mtu;
    shared_.port_status[i].mac.store(port.mac);
    shared_.port_status[i].tunnel_vlan = spec.table.ports[i].tunnel_vlan;
    require_distinct(merge_, directory, spec.ports[i].name);
    ports_.push_back(
        std::make_unique<CapturePort>(pool_, directory, spec.ports[i].name, merge_.precision()));
    environment.ports.push_back(ports_.back().get());
    environment.reserved.push_back(spec.ports[i].reserved_headroom);
  }
  for (const ReplayInput& input : inputs) input_ports_.push_back(input.port);
  pipeline_ = std::make_unique<Pipeline>(std::move(environment));
}

bool Replay::step(std::size_t frames) {
  for (std::size_t i = 0; i < frames; ++i) {
    const std::optional<MergedFrame> frame = merge_.next();
    if (!frame) return false;
    handle(*frame);
  }
  return true;
}

void Replay::handle(const MergedFrame& frame) {
  const std::uint32_t index = input_ports_[frame.input];
  for (const auto& port : ports_) port->set_time(frame.time_ns);
  CapturePort& port = *ports_[index];
  const SteerVerdict verdict = rules_.decide(index, frame.bytes);
  if (is_recording_) {
    pipeline_->record(&trace_);
    trace_.clear();
    trace_.received(index, frame.bytes);
    trace_.steered(index, verdict_word(verdict));
  }
  switch (verdict) {
    case STEER_PASS:
      port.pass_to_kernel(frame.bytes);
      return;
    case STEER_BLOCKED:
      counters_.drops[static_cast<std::size_t>(DropReason::k_blocked_source)].add(1);
      ++blocked_[index];
      return;
    case STEER_TUNNEL:
    case STEER_ATTACHMENT:
      break;
  }
  if (!port.deliver(frame.bytes)) {
    throw Failure(
        "ADIT-2308",
        "frame of " + std::to_string(frame.bytes.size()) + " bytes does not fit the packet memory",
        "leave frames over 256 KiB out of the capture");
  }
  Packet packet;
  const std::size_t received = port.rx_burst({&packet, 1});
  pipeline_->process(table_, index, {&packet, received}, frame.time_ns);
  pipeline_->flush(table_);
}

void Replay::finish() {
  pipeline_->drop_held(table_);
  for (const auto& port : ports_) port->close();
}

Totals Replay::totals() const {
  Totals totals(ports_.size(), counters_.members.size(), counters_.tenant_drops.size());
  totals.add(counters_);
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    totals.ports[i] = {ports_[i]->received() + blocked_[i], ports_[i]->sent(), ports_[i]->kernel()};
  }
  return totals;
}

}  // namespace adit
