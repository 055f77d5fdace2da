#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "wire/address.h"

namespace adit {

/// Stands for "no port" wherever a port's index is told.
inline constexpr std::uint16_t kNoPort = 0xffff;

/// The outer addresses of a tunnel's packets: what a next hop is asked for.
struct OuterPair {
  IpAddress local;
  IpAddress remote;
  [[nodiscard]] bool operator==(const OuterPair&) const noexcept = default;
};

/// The answer for one OuterPair: how its packets leave, or why they cannot.
struct NextHopState {
  enum Status : std::uint8_t {
    kNoRoute,    // no route, or one that leaves by no port of ours; only `status` counts
    kResolving,  // the kernel was asked for the MAC address and has not answered yet
    kFailed,     // the MAC address could not be had; it is asked for again, ever more rarely
    kPortDown,   // the port's interface is absent, down or without carrier
    kUp,         // everything is known
  };
  Status status = kNoRoute;
  std::uint16_t port = kNoPort;
  MacAddress source;
  /// All zero unless `kUp`, or `kPortDown` with a MAC address known from before.
  MacAddress destination;
  /// Largest IP packet in bytes: the MTU of the port's tunnel link or the route's, whichever is
  /// less.
  std::uint32_t mtu = 0;
  [[nodiscard]] bool operator==(const NextHopState&) const noexcept = default;
};

/// The interface that a port's tunnel packets leave by: the port's own, or the kernel's VLAN
/// interface on it whose tag they carry.
struct TunnelLink {
  std::uint32_t ifindex = 0;  // the port's own also where no interface has the given tag
  std::uint16_t vlan = 0;     // VID of their one tag, of TPID 0x8100, 1-4094; 0: they are untagged
  MacAddress mac;
  std::uint32_t mtu = 0;  // IP MTU in bytes
  bool up = false;        // and so is the port
  [[nodiscard]] bool operator==(const TunnelLink&) const noexcept = default;
};

/// A port's interface as it is now. What the configuration gives stands instead of the interface's.
struct PortState {
  MacAddress mac;
  std::uint32_t mtu = 0;      // IP MTU in bytes
  bool up = false;            // administratively up, with carrier, operational
  bool present = false;       // an interface of that name exists
  std::uint32_t ifindex = 0;  // another number under the same name is another interface
  TunnelLink tunnel;
  [[nodiscard]] bool operator==(const PortState&) const noexcept = default;
};

/// Something worth a line in the log.
struct UnderlayEvent {
  enum class Level : std::uint8_t { kDebug, kInfo, kWarn, kError };
  Level level = Level::kInfo;
  const char* code = "";  // stable, such as `ADIT-2221`
  std::string text;       // one sentence without a period
  std::vector<std::pair<const char*, std::string>> fields;
};

/// Hears of every change. Called by one thread at a time with the underlay's lock held: an
/// implementation must be quick, must not throw and must not call the underlay.
class UnderlayListener {
 public:
  virtual ~UnderlayListener() = default;
  /// A new list of `count` next hops took effect: later calls of `on_next_hop` speak of it, and
  /// each of its indexes is told at least once.
  virtual void on_next_hops_replaced(std::size_t count) noexcept = 0;
  virtual void on_next_hop(std::uint32_t index, const NextHopState& state) noexcept = 0;
  virtual void on_port(std::uint16_t port, const PortState& state) noexcept = 0;
  /// The addresses of our ports, their tunnel links' included, with prefix length and host bits.
  virtual void on_addresses(const std::vector<IpPrefix>& addresses) noexcept = 0;
  virtual void on_event(const UnderlayEvent& event) noexcept = 0;
};

/// A port as the configuration gives it; ports are known by their position.
struct UnderlayPort {
  std::string name;
  std::string interface;
  std::optional<MacAddress> mac;
  std::optional<std::uint32_t> mtu;
  /// VID that tunnel packets carry here, 1-4094; none: that of the kernel's VLAN interface on the
  /// port's interface that holds a local address of tunnels, else they are untagged.
  std::optional<std::uint16_t> vlan = std::nullopt;
  /// Own addresses with their prefix length; each makes a connected route.
  std::vector<IpPrefix> addresses;
};

struct StaticRoute {
  IpPrefix prefix;
  std::optional<IpAddress> via;  // none: the destination itself is on the link
  std::uint16_t port = 0;
};

struct StaticNeighbor {
  IpAddress address;
  MacAddress mac;
  std::uint16_t port = 0;
};

/// What the underlay is asked.
struct NextHopQuestions {
  /// The list of next hops; the listener knows them by their position.
  std::vector<OuterPair> pairs;
  /// Local addresses of tunnels that have no next hop; those of the pairs need not be named.
  std::vector<IpAddress> other_locals;
};

struct UnderlayOptions {
  std::vector<UnderlayPort> ports;
  std::vector<StaticRoute> routes;
  std::vector<StaticNeighbor> neighbors;
  /// Bytes of the kernel's queue of changes for us; past it everything is read anew.
  std::uint32_t receive_buffer_bytes = 4U << 20;
};

/// The addresses that the configuration gives ports.
[[nodiscard]] std::vector<IpPrefix> port_addresses(const UnderlayOptions& options);

}  // namespace adit
