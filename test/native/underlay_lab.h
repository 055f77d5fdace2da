#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "netlink/address_text.h"
#include "netlink/underlay.h"
#include "underlay_addresses.h"

namespace adit::underlay_lab {

inline constexpr std::chrono::seconds kPatience{10};

/// A network namespace without a name: it goes when this object, and all that is in it, has gone,
/// also when the test dies.
class NetNs {
 public:
  NetNs() {
    std::thread([this] {
      if (unshare(CLONE_NEWNET) == 0) fd_ = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    }).join();
  }
  ~NetNs() { close(fd_); }
  NetNs(const NetNs&) = delete;
  NetNs& operator=(const NetNs&) = delete;

  [[nodiscard]] int fd() const noexcept { return fd_; }
  /// A name that `ip link … netns` takes.
  [[nodiscard]] std::string path() const {
    return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd_);
  }

 private:
  int fd_ = -1;
};

/// The calling thread is in a namespace while this lives.
class Inside {
 public:
  explicit Inside(const NetNs& ns) : back_(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
    REQUIRE(setns(ns.fd(), CLONE_NEWNET) == 0);
  }
  ~Inside() {
    if (setns(back_, CLONE_NEWNET) != 0) std::abort();
    close(back_);
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  int back_;
};

/// True, and said loudly, if this process may not make network namespaces.
inline bool skipped() {
  const bool may = geteuid() == 0 && NetNs().fd() >= 0;
  if (!may) std::fprintf(stderr, "SKIP: needs root (CAP_SYS_ADMIN, CAP_NET_ADMIN)\n");
  return !may;
}

/// Runs a shell command in the thread's namespace; it must succeed.
inline void run(const std::string& command) {
  CAPTURE(command);
  REQUIRE(std::system(command.c_str()) == 0);
}

/// What a shell command prints.
inline std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) text += buffer;
  pclose(pipe);
  return text;
}

/// Remembers all that it is told and lets a test wait for it.
class Recorder : public UnderlayListener {
 public:
  void on_next_hops_replaced(std::size_t count) noexcept override {
    change([&] {
      states.clear();
      list_size = count;
    });
  }
  void on_next_hop(std::uint32_t index, const NextHopState& state) noexcept override {
    change([&] {
      states[index] = state;
      ++told;
      if (index < 16) history.emplace_back(index, state);
    });
  }
  void on_port(std::uint16_t port, const PortState& state) noexcept override {
    change([&] {
      ports[port] = state;
      port_history.emplace_back(port, state);
    });
  }
  void on_addresses(const std::vector<IpPrefix>& own) noexcept override {
    change([&] { addresses = own; });
  }
  void on_event(const UnderlayEvent& event) noexcept override {
    change([&] { events.push_back(event); });
  }

  /// Waits until `holds()`, called with the lock held, is true.
  template <typename Condition>
  bool wait(Condition holds, std::chrono::milliseconds patience = kPatience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, holds);
  }
  bool wait_status(std::uint32_t index, NextHopState::Status status) {
    return wait([&] { return states.contains(index) && states[index].status == status; });
  }
  NextHopState state(std::uint32_t index) {
    const std::lock_guard lock(mutex_);
    return states[index];
  }
  PortState port(std::uint16_t index) {
    const std::lock_guard lock(mutex_);
    return ports[index];
  }
  /// Waits for an event of `code` whose text has `part`.
  bool wait_event(const std::string& code, const std::string& part) {
    return wait([&] {
      for (const UnderlayEvent& event : events) {
        if (event.code == code && event.text.find(part) != std::string::npos) return true;
      }
      return false;
    });
  }
  void forget_history() {
    const std::lock_guard lock(mutex_);
    history.clear();
    port_history.clear();
    events.clear();
  }

  /// Held by a test, it keeps the underlay's thread inside its next callback.
  std::mutex gate;

  std::map<std::uint32_t, NextHopState> states;
  std::map<std::uint16_t, PortState> ports;
  std::vector<std::pair<std::uint32_t, NextHopState>> history;
  std::vector<std::pair<std::uint16_t, PortState>> port_history;
  std::vector<IpPrefix> addresses;
  std::vector<UnderlayEvent> events;
  std::size_t list_size = 0;
  std::size_t told = 0;

 private:
  template <typename Change>
  void change(Change apply) noexcept {
    const std::lock_guard passing(gate);
    const std::lock_guard lock(mutex_);
    apply();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
};

