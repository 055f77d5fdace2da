// Frames beyond a chunk: the kernel hands them over, and takes them, in several descriptors.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <initializer_list>

#include "bytes.h"
#include "port/interface_info.h"
#include "port_rig.h"

using namespace adit;
using namespace adit::port_lab;

namespace {

constexpr FrameLayout kSmall{.frame_bytes = 2048, .data_offset = 256, .max_buffers = kMaxBuffers};
constexpr FrameLayout kPage{
    .frame_bytes = 4096, .data_offset = 256 + 64, .max_buffers = kMaxBuffers};

bool skipped_here() {
  if (skipped()) return true;
  if (kernel_has_multi_buffer()) return false;
  std::fprintf(stderr, "SKIP: needs Linux 6.6 (XDP_USE_SG)\n");
  return true;
}

/// The two pairs with this MTU at all four ends.
void make_jumbo_pairs(unsigned mtu) {
  make_two_pairs();
  for (const char* name : {"near0", "far0", "near1", "far1"}) {
    sh(std::string("ip link set dev ") + name + " mtu " + std::to_string(mtu));
  }
}

/// The descriptor that is `back` before the last one that was taken or queued.
xdp_desc received(const AfXdpPort& port, std::uint32_t back) {
  const xsk_ring_cons& rx = port.sockets()[0]->rx_ring();
  return *xsk_ring_cons__rx_desc(&rx, rx.cached_cons - 1 - back);
}
xdp_desc queued(const AfXdpPort& port, std::uint32_t back) {
  const xsk_ring_prod& tx = port.sockets()[0]->tx_ring();
  return *xsk_ring_prod__tx_desc(const_cast<xsk_ring_prod*>(&tx), tx.cached_prod - 1 - back);
}

void check_in_place(const FrameLayout& layout, XdpMode mode) {
  const Namespace ns;
  make_jumbo_pairs(9216);
  Pair pair(layout, {0}, mode);
  REQUIRE(pair.a.native == (mode != XdpMode::kGeneric));
  pair.open();
  const FarEnd far0("far0");
  const FarEnd far1("far1");
  unsigned seed = 0;
  for (const std::size_t size : {64U, 1500U, 3776U, 3777U, 7000U, 9014U, 9230U - kPush}) {
    CAPTURE(size);
    const Bytes inner = make_frame(size, ++seed);
    far0.send(inner);
    Packet packet = receive_one(pair.a.port);
    REQUIRE(bytes::all_of(packet) == inner);
    const std::uint32_t buffers =
        (static_cast<std::uint32_t>(size) + layout.capacity() - 1) / layout.capacity();
    REQUIRE(packet.buffers() == buffers);
    REQUIRE(packet.push(kPush) != nullptr);
    std::memset(packet.data(), 0xc5, kPush);
    REQUIRE(pair.b.port.tx_burst({&packet, 1}) == 1);
    for (std::uint32_t back = 0; back < buffers; ++back) {
      const bool is_first = back == buffers - 1;
      const xdp_desc in = received(pair.a.port, back);
      const xdp_desc out = queued(pair.b.port, back);
      CHECK(out.addr == in.addr - (is_first ? kPush : 0));
      CHECK(out.addr / layout.frame_bytes == in.addr / layout.frame_bytes);
      CHECK(out.len == in.len + (is_first ? kPush : 0));
      CHECK(out.options == (back > 0 ? 1U : 0U));
    }
    pair.b.port.flush();
    const Bytes outer = far1.receive();
    REQUIRE(outer.size() == size + kPush);
    CHECK(std::equal(inner.begin(), inner.end(), outer.begin() + kPush));

    far1.send(outer);
    packet = receive_one(pair.b.port);
    const std::uint64_t first = received(pair.b.port, packet.buffers() - 1).addr;
    REQUIRE(packet.pop(kPush) != nullptr);
    REQUIRE(pair.a.port.tx_burst({&packet, 1}) == 1);
    CHECK(queued(pair.a.port, packet.buffers() - 1).addr == first + kPush);
    pair.a.port.flush();
    CHECK(far0.receive() == inner);
    CHECK(pair.accounted() == pair.pool.total());
  }
  const AfXdpStatistics a = pair.a.port.statistics();
  const AfXdpStatistics b = pair.b.port.statistics();
  CHECK(a.received_frames == seed);
  CHECK(b.sent_frames == seed);
  CHECK(b.sent_bytes == a.received_bytes + std::uint64_t{seed} * kPush);
  CHECK(a.tx_invalid + b.tx_invalid + a.rx_dropped + b.rx_dropped == 0);
}

}  // namespace

