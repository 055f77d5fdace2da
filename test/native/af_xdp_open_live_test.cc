#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <optional>

#include "port/interface_info.h"
#include "port/interface_settings.h"
#include "port/promiscuous.h"
#include "port_rig.h"

using namespace adit;
using namespace adit::port_lab;

TEST_CASE("opening says what is wrong and leaves every frame free") {
  if (skipped()) return;
  const Namespace ns;
  make_two_pairs();
  Pair pair;
  FramePool other_pool(8 * kRing, {});
  Umem other_umem(other_pool);
  const auto failure_with = [&](const AfXdpPort::Options& options) {
    AfXdpPort good(other_umem, options_of("near1", {0}));
    AfXdpPort bad(other_umem, options);
    AfXdpPort* const ports[] = {&good, &bad};
    std::string failure = failure_of([&] { (void)open_ports(ports); });
    CHECK_FALSE(good.is_open());
    CHECK(other_pool.free() == other_pool.total());
    return failure;
  };
  CHECK(contains(failure_with(options_of("absent0", {0})),
                 "ADIT-2101: there is no interface \"absent0\"; check its name with `ip link`"));
  CHECK(contains(failure_with(options_of("a-name-that-is-too-long", {0})), "ADIT-2101"));
  CHECK(contains(failure_with(options_of("near0", {1})), "ADIT-2103: interface near0 has 1 TX"));
  CHECK(contains(failure_with(options_of("near0", {0, 1})),
                 "ADIT-2108: cannot bind to queue 1 of interface near0"));
  AfXdpPort::Options zero_copy = options_of("near0", {0});
  zero_copy.zero_copy = AfXdpPort::ZeroCopy::kOn;
  CHECK(contains(failure_with(zero_copy), "ADIT-2109: port port near0 asks for zero copy"));
  sh("ip link set dev near0 mtu 1771");
  CHECK(contains(failure_with(options_of("near0", {0})),
                 "does not fit a frame of 2048 bytes, which holds an MTU of up to 1770"));
}

TEST_CASE("a queue that another program holds is told, and free again when that one closes") {
  if (skipped()) return;
  const Namespace ns;
  make_two_pairs();
  Pair pair;
  pair.open();
  FramePool pool(4 * kRing, {});
  Umem umem(pool);
  AfXdpPort port(umem, options_of("near0", {0}));
  const auto start = std::chrono::steady_clock::now();
  CHECK(contains(failure_of([&] { port.open(false); }),
                 "ADIT-2107: queue 0 of interface near0 is taken by another AF_XDP socket"));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  CHECK(pool.free() == pool.total());
  std::thread leaving([&pair] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    pair.a.port.close();
  });
  CHECK(failure_of([&] { port.open(false); }).empty());
  leaving.join();
}

TEST_CASE("a low limit of locked memory is told with what to do") {
  if (skipped()) return;
  const Namespace ns;
  make_two_pairs();
  FramePool pool(8192, {});
  Umem umem(pool);
  AfXdpPort port(umem, options_of("near0", {0}));
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_MEMLOCK, &before) == 0);
  const rlimit low{1 << 20, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_MEMLOCK, &low) == 0);
  std::string failure;
  with_capabilities({CAP_NET_ADMIN, CAP_NET_RAW},
                    [&] { failure = failure_of([&] { port.open(false); }); });
  REQUIRE(setrlimit(RLIMIT_MEMLOCK, &before) == 0);
  CHECK(contains(failure,
                 "ADIT-2104: cannot register 16384 KiB of packet memory: the process may "
                 "lock 1024 KiB of memory"));
  CHECK(contains(failure, "CAP_IPC_LOCK"));
  CHECK(pool.free() == pool.total());
}

TEST_CASE("four capabilities are enough to forward, and CAP_NET_RAW is asked for") {
  if (skipped()) return;
  const Namespace ns;
  make_two_pairs();
  constexpr unsigned kCapBpf = 39;
  const FarEnd far0("far0");
  const FarEnd far1("far1");
  with_capabilities({CAP_NET_ADMIN, CAP_NET_RAW, kCapBpf, CAP_IPC_LOCK}, [&] {
    Pair pair;
    pair.open();
    check_forwards(pair.pool, pair.a.port, pair.b.port, far0, far1);
    const Promiscuous promiscuous(read_interface("near0").ifindex);
  });
  with_capabilities({CAP_NET_ADMIN, kCapBpf, CAP_IPC_LOCK}, [&] {
    FramePool pool(4 * kRing, {});
    Umem umem(pool);
    AfXdpPort port(umem, options_of("near0", {0}));
    CHECK(contains(failure_of([&] { port.open(false); }), "CAP_NET_RAW"));
  });
}

TEST_CASE("read_interface() and claimed_queues() tell the facts and the mending command") {
  if (skipped()) return;
  const Namespace ns;
  make_veth("near0", "far0", 2);
  sh("ip link set dev near0 address 02:00:00:00:00:77 mtu 1400");
  const InterfaceInfo info = read_interface("near0");
  CHECK(info.mac == MacAddress{{2, 0, 0, 0, 0, 0x77}});
  CHECK(info.mtu == 1400);
  CHECK(info.driver == "veth");
  CHECK(info.ifindex == if_nametoindex("near0"));
  CHECK(info.up);
  CHECK(info.rx_queues == 2);
  CHECK(claimed_queues(info, std::nullopt) == 2);
  CHECK(claimed_queues(info, 2) == 2);
  const std::string fewer = failure_of([&] { (void)claimed_queues(info, 1); });
  CHECK(contains(fewer, "ADIT-2103"));
  CHECK(contains(fewer, "`ethtool -L near0 rx 1 tx 1`"));
  CHECK(contains(failure_of([&] { (void)claimed_queues(info, 3); }), "has 2 RX queues"));
  sh("ethtool -L near0 rx 1 tx 1");
  CHECK(claimed_queues(read_interface("near0"), 1) == 1);
}

TEST_CASE("InterfaceSettings turn VLAN stripping off and put it back") {
  if (skipped()) return;
  const Namespace ns;
  make_veth("near0", "far0");
  const auto strips = [] { return succeeds("ethtool -k near0 | grep -q 'rx-vlan-offload: on'"); };
  REQUIRE(strips());
  {
    const InterfaceSettings settings("near0");
    const auto& off = settings.turned_off();
    CHECK(std::find(off.begin(), off.end(), "rx-vlan-hw-parse") != off.end());
    CHECK(settings.refused().empty());
    CHECK_FALSE(strips());
    const InterfaceSettings again("near0");
    CHECK(again.turned_off().empty());
  }
  CHECK(strips());
  sh("ethtool -K near0 rxvlan off");
  CHECK(restore_features("near0", {"rx-vlan-hw-parse"}).empty());
  CHECK(strips());
  CHECK(restore_features("near0", {"no-such-feature"}).size() == 1);
}

TEST_CASE("Promiscuous holds while it lives") {
  if (skipped()) return;
  const Namespace ns;
  make_veth("near0", "far0");
  const auto promiscuity = [] {
    return succeeds("ip -d link show near0 | grep -q 'promiscuity 1'");
  };
  {
    const Promiscuous promiscuous(if_nametoindex("near0"));
    CHECK(promiscuity());
  }
  CHECK_FALSE(promiscuity());
  CHECK(contains(failure_of([] { const Promiscuous none(999999); }), "ADIT-2110"));
}
