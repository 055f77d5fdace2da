#include "worker/data_path.h"

#include <algorithm>
#include <utility>

#include "packet/failure.h"
#include "worker/frame_layout.h"
#include "worker/worker_plan.h"

namespace adit {
namespace {

constexpr std::uint64_t kSilenceLimitMs = 1000;

using Level = UnderlayEvent::Level;

XdpMode to_xdp_mode(PortConfig::XdpMode mode) noexcept {
  switch (mode) {
    case PortConfig::XdpMode::kNative:
      return XdpMode::kNative;
    case PortConfig::XdpMode::kGeneric:
      return XdpMode::kGeneric;
    case PortConfig::XdpMode::kAuto:
      break;
  }
  return XdpMode::kAuto;
}

AfXdpPort::ZeroCopy to_zero_copy(PortConfig::ZeroCopy zero_copy) noexcept {
  switch (zero_copy) {
    case PortConfig::ZeroCopy::kOn:
      return AfXdpPort::ZeroCopy::kOn;
    case PortConfig::ZeroCopy::kOff:
      return AfXdpPort::ZeroCopy::kOff;
    case PortConfig::ZeroCopy::kAuto:
      break;
  }
  return AfXdpPort::ZeroCopy::kAuto;
}

std::vector<IpAddress> tunnel_locals(const SteeringConfig& steering) {
  std::vector<IpAddress> locals;
  for (const SteeringConfig::Endpoint& endpoint : steering.endpoints) {
    locals.push_back(endpoint.local);
  }
  return locals;
}

}  // namespace

DataPath::DataPath(DataPathOptions options, EventSink events)
    : options_(std::move(options)),
      events_(std::move(events)),
      tables_(std::make_unique<const Table>(options_.spec.table)),
      shared_(options_.spec.table),
      steering_(
          make_steering_config(options_.spec, std::vector<MacAddress>(shared_.port_status.size()))),
      ports_(options_.spec.ports.size()) {
  // Of a large table they would take more memory than all that was made of them.
  MemberSpecs().swap(options_.spec.table.members);
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const std::uint16_t given = options_.spec.table.ports[i].tunnel_vlan;
    shared_.port_status[i].tunnel_vlan = given;
    if (given != 0) options_.spec.underlay.ports[i].vlan = given;
  }
}

DataPath::~DataPath() { stop(); }

void DataPath::start() {
  open_interfaces();
  std::vector<std::uint32_t> mtus;
  for (const OpenPort& port : ports_) mtus.push_back(port.interface.mtu);
  layout_ = choose_layout(options_.spec.ports, mtus, kernel_has_multi_buffer());
  // Before sockets are bound, because generic mode rules zero copy out. The
  // programs leave all packets to the kernel until they are given sockets.
  attach_programs();
  open_workers();
  // Only now, so that the workers' memory, which this thread made, is not bound to be far from
  // them.
  own_cpus_ = std::make_unique<OwnCpus>(options_.cpus);
  UnderlayListener& listener = *this;
  underlay_ = std::make_unique<Underlay>(options_.spec.underlay, listener);
  underlay_->set_next_hops({options_.spec.next_hops, tunnel_locals(steering_)});
  // Also finds the VLANs of tunnel packets, which steering follows before anything is redirected.
  underlay_->start();
  for (const auto& worker : workers_) worker->start();
  redirect_to_workers();
  for (std::size_t i = 0; i < ports_.size(); ++i) tell_port(i);
  watchdog_ = std::make_unique<Watchdog>([this] {
    return std::ranges::all_of(
        workers_, [](const auto& worker) { return worker->silent_ms() < kSilenceLimitMs; });
  });
}

void DataPath::stop() noexcept {
  watchdog_.reset();
  {
    const std::lock_guard lock(ports_mutex_);
    for (OpenPort& port : ports_) {
      if (port.program) port.program->detach();
    }
  }
  for (const auto& worker : workers_) worker->stop();
  if (underlay_) underlay_->stop();
  for (OpenPort& port : ports_) {
    port.promiscuous.reset();
    port.settings.reset();
  }
  own_cpus_.reset();
}