TEST_CASE("jumbo frames are pushed and popped in place in their first descriptor, native mode") {
  if (skipped_here()) return;
  check_in_place(kSmall, XdpMode::kNative);
  check_in_place(kPage, XdpMode::kNative);
}

TEST_CASE("jumbo frames are pushed and popped in place in their first descriptor, generic mode") {
  if (skipped_here()) return;
  check_in_place(kSmall, XdpMode::kGeneric);
  check_in_place(kPage, XdpMode::kGeneric);
}

TEST_CASE("jumbo and small frames in one stream arrive whole, and every frame is conserved") {
  if (skipped_here()) return;
  const Namespace ns;
  make_jumbo_pairs(9216);
  Pair pair(kSmall);
  pair.open();
  const FarEnd far0("far0");
  const FarEnd far1("far1");
  const Bytes frames[] = {make_frame(9000, 1), make_frame(100, 2), make_frame(1793, 3),
                          make_frame(5000, 4)};
  std::size_t forwarded = 0;
  std::size_t wrong = 0;
  constexpr std::size_t kFrames = 20000;
  std::uint64_t checks = 0;
  for (std::size_t sent = 0; sent < kFrames;) {
    for (int i = 0; i < 8; ++i) far0.send(frames[sent++ % 4]);
    std::size_t moved = 0;
    REQUIRE(eventually([&] {
      moved += forward(pair.pool, pair.a.port, pair.b.port, [](Packet&) {});
      checks += pair.accounted() == pair.pool.total() ? 0 : 1;
      return moved == 8;
    }));
    for (std::size_t i = 0; i < 8; ++i) {
      wrong += far1.receive() == frames[(forwarded++) % 4] ? 0 : 1;
    }
  }
  CHECK(forwarded == kFrames);
  CHECK(wrong == 0);
  CHECK(checks == 0);
  CHECK(pair.b.port.statistics().sent_frames == kFrames);
}

TEST_CASE("a packet that was cut short is sent without its last frames, which are free at once") {
  if (skipped_here()) return;
  const Namespace ns;
  make_jumbo_pairs(9216);
  Pair pair(kSmall);
  pair.open();
  const FarEnd far0("far0");
  const FarEnd far1("far1");
  const Bytes frame = make_frame(9000, 1);
  for (const std::uint32_t end : {60U, 1792U, 1793U, 4000U}) {
    CAPTURE(end);
    far0.send(frame);
    Packet packet = receive_one(pair.a.port);
    REQUIRE(packet.trim(end));
    const std::uint32_t free = pair.pool.free();
    REQUIRE(pair.b.port.tx_burst({&packet, 1}) == 1);
    CHECK(pair.pool.free() == free + 6 - packet.buffers());
    CHECK(pair.accounted() == pair.pool.total());
    pair.b.port.flush();
    CHECK(far1.receive() == Bytes(frame.begin(), frame.begin() + end));
  }
}

