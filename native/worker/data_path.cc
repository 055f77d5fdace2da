#include "worker/data_path.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "packet/failure.h"
#include "worker/frame_layout.h"

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

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

std::vector<IpAddress> tunnel_locals(const TableSpec& table) {
  std::vector<IpAddress> locals;
  for (const MemberSpec& member : table.members) {
    const auto* tunnel = std::get_if<TunnelSpec>(&member.kind);
    if (tunnel != nullptr) locals.push_back(tunnel->local);
  }
  return locals;
}

}  // namespace

DataPath::DataPath(DataPathOptions options, EventSink events)
    : options_(std::move(options)),
      events_(std::move(events)),
      table_(std::make_unique<const Table>(options_.spec.table)),
      next_hops_(static_cast<std::uint32_t>(options_.spec.next_hops.size())),
      sequences_(options_.spec.table.members.size()),
      learned_(options_.spec.table.members.size()),
      identifications_(options_.spec.next_hops.size(), options_.spec.table.seed),
      icmp_(options_.spec.table.tenants),
      path_errors_(options_.spec.next_hops.size()),
      port_status_(options_.spec.ports.size()),
      ports_(options_.spec.ports.size()) {
  published_ = table_.get();
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const std::uint16_t given = options_.spec.table.ports[i].tunnel_vlan;
    port_status_[i].tunnel_vlan = given;
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
  UnderlayListener& listener = *this;
  underlay_ = std::make_unique<Underlay>(options_.spec.underlay, listener);
  underlay_->set_next_hops({options_.spec.next_hops, tunnel_locals(options_.spec.table)});
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
}

void DataPath::open_interfaces() {
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const PortConfig& config = options_.spec.ports[i];
    OpenPort& port = ports_[i];
    port.interface = read_interface(config.interface);
    const std::optional<std::uint32_t> wanted =
        config.queues == 0 ? std::nullopt : std::optional(config.queues);
    port.queues = claimed_queues(port.interface, wanted);
    port_status_[i].mtu = options_.spec.underlay.ports[i].mtu.value_or(port.interface.mtu);
    port_status_[i].mac.store(port_mac(i));
  }
}

std::uint32_t DataPath::worker_count() const {
  std::uint32_t fewest_queues = 0xffffffff;
  const OpenPort* narrow = nullptr;
  for (const OpenPort& port : ports_) {
    if (port.queues >= fewest_queues) continue;
    fewest_queues = port.queues;
    narrow = &port;
  }
  const auto asked =
      options_.cpus.empty() ? options_.workers : static_cast<std::uint32_t>(options_.cpus.size());
  if (asked == 0) return std::min(fewest_queues, std::max(1U, std::thread::hardware_concurrency()));
  if (asked <= fewest_queues) return asked;
  throw Failure("ADIT-2121",
                std::to_string(asked) + " workers are more than the " +
                    std::to_string(fewest_queues) + " queues of " + narrow->interface.name +
                    ": each worker needs a queue of every port",
                "set \"workers\" to at most " + std::to_string(fewest_queues) +
                    ", or give the interface more queues: ethtool -L " + narrow->interface.name +
                    " combined " + std::to_string(asked));
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
    // The first queue of each worker is the one that it sends on, so no two
    // workers share one.
    for (std::uint32_t queue = worker; queue < ports_[i].queues; queue += workers) {
      port.queues.push_back(queue);
    }
    options.frames += config.frames * static_cast<std::uint32_t>(port.queues.size());
    options.ports.push_back(std::move(port));
    options.reserved.push_back(config.reserved_headroom);
  }
  return options;
}

void DataPath::open_workers() {
  const std::uint32_t count = worker_count();
  const TableSpec& table = options_.spec.table;
  for (std::uint32_t i = 0; i < count; ++i) {
    workers_.push_back(std::make_unique<Worker>(
        worker_options(i, count, layout_),
        Worker::Shared{published_, next_hops_, port_status_, sequences_, published_rules_, learned_,
                       own_addresses_, identifications_, icmp_, path_errors_},
        table.members.size(), table.tenants));
    opened_ = workers_.back()->open();
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
  std::vector<MacAddress> macs;
  for (std::size_t i = 0; i < ports_.size(); ++i) macs.push_back(tunnel_mac(i));
  SteeringConfig config = make_steering_config(options_.spec, macs);
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    config.ports[i].tunnel_vlan = port_status_[i].tunnel_vlan.load(std::memory_order_relaxed);
  }
  rules_.push_back(std::make_unique<const HostRules>(config));
  published_rules_ = rules_.back().get();
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
    if (!table_->tags(i).empty()) {
      port.promiscuous = std::make_unique<Promiscuous>(port.interface.ifindex);
    }
    port.program =
        std::make_unique<SteeringProgram>(*maps_, config.ports[i], port.queues, one_frame_mtu);
    port.attachment =
        port.program->attach(port_config.interface, to_xdp_mode(port_config.xdp_mode));
  }
}

