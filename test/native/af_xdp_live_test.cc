#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

#include "port/interface_info.h"
#include "port/interface_settings.h"
#include "port_rig.h"

using namespace adit;
using namespace adit::port_lab;

TEST_CASE("a frame is pushed and sent in place: the TX address is the RX address less the push") {
  if (skipped()) return;
  const Namespace ns;
  make_two_pairs();
  Pair pair(FrameLayout{.frame_bytes = 2048, .data_offset = 256 + 64});
  const OpenedPorts opened = pair.open();
  CHECK_FALSE(opened.zero_copy);
  CHECK(opened.refused_by == "port near0");
  CHECK(contains(opened.refusal, "no zero copy on queue 0 of interface near0"));
  const FarEnd far0("far0");
  const FarEnd far1("far1");
  const xsk_ring_cons& rx = pair.a.port.sockets()[0]->rx_ring();
  const xsk_ring_prod& tx = pair.b.port.sockets()[0]->tx_ring();
  unsigned seed = 0;
  for (const std::size_t size : {60U, 61U, 64U, 128U, 1000U, 1514U - kPush}) {
    CAPTURE(size);
    const Bytes inner = make_frame(size, ++seed);
    far0.send(inner);
    Packet packet = receive_one(pair.a.port);
    const xdp_desc received = *xsk_ring_cons__rx_desc(&rx, rx.cached_cons - 1);
    CHECK(received.addr % 2048 == 256 + 64);
    CHECK(received.len == size);

    std::uint8_t* header = packet.push(kPush);
    REQUIRE(header != nullptr);
    for (std::uint32_t i = 0; i < kPush; ++i) header[i] = static_cast<std::uint8_t>(0xc0 + i % 16);
    REQUIRE(pair.b.port.tx_burst({&packet, 1}) == 1);
    const xdp_desc sent =
        *xsk_ring_prod__tx_desc(const_cast<xsk_ring_prod*>(&tx), tx.cached_prod - 1);
    CHECK(sent.addr == received.addr - kPush);
    CHECK(sent.addr / 2048 == received.addr / 2048);
    CHECK(sent.len == size + kPush);
    pair.b.port.flush();

    const Bytes outer = far1.receive();
    REQUIRE(outer.size() == size + kPush);
    CHECK(std::equal(inner.begin(), inner.end(), outer.begin() + kPush));
    for (std::uint32_t i = 0; i < kPush; ++i) CHECK(outer[i] == 0xc0 + i % 16);
  }
  CHECK(pair.accounted() == pair.pool.total());
}

TEST_CASE("a frame is popped and sent in place: the TX address is the RX address plus the pop") {
  if (skipped()) return;
  const Namespace ns;
  make_two_pairs();
  Pair pair;
  pair.open();
  const FarEnd far0("far0");
  const FarEnd far1("far1");
  const xsk_ring_cons& rx = pair.b.port.sockets()[0]->rx_ring();
  const xsk_ring_prod& tx = pair.a.port.sockets()[0]->tx_ring();
  for (const std::size_t size : {60U + kPush, 700U, 1514U}) {
    CAPTURE(size);
    const Bytes outer = make_frame(size, 3);
    far1.send(outer);
    Packet packet = receive_one(pair.b.port);
    const std::uint64_t received = xsk_ring_cons__rx_desc(&rx, rx.cached_cons - 1)->addr;
    REQUIRE(packet.pop(kPush) != nullptr);
    REQUIRE(pair.a.port.tx_burst({&packet, 1}) == 1);
    CHECK(xsk_ring_prod__tx_desc(const_cast<xsk_ring_prod*>(&tx), tx.cached_prod - 1)->addr ==
          received + kPush);
    pair.a.port.flush();
    CHECK(far0.receive() == Bytes(outer.begin() + kPush, outer.end()));
  }
}