void DataPath::open_interfaces() {
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const PortConfig& config = options_.spec.ports[i];
    OpenPort& port = ports_[i];
    port.interface = read_interface(config.interface);
    const std::optional<std::uint32_t> wanted =
        config.queues == 0 ? std::nullopt : std::optional(config.queues);
    port.queues = claimed_queues(port.interface, wanted);
    port.spread = read_rx_spread(config.interface);
    shared_.port_status[i].mtu = options_.spec.underlay.ports[i].mtu.value_or(port.interface.mtu);
    shared_.port_status[i].mac.store(port_mac(i));
  }
}

std::uint32_t DataPath::worker_count() const {
  require_cpus(options_.cpus);
  std::vector<PortQueues> queues;
  for (const OpenPort& port : ports_) {
    const InterfaceInfo& interface = port.interface;
    queues.push_back({interface.name, port.queues, interface.tx_queues, interface.combined_queues});
  }
  const auto asked =
      options_.cpus.empty() ? options_.workers : static_cast<std::uint32_t>(options_.cpus.size());
  return plan_workers(queues, asked, usable_cpus());
}

Worker::Options DataPath::worker_options(std::uint32_t worker, std::uint32_t workers,
                                         const FrameLayout& layout) const {
  Worker::Options options;
  options.layout = layout;
  if (!options_.cpus.empty()) options.cpu = options_.cpus[worker];
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const PortConfig& config = options_.spec.ports[i];
    AfXdpPort::Options port;
    port.name = config.name;
    port.interface = config.interface;
    port.ring_size = config.ring_size;
    port.frames_per_queue = config.frames;
    port.zero_copy = to_zero_copy(config.zero_copy);
    port.native = ports_[i].attachment.native;
    port.busy_poll = config.busy_poll;
    port.queues = queues_of(worker, workers, ports_[i].queues);
    options.frames += config.frames * static_cast<std::uint32_t>(port.queues.size());
    options.ports.push_back(std::move(port));
    options.reserved.push_back(config.reserved_headroom);
  }
  return options;
}

void DataPath::open_workers() {
  const std::uint32_t count = worker_count();
  for (std::uint32_t i = 0; i < count; ++i) {
    workers_.push_back(std::make_unique<Worker>(
        worker_options(i, count, layout_), Worker::Shared{tables_, shared_},
        tables_.current().members().size(), tables_.current().tenants()));
    OpenedPorts opened = workers_.back()->open();
    // One worker that has to copy is told of, whatever the others could.
    if (i == 0 || !opened.zero_copy) opened_ = std::move(opened);
  }
}

void DataPath::redirect_to_workers() {
  for (const auto& worker : workers_) {
    for (std::size_t port = 0; port < ports_.size(); ++port) {
      for (const auto& socket : worker->port(port).sockets()) {
        ports_[port].program->set_socket(socket->queue(), socket->fd());
      }
    }
  }
}

MacAddress DataPath::port_mac(std::size_t port) const {
  const PortState& state = ports_[port].state;
  const MacAddress now = state.present ? state.mac : ports_[port].interface.mac;
  return options_.spec.underlay.ports[port].mac.value_or(now);
}

MacAddress DataPath::tunnel_mac(std::size_t port) const {
  const PortState& state = ports_[port].state;
  const MacAddress now = state.present ? state.tunnel.mac : ports_[port].interface.mac;
  return options_.spec.underlay.ports[port].mac.value_or(now);
}

SteeringConfig DataPath::publish_rules() {
  SteeringConfig config = steering_;
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    config.ports[i].mac = tunnel_mac(i);
    config.ports[i].tunnel_vlan =
        shared_.port_status[i].tunnel_vlan.load(std::memory_order_relaxed);
  }
  rules_.push_back(std::make_unique<const HostRules>(config));
  shared_.rules = rules_.back().get();
  return config;
}

void DataPath::attach_programs() {
  const SteeringConfig config = publish_rules();
  maps_ = std::make_unique<SteeringMaps>(config);
  const std::uint32_t one_frame_mtu =
      layout_.max_buffers > 1 ? largest_mtu(one_frame(layout_)) : SteeringProgram::kOneBuffer;
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const PortConfig& port_config = options_.spec.ports[i];
    OpenPort& port = ports_[i];
    port.settings = std::make_unique<InterfaceSettings>(port_config.interface);
    // Tenants' frames are addressed to tenants' hosts, not to the port.
    if (!tables_.current().tags(i).empty()) {
      port.promiscuous = std::make_unique<Promiscuous>(port.interface.ifindex);
    }
    port.program =
        std::make_unique<SteeringProgram>(*maps_, config.ports[i], port.queues, one_frame_mtu);
    port.attachment =
        port.program->attach(port_config.interface, to_xdp_mode(port_config.xdp_mode));
  }
}