///  gateway namespace                  peer namespace
///   u0  10.1.0.1/24  fd00:1::1/64 --- p0  10.1.0.2, .3  fd00:1::2    02:00:00:00:0b:00
///   v0  10.2.0.1/24               --- p1  10.2.0.2                   02:00:00:00:0b:01
///   x0  10.3.0.1/24 (no port)     --- p2  10.3.0.2
/// 198.51.100.0/24 via 10.1.0.2, 2001:db8:100::/48 via fd00:1::2, default via 10.3.0.2
class Lab {
 public:
  Lab() {
    in_gateway("ip link set lo up");
    in_peer("ip link set lo up");
    link("u0", "p0", "00", "10.1.0");
    link("v0", "p1", "01", "10.2.0");
    link("x0", "p2", "02", "10.3.0");
    in_peer("ip address add 10.1.0.3/24 dev p0");
    in_gateway("ip address add fd00:1::1/64 dev u0 nodad");
    in_peer("ip address add fd00:1::2/64 dev p0 nodad");
    in_gateway("ip -6 route replace 2001:db8:100::/48 via fd00:1::2 dev u0");
    add_ipv4_routes();
    options.ports = {{.name = "underlay", .interface = "u0", .mac = {}, .mtu = {}, .addresses = {}},
                     {.name = "second", .interface = "v0", .mac = {}, .mtu = {}, .addresses = {}}};
  }

  void in_gateway(const std::string& command) { inside(gateway, command); }
  void in_peer(const std::string& command) { inside(peer, command); }

  /// A veth pair with fixed MAC addresses 02:00:00:00:0a:NN and 02:00:00:00:0b:NN.
  void link(const std::string& ours, const std::string& theirs, const std::string& nn,
            const std::string& net) {
    in_gateway("ip link add " + ours + " address 02:00:00:00:0a:" + nn + " type veth peer name " +
               theirs + " address 02:00:00:00:0b:" + nn + " netns " + peer.path());
    in_gateway("ip address add " + net + ".1/24 dev " + ours + " && ip link set " + ours + " up");
    in_peer("ip address add " + net + ".2/24 dev " + theirs + " && ip link set " + theirs + " up");
  }

  void add_ipv4_routes() {
    in_gateway("ip route replace 198.51.100.0/24 via 10.1.0.2");
    in_gateway("ip route replace default via 10.3.0.2");
  }

  /// The kernel's neighbor timers, so that a dead neighbor is found in a second or so.
  void quick_neighbors(const std::string& interface) {
    const std::string base = "/proc/sys/net/ipv4/neigh/" + interface + "/";
    in_gateway("echo 200 > " + base + "retrans_time_ms && echo 1 > " + base + "ucast_solicit");
    in_gateway("echo 1 > " + base + "delay_first_probe_time && echo 500 > " + base +
               "base_reachable_time_ms && echo 500 > " + base + "interval_probe_time_ms");
  }

  /// Makes the underlay in the gateway's namespace and starts it with these next hops.
  void start(const std::vector<std::pair<std::string, std::string>>& pairs) {
    std::vector<OuterPair> list;
    list.reserve(pairs.size());
    for (const auto& [local, remote] : pairs) list.push_back({ip(local), ip(remote)});
    start(std::move(list));
  }
  void start(std::vector<OuterPair> list) {
    underlay = std::make_unique<Underlay>(options, told);
    underlay->set_next_hops({.pairs = std::move(list), .other_locals = {}});
    const Inside inside(gateway);
    underlay->start();
  }

  NetNs gateway;
  NetNs peer;
  UnderlayOptions options;
  Recorder told;
  std::unique_ptr<Underlay> underlay;

 private:
  static void inside(const NetNs& ns, const std::string& command) {
    const Inside guard(ns);
    run(command);
  }
};

}  // namespace adit::underlay_lab