TEST_CASE("frames are conserved over 100000 packets both ways") {
  if (skipped()) return;
  const Namespace ns;
  make_two_pairs();
  Pair pair;
  pair.open();
  const FarEnd far0("far0");
  const FarEnd far1("far1");
  constexpr std::uint64_t kFrames = 100000;
  const Bytes out = make_frame(100, 1);
  const Bytes in = make_frame(100 + kPush, 2);
  std::uint64_t offered = 0;
  std::uint64_t forwarded = 0;
  std::uint64_t checks = 0;
  const auto push = [](Packet& packet) { std::memset(packet.push(kPush), 0x11, kPush); };
  const auto pop = [](Packet& packet) { CHECK(packet.pop(kPush) != nullptr); };
  while (offered < kFrames) {
    for (int i = 0; i < 32; ++i) {
      offered += far0.try_send(out) ? 1 : 0;
      offered += far1.try_send(in) ? 1 : 0;
    }
    forwarded += forward(pair.pool, pair.a.port, pair.b.port, push);
    forwarded += forward(pair.pool, pair.b.port, pair.a.port, pop);
    if (pair.accounted() != pair.pool.total()) break;
    ++checks;
  }
  CHECK(checks >= kFrames / 64);
  // Reception may lag behind sending; let it come to rest.
  const auto settle = [&] {
    forwarded += forward(pair.pool, pair.a.port, pair.b.port, push);
    forwarded += forward(pair.pool, pair.b.port, pair.a.port, pop);
    const FrameCounts a = pair.a.port.frames();
    const FrameCounts b = pair.b.port.frames();
    return a.rx + b.rx + a.tx + b.tx + a.completion + b.completion == 0;
  };
  CHECK(eventually(settle));
  CHECK(pair.accounted() == pair.pool.total());
  CHECK_FALSE(pair.a.port.tx_pending());
  const AfXdpStatistics a = pair.a.port.statistics();
  const AfXdpStatistics b = pair.b.port.statistics();
  CHECK(forwarded == a.sent_frames + b.sent_frames);
  CHECK(a.received_frames + b.received_frames + a.rx_dropped + b.rx_dropped + a.rx_ring_full +
            b.rx_ring_full ==
        offered);
  CHECK(forwarded > kFrames * 9 / 10);
  CHECK(b.sent_bytes == b.sent_frames * (100 + kPush));
  CHECK(a.tx_invalid + b.tx_invalid + a.rx_invalid + b.rx_invalid == 0);
  CHECK(a.tx_kicks > 0);
  // A burst needs a system call for each 32 packets, not one for each.
  CHECK(a.tx_kicks + b.tx_kicks < forwarded / 4);
}

TEST_CASE("closing the ports gives every frame back, whatever the kernel still held") {
  if (skipped()) return;
  const Namespace ns;
  make_two_pairs();
  Pair pair;
  pair.open();
  const FarEnd far0("far0");
  for (int i = 0; i < 100; ++i) far0.send(make_frame(100, 1));
  CHECK(eventually([&] { return pair.a.port.frames().rx == 100; }));
  CHECK(pair.a.port.frames().fill == kRing - 100);
  std::array<Packet, kBurst> burst;
  REQUIRE(pair.a.port.rx_burst(burst) == kBurst);
  // Queued for sending, and never kicked.
  REQUIRE(pair.b.port.tx_burst(burst) == kBurst);
  CHECK(pair.b.port.frames().tx == kBurst);
  CHECK(pair.b.port.tx_pending());
  CHECK(pair.accounted() == pair.pool.total());
  pair.a.port.close();
  CHECK(pair.accounted() == pair.pool.total());
  pair.b.port.close();
  CHECK(pair.pool.free() == pair.pool.total());
  // No frame was given back twice.
  std::vector<std::uint64_t> frames(pair.pool.total());
  REQUIRE(pair.pool.take(frames) == frames.size());
  std::sort(frames.begin(), frames.end());
  CHECK(std::adjacent_find(frames.begin(), frames.end()) == frames.end());
}

TEST_CASE("an unread port drops and counts what does not fit, and goes on") {
  if (skipped()) return;
  const Namespace ns;
  make_two_pairs();
  Pair pair;
  pair.open();
  const FarEnd far0("far0");
  const FarEnd far1("far1");
  constexpr std::uint64_t kFrames = std::uint64_t{3} * kRing;
  for (std::uint64_t i = 0; i < kFrames; ++i) far0.send(make_frame(100, 1));
  CHECK(eventually([&] { return pair.a.port.statistics().rx_dropped == kFrames - kRing; }));
  CHECK(pair.a.port.frames().rx == kRing);
  CHECK(pair.a.port.statistics().rx_fill_ring_empty > 0);
  std::size_t forwarded = 0;
  CHECK(eventually([&] {
    forwarded += forward(pair.pool, pair.a.port, pair.b.port, [](Packet&) {});
    return forwarded == kRing;
  }));
  for (std::uint64_t i = 0; i < kRing; ++i) REQUIRE_FALSE(far1.receive().empty());
  check_forwards(pair.pool, pair.a.port, pair.b.port, far0, far1);
}