TEST_CASE("a TX ring that is nearly full takes whole packets only") {
  if (skipped_here()) return;
  const Namespace ns;
  make_jumbo_pairs(9216);
  Pair pair(kSmall);
  pair.open();
  const FarEnd far0("far0");
  // 6 frames each; 512 entries hold 85 packets and 2 frames.
  std::size_t queued_packets = 0;
  std::size_t refused = 0;
  for (int i = 0; i < 86; ++i) {
    far0.send(make_frame(9000, 1));
    const Packet packet = receive_one(pair.a.port);
    const std::size_t taken = pair.b.port.tx_burst({&packet, 1});
    queued_packets += taken;
    if (taken == 0) {
      ++refused;
      pair.pool.give(packet);
    }
  }
  CHECK(queued_packets == 85);
  CHECK(refused == 1);
  CHECK(pair.b.port.frames().tx == 510);
  CHECK(pair.accounted() == pair.pool.total());
  // A small one still fits.
  far0.send(make_frame(100, 1));
  const Packet packet = receive_one(pair.a.port);
  CHECK(pair.b.port.tx_burst({&packet, 1}) == 1);
  pair.b.port.close();
  pair.a.port.close();
  CHECK(pair.pool.free() == pair.pool.total());
}

TEST_CASE(
    "a frame of more descriptors than are sent is dropped and counted, and the port goes on") {
  if (skipped_here()) return;
  const Namespace ns;
  make_jumbo_pairs(60000);
  // The port would refuse that MTU; it is raised while it runs.
  sh("ip link set dev near0 mtu 9216");
  sh("ip link set dev near1 mtu 9216");
  Pair pair(kSmall);
  pair.open();
  sh("ip link set dev near0 mtu 60000");
  sh("ip link set dev near1 mtu 60000");
  const FarEnd far0("far0");
  const FarEnd far1("far1");
  far0.send(make_frame(18 * 1792 + 1, 1));
  CHECK(eventually([&] {
    forward(pair.pool, pair.a.port, pair.b.port, [](Packet&) {});
    return pair.a.port.statistics().rx_too_long == 1;
  }));
  CHECK(pair.accounted() == pair.pool.total());
  const Bytes longest = make_frame(18 * 1792, 2);
  far0.send(longest);
  CHECK(eventually(
      [&] { return forward(pair.pool, pair.a.port, pair.b.port, [](Packet&) {}) == 1; }));
  Bytes arrived = far1.receive();
  // The far end reads up to 16 KiB of it.
  REQUIRE(arrived.size() == 16384);
  CHECK(std::equal(arrived.begin(), arrived.end(), longest.begin()));
  CHECK(pair.b.port.statistics().tx_invalid == 0);
  CHECK(pair.accounted() == pair.pool.total());
}

TEST_CASE("the largest MTU of several frames is named where one is beyond it") {
  if (skipped_here()) return;
  const Namespace ns;
  make_jumbo_pairs(40000);
  FramePool pool(8 * kRing, kSmall);
  Umem umem(pool);
  AfXdpPort port(umem, options_of("near0", {0}));
  AfXdpPort* const ports[] = {&port};
  CHECK(contains(failure_of([&] { (void)open_ports(ports); }),
                 "ADIT-2102: MTU 40000 of interface near0 does not fit 18 frames of 2048 bytes, "
                 "which hold an MTU of up to 32234; lower it with `ip link set dev near0 mtu "
                 "32234`, or set frameSize to 4096"));
  sh("ip link set dev near0 mtu 32234");
  CHECK(failure_of([&] { (void)open_ports(ports); }).empty());
}

TEST_CASE(
    "ports without several frames a packet refuse the MTU and name the kernel that has them") {
  if (skipped_here()) return;
  const Namespace ns;
  make_jumbo_pairs(9000);
  FramePool pool(8 * kRing, {});
  Umem umem(pool);
  AfXdpPort port(umem, options_of("near0", {0}));
  AfXdpPort* const ports[] = {&port};
  CHECK(contains(failure_of([&] { (void)open_ports(ports); }),
                 "which holds an MTU of up to 1770; lower it with `ip link set dev near0 mtu "
                 "1770`, or set frameSize to 4096, or use Linux 6.6 or later"));
}
