#include <doctest/doctest.h>
#include <linux/if_xdp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <string>

#include "packet/packet.h"
#include "port_lab.h"
#include "port_rig.h"

// How AF_XDP sockets are set up for speed, on veth pairs with a real kernel.
using namespace adit;
using namespace adit::port_lab;

TEST_CASE("a receiver that holds a ring of packets keeps nobody else's from leaving") {
  if (skipped()) return;
  const Namespace ns;
  make_two_pairs();
  // Behind far1, a slow link and a fast one; the slow one's queue keeps what it gets.
  make_veth("slow", "slow-end");
  make_veth("fast", "fast-end");
  sh("ip link add name bridge1 type bridge mcast_snooping 0");
  sh("ip link set dev bridge1 up");
  for (const char* name : {"far1", "slow", "fast"}) {
    sh(std::string("ip link set dev ") + name + " master bridge1");
  }
  sh("tc qdisc add dev slow root tbf rate 8kbit burst 2000 limit 10000000");
  sh("bridge fdb add 02:00:00:00:00:51 dev slow master static");
  sh("bridge fdb add 02:00:00:00:00:fa dev fast master static");
  Pair pair;
  pair.open();
  const FarEnd fast("fast-end");
  const auto send_to = [&](std::uint8_t host) {
    Packet packet = pair.pool.take_packet();
    REQUIRE(packet.pad(100));
    const std::array<std::uint8_t, 12> macs{2, 0, 0, 0, 0, host, 2, 0, 0, 0, 0, 0x22};
    std::copy(macs.begin(), macs.end(), packet.data());
    REQUIRE(pair.b.port.tx_burst({&packet, 1}) == 1);
    pair.b.port.flush();
  };
  // Twice a ring would fill the completion ring, and stop everybody.
  for (std::uint32_t i = 0; i < kRing + kRing / 2; ++i) send_to(0x51);
  CHECK(pair.b.port.frames().tx > kRing);
  CHECK_FALSE(pair.b.port.tx_pending());
  send_to(0xfa);
  CHECK(fast.receive().size() == 100);
  CHECK(pair.accounted() == pair.pool.total());
}

TEST_CASE("a burst takes one system call where the kernel knows the budget") {
  if (skipped()) return;
  const Namespace ns;
  make_two_pairs();
  Pair pair;
  pair.open();
  const FarEnd far1("far1");
  constexpr int kBudgetOption = 9;
  const int same = kBurst;
  // Asked of the other port, so that what counts is what was set when this one was opened.
  const int fd = pair.a.port.sockets()[0]->fd();
  if (setsockopt(fd, SOL_XDP, kBudgetOption, &same, sizeof same) != 0) {
    MESSAGE("SKIP: this kernel has no XDP_MAX_TX_SKB_BUDGET");
    return;
  }
  std::array<Packet, kBurst> burst;
  for (Packet& packet : burst) {
    packet = pair.pool.take_packet();
    REQUIRE(packet.pad(64));
  }
  REQUIRE(pair.b.port.tx_burst(burst) == kBurst);
  pair.b.port.flush();
  CHECK(pair.b.port.statistics().tx_kicks == 1);
  for (std::size_t i = 0; i < kBurst; ++i) CHECK(far1.receive().size() == 64);
}

TEST_CASE("busy polling that a driver does not have is refused in words, and frames cross") {
  if (skipped()) return;
  const Namespace ns;
  make_two_pairs();
  Pair pair;
  AfXdpPort::Options options = pair.a.port.options();
  options.busy_poll = true;
  AfXdpPort polled(pair.umem, options);
  AfXdpPort* const ports[] = {&polled, &pair.b.port};
  CHECK_FALSE(open_ports(ports).zero_copy);
  pair.a.program.set_socket(0, polled.sockets()[0]->fd());
  const FarEnd far0("far0");
  const FarEnd far1("far1");
  check_forwards(pair.pool, polled, pair.b.port, far0, far1);
  CHECK_FALSE(polled.sockets()[0]->is_busy_polled());
  CHECK(polled.busy_poll_refusal() == "driver and kernel do not tell what polls queue 0");
  CHECK(pair.b.port.busy_poll_refusal().empty());
  int preferred = 0;
  socklen_t bytes = sizeof preferred;
  REQUIRE(getsockopt(polled.sockets()[0]->fd(), SOL_SOCKET, SO_PREFER_BUSY_POLL, &preferred,
                     &bytes) == 0);
  CHECK(preferred == 1);
}

TEST_CASE("busy polling without CAP_NET_ADMIN is refused with the reason") {
  if (skipped()) return;
  const Namespace ns;
  make_veth("near0", "far0");
  const SteeringMaps maps(take_all());
  SteeringProgram program(maps, take_all().ports[0], 1);
  program.attach("near0", XdpMode::kAuto);
  FramePool pool(4 * kRing, {});
  Umem umem(pool);
  AfXdpPort::Options options = options_of("near0", {0});
  options.busy_poll = true;
  with_capabilities({CAP_NET_RAW, CAP_IPC_LOCK}, [&] {
    AfXdpPort port(umem, options);
    AfXdpPort* const ports[] = {&port};
    static_cast<void>(open_ports(ports));
    CHECK(port.busy_poll_refusal() == "it is not permitted: it takes CAP_NET_ADMIN");
  });
}