Totals DataPath::totals() const {
  const Table& table = tables_.current();
  Totals totals(ports_.size(), table.members().size(), table.tenants());
  for (const auto& worker : workers_) totals.add(worker->counters());
  const auto blocked = static_cast<std::size_t>(DropReason::k_blocked_source);
  const auto no_frame = static_cast<std::size_t>(DropReason::k_no_frame);
  const auto too_big = static_cast<std::size_t>(DropReason::k_too_big);
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    Totals::Port& port = totals.ports[i];
    {
      const std::lock_guard lock(ports_mutex_);
      if (!ports_[i].program) continue;
      const SteerCounters steered = ports_[i].program->counters();
      port.received = steered.passed + steered.redirected_tunnel + steered.redirected_attachment +
                      steered.blocked;
      port.kernel = steered.passed;
      totals.drops[blocked] += steered.blocked;
    }
    for (const auto& worker : workers_) {
      port.sent += worker->counters().ports[i].sent.get();
      // Redirected to a socket that had no frame or no room for it.
      const AfXdpStatistics sockets = worker->port(i).statistics();
      totals.drops[no_frame] += sockets.rx_dropped + sockets.rx_ring_full;
      totals.drops[too_big] += sockets.rx_too_long;
    }
  }
  return totals;
}

std::vector<UnderlayNeighborView> DataPath::neighbors() const {
  return underlay_ ? underlay_->neighbors() : std::vector<UnderlayNeighborView>{};
}

bool DataPath::has_address(const IpAddress& address) const {
  return underlay_ && underlay_->has_address(address);
}

void DataPath::event(Level level, const char* code, std::string text,
                     std::vector<std::pair<const char*, std::string>> fields) noexcept {
  events_({level, code, std::move(text), std::move(fields)});
}

void DataPath::on_next_hops_replaced(std::size_t) noexcept {
  // The list is set once, before the underlay starts; each index is told right
  // after.
}

void DataPath::on_next_hop(std::uint32_t index, const NextHopState& state) noexcept {
  shared_.next_hops.set(index, to_next_hop(state));
}

void DataPath::on_port(std::uint16_t index, const PortState& state) noexcept {
  const std::lock_guard lock(ports_mutex_);
  OpenPort& port = ports_[index];
  const bool is_same = state.present && state.ifindex == port.interface.ifindex;
  if (state.present && !is_same) {
    event(Level::kError, "ADIT-2133",
          "the interface was made anew; restart the gateway to use the port "
          "again",
          {{"interface", port.interface.name}});
  }
  if (is_same && state.mtu != port.state.mtu) tell_mtu(index, state.mtu);
  const bool changes_steering =
      is_same && port.program &&
      (state.tunnel.mac != port.state.tunnel.mac || state.tunnel.vlan != port.state.tunnel.vlan);
  port.state = state;
  port.state.up = state.up && is_same;
  // The MTU of an interface that is gone reads 0. A worker that has not heard yet that the port is
  // down would tell senders that nothing fits.
  if (state.present) shared_.port_status[index].mtu.store(state.mtu, std::memory_order_relaxed);
  shared_.port_status[index].mac.store(port_mac(index));
  shared_.port_status[index].tunnel_vlan.store(state.tunnel.vlan, std::memory_order_relaxed);
  shared_.port_status[index].up.store(port.state.up, std::memory_order_relaxed);
  shared_.port_status[index].generation.fetch_add(1, std::memory_order_release);
  if (!changes_steering) return;
  try {
    port.program->update(publish_rules().ports[index]);
  } catch (const std::exception& error) {
    event(Level::kError, "ADIT-2134", error.what(), {{"interface", port.interface.name}});
  }
}

void DataPath::on_addresses(const std::vector<IpPrefix>& addresses) noexcept {
  shared_.own_addresses.publish(addresses);
}

void DataPath::on_event(const UnderlayEvent& event) noexcept { events_(event); }

}  // namespace adit
