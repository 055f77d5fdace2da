#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "netlink/underlay.h"
#include "port/interface_info.h"
#include "port/interface_settings.h"
#include "port/promiscuous.h"
#include "port/rx_spread.h"
#include "steer/program.h"
#include "steer/steering_maps.h"
#include "worker/gateway_spec.h"
#include "worker/member_size.h"
#include "worker/own_cpus.h"
#include "worker/shared_state.h"
#include "worker/table_publication.h"
#include "worker/totals.h"
#include "worker/watchdog.h"
#include "worker/worker.h"

namespace adit {

/// How a port was opened, and how it is.
struct PortView {
  InterfaceInfo interface;
  PortState state;
  std::uint32_t queues = 0;
  SteerAttachment attachment;
  bool zero_copy = false;
  std::string zero_copy_refusal;
  std::uint32_t frame_size = 0;
  /// Interface features that were turned off for the time being.
  std::vector<std::string> features_off;
  /// Packets may take several frames.
  bool multi_buffer = false;
  /// In force; else why not, where it was asked for.
  bool busy_poll = false;
  std::string busy_poll_refusal;
  /// As it was at the start.
  RxSpread spread;
  std::vector<SpreadFault> spread_faults;
  AfXdpStatistics sockets;
};

/// A next hop, and what ICMP errors told of the way.
struct NextHopView {
  NextHop hop;
  /// Of a path MTU, 0: none was learned, or its time is over.
  std::uint32_t path_mtu = 0;
  std::uint64_t path_mtu_seconds_left = 0;
  PathError last_error;
  std::uint64_t last_error_seconds_ago = 0;
};

struct DataPathOptions {
  GatewaySpec spec;
  /// 0: as many as the smallest queue count and the CPUs allow.
  std::uint32_t workers = 0;
  /// One worker on each of these CPUs; empty: not pinned.
  std::vector<std::uint32_t> cpus;
};

/// The running gateway: the table, the workers with their sockets, the steering
/// programs, the underlay. One thread opens, starts, stops and asks; events
/// come on the underlay's thread too.
class DataPath : private UnderlayListener {
 public:
  using EventSink = std::function<void(const UnderlayEvent&)>;

  DataPath(DataPathOptions options, EventSink events);
  ~DataPath() override;

  /// Opens all ports, starts workers and underlay, and redirects packets to the
  /// workers last. All or nothing. \throws Failure.
  void start();
  /// Detaches first, so that packets go to the kernel again; then workers
  /// finish what they have.
  void stop() noexcept;

  [[nodiscard]] Totals totals() const;
  [[nodiscard]] std::vector<PortView> ports() const;
  [[nodiscard]] const std::vector<std::unique_ptr<Worker>>& workers() const noexcept {
    return workers_;
  }
  [[nodiscard]] std::vector<NextHopView> next_hops() const;
  /// The largest inner IP packet that fits each member's way out now; by member.
  [[nodiscard]] std::vector<MemberSize> member_sizes() const;
  [[nodiscard]] std::vector<UnderlayNeighborView> neighbors() const;
  [[nodiscard]] bool has_address(const IpAddress& address) const;

 private:
  struct OpenPort {
    InterfaceInfo interface;
    std::uint32_t queues = 0;
    RxSpread spread;
    std::unique_ptr<InterfaceSettings> settings;
    std::unique_ptr<Promiscuous> promiscuous;
    std::unique_ptr<SteeringProgram> program;
    SteerAttachment attachment;
    PortState state;
  };

  void open_interfaces();
  void open_workers();
  void attach_programs();
  void redirect_to_workers();
  void tell_port(std::size_t port);
  /// Says where an MTU that changed is more than packets may take.
  void tell_mtu(std::size_t port, std::uint32_t mtu);
  void tell_interrupts(const std::string& interface);
  [[nodiscard]] std::string busy_poll_refusal(std::size_t port) const;
  [[nodiscard]] std::vector<SpreadFault> faults_of_spread(std::size_t port) const;
  [[nodiscard]] std::uint32_t worker_count() const;
  [[nodiscard]] Worker::Options worker_options(std::uint32_t worker, std::uint32_t workers,
                                               const FrameLayout& layout) const;
  [[nodiscard]] MacAddress port_mac(std::size_t port) const;
  /// What tunnel packets for us are addressed to on this port.
  [[nodiscard]] MacAddress tunnel_mac(std::size_t port) const;
  /// The steering rules as they are with the MAC addresses and VLANs of tunnel
  /// packets at present; published to the workers.
  SteeringConfig publish_rules();
  void event(UnderlayEvent::Level level, const char* code, std::string text,
             std::vector<std::pair<const char*, std::string>> fields = {}) noexcept;

  void on_next_hops_replaced(std::size_t count) noexcept override;
  void on_next_hop(std::uint32_t index, const NextHopState& state) noexcept override;
  void on_port(std::uint16_t port, const PortState& state) noexcept override;
  void on_addresses(const std::vector<IpPrefix>& addresses) noexcept override;
  void on_event(const UnderlayEvent& event) noexcept override;

  /// Without the table's members once the table is made.
  DataPathOptions options_;
  EventSink events_;
  TablePublication tables_;
  SharedState shared_;
  /// The last one is published; a worker may still look at those before it.
  std::vector<std::unique_ptr<const HostRules>> rules_;
  /// As the configuration has them; MAC addresses and VLANs are filled in when they are published.
  const SteeringConfig steering_;
  std::vector<OpenPort> ports_;
  /// Guards `state` and `program` of the ports: the underlay's thread changes
  /// them too.
  mutable std::mutex ports_mutex_;
  std::unique_ptr<SteeringMaps> maps_;
  OpenedPorts opened_;
  FrameLayout layout_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<OwnCpus> own_cpus_;
  std::unique_ptr<Underlay> underlay_;
  std::unique_ptr<Watchdog> watchdog_;
};

}  // namespace adit