TEST_CASE("tagged frames keep their tag and unclaimed ones stay the kernel's") {
  if (skipped()) return;
  const Namespace ns;
  make_two_pairs();
  const InterfaceSettings settings("near0");
  Pair pair;
  pair.open();
  const FarEnd far0("far0");
  const Bytes tagged = make_frame(100, 1, kVid);
  far0.send(make_frame(100, 1, kVid + 1));
  far0.send(tagged);
  const Packet packet = receive_one(pair.a.port);
  CHECK(Bytes(packet.data(), packet.data() + packet.size()) == tagged);
  CHECK(pair.a.program.counters().redirected_attachment == 1);
  CHECK(pair.a.program.counters().passed == 1);
  pair.pool.give(packet);
}

TEST_CASE("generic mode serves where native cannot") {
  if (skipped()) return;
  const Namespace ns;
  make_two_pairs();
  sh("ip link set dev far0 mtu 9000");
  Pair pair;
  CHECK_FALSE(pair.a.native);
  CHECK(pair.b.native);
  AfXdpPort::Options options = pair.a.port.options();
  options.native = false;
  AfXdpPort generic(pair.umem, options);
  AfXdpPort* const ports[] = {&generic, &pair.b.port};
  const OpenedPorts opened = open_ports(ports);
  CHECK(opened.refused_by == "port near0");
  CHECK(opened.refusal == "it is attached in generic mode");
  pair.a.program.set_socket(0, generic.sockets()[0]->fd());
  const FarEnd far0("far0");
  const FarEnd far1("far1");
  check_forwards(pair.pool, generic, pair.b.port, far0, far1);
}

TEST_CASE("one worker serves all queues of its ports") {
  if (skipped()) return;
  const Namespace ns;
  make_two_pairs(2);
  CHECK(read_interface("near0").rx_queues == 2);
  Pair pair(FrameLayout{}, {0, 1});
  pair.open();
  const FarEnd far0("far0");
  const FarEnd far1("far1");
  // The kernel spreads flows over queues; so many of them reach both.
  constexpr std::size_t kFlows = 64;
  for (std::size_t i = 0; i < kFlows; ++i) {
    Bytes frame = make_frame(120, static_cast<unsigned>(i));
    const std::uint8_t ip[20] = {0x45, 0,  0, 106, 0,  0, 0, 0,
                                 64,   17, 0, 0,   10, 0, 0, static_cast<std::uint8_t>(i),
                                 10,   0,  1, 1};
    frame[12] = 0x08;
    frame[13] = 0x00;
    std::memcpy(&frame[14], ip, sizeof ip);
    far0.send(frame);
  }
  std::size_t forwarded = 0;
  CHECK(eventually([&] {
    forwarded += forward(pair.pool, pair.a.port, pair.b.port, [](Packet&) {});
    return forwarded == kFlows;
  }));
  CHECK(pair.a.port.sockets()[0]->rx_ring().cached_cons > 0);
  CHECK(pair.a.port.sockets()[1]->rx_ring().cached_cons > 0);
  for (std::size_t i = 0; i < kFlows; ++i) CHECK(far1.receive().size() == 120);
  CHECK(pair.accounted() == pair.pool.total());
}

