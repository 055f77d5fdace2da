#pragma once

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "packet/frame_pool.h"
#include "port/open_ports.h"
#include "port_lab.h"
#include "steer/program.h"

/// Steered AF_XDP ports of one worker, and what forwards between them.
namespace adit::port_lab {

inline constexpr std::uint32_t kRing = 512;
inline constexpr std::uint32_t kPush = 50;
inline constexpr unsigned kVid = 100;

/// Everything is an attachment's: untagged and VID 100.
inline SteeringConfig take_all() {
  SteeringConfig config;
  config.ports.resize(1);
  config.ports[0].vlans.set(0).set(kVid);
  return config;
}

inline AfXdpPort::Options options_of(const std::string& interface,
                                     std::vector<std::uint32_t> queues) {
  AfXdpPort::Options options;
  options.name = "port " + interface;
  options.interface = interface;
  options.queues = std::move(queues);
  options.ring_size = kRing;
  options.frames_per_queue = 4 * kRing;
  return options;
}

/// One worker's port with its own steering program.
struct SteeredPort {
  SteeringMaps maps{take_all()};
  SteeringProgram program;
  AfXdpPort port;

  SteeredPort(Umem& umem, const std::string& interface, std::vector<std::uint32_t> queues = {0},
              XdpMode mode = XdpMode::kAuto)
      : program(maps, take_all().ports[0], 8,
                umem.pool().layout().max_buffers > 1 ? 1500 : SteeringProgram::kOneBuffer),
        port(umem, options_of(interface, std::move(queues))) {
    native = program.attach(interface, mode).native;
  }
  void steer() {
    for (const auto& socket : port.sockets()) program.set_socket(socket->queue(), socket->fd());
  }
  bool native = false;
};

/// Two ports of one worker over one packet memory, steered and open.
struct Pair {
  FramePool pool;
  Umem umem{pool};
  SteeredPort a;
  SteeredPort b;

  explicit Pair(FrameLayout layout = {}, const std::vector<std::uint32_t>& queues = {0},
                XdpMode mode = XdpMode::kAuto)
      : pool(static_cast<std::uint32_t>(queues.size()) * 8 * kRing, layout),
        a(umem, "near0", queues, mode),
        b(umem, "near1", queues, mode) {}

  OpenedPorts open() {
    AfXdpPort* const ports[] = {&a.port, &b.port};
    OpenedPorts opened = open_ports(ports);
    a.steer();
    b.steer();
    return opened;
  }
  /// Free + fill + rx + tx + completion; all frames while the test holds none.
  [[nodiscard]] std::uint64_t accounted() const {
    std::uint64_t sum = pool.free();
    for (const AfXdpPort* port : {&a.port, &b.port}) {
      const FrameCounts counts = port->frames();
      sum += counts.fill + counts.rx + counts.tx + counts.completion;
    }
    return sum;
  }
};

inline void make_two_pairs(int queues = 1) {
  make_veth("near0", "far0", queues);
  make_veth("near1", "far1", queues);
}

/// Waits for one packet on the port.
inline Packet receive_one(AfXdpPort& port) {
  Packet packet;
  REQUIRE(eventually([&] {
    port.flush();
    return port.rx_burst({&packet, 1}) == 1;
  }));
  return packet;
}

/// Moves what `from` receives to `to`, with `change` made to each; what does not fit is freed.
template <typename Change>
std::size_t forward(FramePool& pool, AfXdpPort& from, AfXdpPort& to, Change change) {
  std::array<Packet, kBurst> burst;
  const std::size_t count = from.rx_burst(burst);
  for (std::size_t i = 0; i < count; ++i) change(burst[i]);
  const std::size_t sent = to.tx_burst(std::span(burst).first(count));
  for (std::size_t i = sent; i < count; ++i) pool.give(burst[i]);
  from.flush();
  to.flush();
  return sent;
}

/// Forwards one frame from `near` to `out` as it is, and checks that it arrives at `far_out`.
inline void check_forwards(FramePool& pool, AfXdpPort& near, AfXdpPort& out, const FarEnd& far,
                           const FarEnd& far_out) {
  const Bytes frame = make_frame(200, 5);
  far.send(frame);
  CHECK(eventually([&] { return forward(pool, near, out, [](Packet&) {}) == 1; }));
  CHECK(far_out.receive() == frame);
}

}  // namespace adit::port_lab