void DataPath::tell_port(std::size_t index) {
  const OpenPort& port = ports_[index];
  const PortConfig& config = options_.spec.ports[index];
  std::vector<std::pair<const char*, std::string>> fields = {
      {"port", config.name},
      {"interface", config.interface},
      {"driver", port.interface.driver},
      {"queues", std::to_string(port.queues)},
      {"xdp", port.attachment.native ? "native" : "generic"},
      {"zeroCopy", opened_.zero_copy ? "yes" : "no"},
      {"multiBuffer", layout_.max_buffers > 1 ? "yes" : "no"}};
  if (!port.attachment.native_refusal.empty()) {
    fields.emplace_back("nativeRefused", port.attachment.native_refusal);
  }
  if (opened_.refused_by == config.name) fields.emplace_back("zeroCopyRefused", opened_.refusal);
  event(Level::kInfo, "ADIT-2130", "port is open", std::move(fields));
  if (!port.settings->turned_off().empty()) {
    event(Level::kWarn, "ADIT-2131", "interface features are turned off while the gateway runs",
          {{"interface", config.interface}, {"features", joined(port.settings->turned_off())}});
  }
  if (!port.settings->refused().empty()) {
    event(Level::kWarn, "ADIT-2132",
          "the driver does not let features be turned off that may hide frames",
          {{"interface", config.interface}, {"features", joined(port.settings->refused())}});
  }
}

void DataPath::tell_mtu(std::size_t index, std::uint32_t mtu) {
  const std::uint32_t fits = largest_mtu(layout_);
  if (mtu <= fits) return;
  event(Level::kError, "ADIT-2135",
        "frames of the interface's MTU do not fit the packet memory any more, and are dropped; "
        "lower it, or restart the gateway",
        {{"interface", ports_[index].interface.name},
         {"mtu", std::to_string(mtu)},
         {"fits", std::to_string(fits)}});
}

Totals DataPath::totals() const {
  const TableSpec& table = options_.spec.table;
  Totals totals(ports_.size(), table.members.size(), table.tenants);
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

std::vector<PortView> DataPath::ports() const {
  std::vector<PortView> views;
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const OpenPort& port = ports_[i];
    PortView view;
    view.interface = port.interface;
    view.queues = port.queues;
    view.attachment = port.attachment;
    view.zero_copy = opened_.zero_copy;
    if (opened_.refused_by == options_.spec.ports[i].name) view.zero_copy_refusal = opened_.refusal;
    view.frame_size = layout_.frame_bytes;
    if (port.settings) view.features_off = port.settings->turned_off();
    for (const auto& worker : workers_) {
      const AfXdpStatistics one = worker->port(i).statistics();
      view.sockets.rx_dropped += one.rx_dropped;
      view.sockets.rx_ring_full += one.rx_ring_full;
      view.sockets.rx_fill_ring_empty += one.rx_fill_ring_empty;
      view.sockets.rx_invalid += one.rx_invalid;
      view.sockets.tx_invalid += one.tx_invalid;
      view.sockets.tx_kicks += one.tx_kicks;
    }
    const std::lock_guard lock(ports_mutex_);
    view.state = port.state;
    views.push_back(std::move(view));
  }
  return views;
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
  next_hops_.set(index, to_next_hop(state));
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
  if (state.present) port_status_[index].mtu.store(state.mtu, std::memory_order_relaxed);
  port_status_[index].mac.store(port_mac(index));
  port_status_[index].tunnel_vlan.store(state.tunnel.vlan, std::memory_order_relaxed);
  port_status_[index].up.store(port.state.up, std::memory_order_relaxed);
  port_status_[index].generation.fetch_add(1, std::memory_order_release);
  if (!changes_steering) return;
  try {
    port.program->update(publish_rules().ports[index]);
  } catch (const std::exception& error) {
    event(Level::kError, "ADIT-2134", error.what(), {{"interface", port.interface.name}});
  }
}

void DataPath::on_addresses(const std::vector<IpPrefix>& addresses) noexcept {
  own_addresses_.publish(addresses);
}

void DataPath::on_event(const UnderlayEvent& event) noexcept { events_(event); }

}  // namespace adit