TEST_CASE("two workers own a queue of the same interface each") {
  if (skipped()) return;
  const Namespace ns;
  make_veth("near0", "far0", 2);
  const FarEnd far0("far0");
  const SteeringMaps maps(take_all());
  SteeringProgram program(maps, take_all().ports[0], 2);
  program.attach("near0", XdpMode::kAuto);
  FramePool pools[] = {FramePool(4 * kRing, {}), FramePool(4 * kRing, {})};
  Umem umems[] = {Umem(pools[0]), Umem(pools[1])};
  AfXdpPort shares[] = {AfXdpPort(umems[0], options_of("near0", {0})),
                        AfXdpPort(umems[1], options_of("near0", {1}))};
  for (std::uint32_t worker = 0; worker < 2; ++worker) {
    AfXdpPort* const ports[] = {&shares[worker]};
    CHECK_FALSE(open_ports(ports).zero_copy);
    program.set_socket(worker, shares[worker].sockets()[0]->fd());
    Packet packet = pools[worker].take_packet();
    REQUIRE(packet.pad(64));
    packet.data()[0] = static_cast<std::uint8_t>(worker);
    REQUIRE(shares[worker].tx_burst({&packet, 1}) == 1);
    shares[worker].flush();
    const Bytes sent = far0.receive();
    REQUIRE(sent.size() == 64);
    CHECK(sent[0] == worker);
  }
}

TEST_CASE("when the first bound interface is deleted the others go on and new sockets can join") {
  if (skipped()) return;
  const Namespace ns;
  make_two_pairs();
  make_veth("near2", "far2");
  Pair pair;
  pair.open();
  const FarEnd far1("far1");
  const FarEnd far2("far2");
  sh("ip link del far0");
  {
    // near0's socket was bound first, is still open, and is dead.
    SteeredPort c(pair.umem, "near2");
    c.port.open(false);
    c.port.start();
    c.steer();
    check_forwards(pair.pool, c.port, pair.b.port, far2, far1);
    check_forwards(pair.pool, pair.b.port, c.port, far1, far2);
    Packet packet = pair.pool.take_packet();
    REQUIRE(packet.pad(64));
    REQUIRE(pair.a.port.tx_burst({&packet, 1}) == 1);
    pair.a.port.flush();
    CHECK(pair.a.port.link() == LinkState::kGone);
    CHECK(pair.a.port.tx_burst({&packet, 1}) == 0);
    CHECK_FALSE(pair.a.port.tx_pending());
  }
  const std::uint64_t received_before = pair.a.port.statistics().received_frames;
  pair.a.port.close();
  CHECK(pair.accounted() == pair.pool.total());

  make_veth("near0", "far0");
  const FarEnd far0("far0");
  pair.a.program.attach("near0", XdpMode::kAuto);
  pair.a.port.open(false);
  pair.a.port.start();
  pair.a.steer();
  check_forwards(pair.pool, pair.a.port, pair.b.port, far0, far1);
  CHECK(pair.a.port.statistics().received_frames == received_before + 1);
}

TEST_CASE("when every interface was deleted the packet memory is registered anew") {
  if (skipped()) return;
  const Namespace ns;
  make_two_pairs();
  Pair pair;
  pair.open();
  sh("ip link del far0");
  sh("ip link del far1");
  // The dead sockets are still open here.
  make_two_pairs();
  pair.a.program.attach("near0", XdpMode::kAuto);
  pair.b.program.attach("near1", XdpMode::kAuto);
  pair.open();
  const FarEnd far0("far0");
  const FarEnd far1("far1");
  check_forwards(pair.pool, pair.a.port, pair.b.port, far0, far1);
  CHECK(pair.accounted() == pair.pool.total());
}

TEST_CASE("a port that is down takes nothing and works again without reopening") {
  if (skipped()) return;
  const Namespace ns;
  make_two_pairs();
  Pair pair;
  pair.open();
  sh("ip link set dev near1 down");
  Packet packet = pair.pool.take_packet();
  REQUIRE(packet.pad(64));
  CHECK(pair.b.port.tx_burst({&packet, 1}) == 1);
  pair.b.port.flush();
  CHECK(pair.b.port.link() == LinkState::kDown);
  CHECK_FALSE(pair.b.port.tx_pending());
  packet = pair.pool.take_packet();
  REQUIRE(packet.pad(64));
  CHECK(pair.b.port.tx_burst({&packet, 1}) == 0);
  pair.pool.give(packet);
  sh("ip link set dev near1 up");
  pair.b.port.set_link(LinkState::kUp);
  const FarEnd far0("far0");
  const FarEnd far1("far1");
  pair.b.port.flush();
  CHECK(far1.receive().size() == 64);
  check_forwards(pair.pool, pair.a.port, pair.b.port, far0, far1);
  check_forwards(pair.pool, pair.b.port, pair.a.port, far1, far0);
  CHECK(pair.accounted() == pair.pool.total());
}
