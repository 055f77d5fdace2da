#include <doctest/doctest.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>

#include "port_lab.h"
#include "steer/program.h"
#include "steer_cases.h"
#include "steer_kernel.h"

namespace {

using namespace adit;
using namespace adit::port_lab;

bool carries_program(const std::string& interface) {
  return succeeds("ip link show dev " + interface + " | grep -q prog/xdp");
}

const steer_cases::Case& case_named(const std::vector<steer_cases::Case>& all,
                                    const std::string& name) {
  for (const steer_cases::Case& c : all) {
    if (c.name == name) return c;
  }
  FAIL("no such case");
  return all.front();
}

}  // namespace

TEST_CASE("the program in the kernel decides as HostRules do") {
  if (skipped()) return;
  check_kernel_agrees(steer_cases::config(), steer_cases::cases(), 41, 90);
}

TEST_CASE("a queue without a socket passes its frames, also when the socket was closed") {
  if (skipped()) return;
  const SteeringConfig config = steer_cases::config();
  const SteeringMaps maps(config);
  SteeringProgram program(maps, config.ports[0], 1);
  const auto all = steer_cases::cases();
  const Bytes& tunnel = case_named(all, "VXLAN to our address").frame;
  CHECK(run_in_kernel(program, tunnel) == STEER_PASS);
  {
    const IdleSocket socket;
    program.set_socket(0, socket.fd());
    CHECK(run_in_kernel(program, tunnel) == STEER_TUNNEL);
    program.clear_socket(0);
    CHECK(run_in_kernel(program, tunnel) == STEER_PASS);
    program.set_socket(0, socket.fd());
  }
  CHECK(run_in_kernel(program, tunnel) == STEER_PASS);
  CHECK(contains(failure_of([&] { program.set_socket(1, 0); }), "ADIT-2002"));
}

TEST_CASE("SteeringMaps update() adds, keeps and removes endpoints and blocks for all programs") {
  if (skipped()) return;
  SteeringConfig config = steer_cases::config();
  SteeringMaps maps(config);
  SteeringProgram first(maps, config.ports[0], 1);
  SteeringProgram second(maps, config.ports[2], 1);
  const IdleSocket socket;
  first.set_socket(0, socket.fd());
  second.set_socket(0, socket.fd());
  const auto all = steer_cases::cases();
  const Bytes& vxlan = case_named(all, "VXLAN to our address").frame;
  const Bytes& gre = case_named(all, "GRE").frame;
  const Bytes& other = case_named(all, "another UDP port").frame;
  const Bytes& on_both = case_named(all, "tunnel packet before the untagged attachment").frame;
  const Bytes& tagged = case_named(all, "tagged tunnel packet is the attachment's").frame;
  const Bytes& blocked = case_named(all, "blocked source").frame;

  config.endpoints.erase(config.endpoints.begin());
  config.endpoints.push_back({config.endpoints[0].local, IpProto::kUdp, 8472});
  config.block.clear();
  maps.update(config);
  CHECK(run_in_kernel(first, vxlan) == STEER_PASS);
  CHECK(run_in_kernel(first, other) == STEER_TUNNEL);
  CHECK(run_in_kernel(first, gre) == STEER_TUNNEL);
  CHECK(run_in_kernel(first, blocked) == STEER_PASS);
  CHECK(run_in_kernel(second, on_both) == STEER_ATTACHMENT);

  config.ports[2].vlans.reset(100);
  config.ports[2].takes_tunnels = false;
  second.update(config.ports[2]);
  CHECK(run_in_kernel(second, tagged) == STEER_PASS);
  maps.update(steer_cases::config());
  CHECK(run_in_kernel(first, vxlan) == STEER_TUNNEL);
  CHECK(run_in_kernel(first, blocked) == STEER_BLOCKED);
  CHECK(run_in_kernel(second, on_both) == STEER_ATTACHMENT);
}

TEST_CASE("the kernel's maps hold 100000 endpoints and prefixes") {
  if (skipped()) return;
  SteeringConfig config = steer_cases::config();
  for (std::uint32_t i = 0; i < 100000; ++i) {
    const std::uint8_t wire[4] = {10, static_cast<std::uint8_t>(i >> 16),
                                  static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
    config.endpoints.push_back({IpAddress::v4(wire), IpProto::kUdp, 4789});
    config.block.push_back({IpAddress::v4(wire), 32});
  }
  const SteeringMaps maps(config);
  SteeringProgram program(maps, config.ports[0], 1);
  const IdleSocket socket;
  program.set_socket(0, socket.fd());
  Bytes frame = case_named(steer_cases::cases(), "VXLAN to our address").frame;
  const std::uint8_t last[4] = {10, 1, 0x86, 0x9f};
  std::memcpy(&frame[30], last, 4);
  CHECK(run_in_kernel(program, frame) == STEER_TUNNEL);
  std::memcpy(&frame[26], last, 4);
  CHECK(run_in_kernel(program, frame) == STEER_BLOCKED);
}

TEST_CASE("SteeringProgram attach() gets native mode on veth and detach() leaves nothing") {
  if (skipped()) return;
  const Namespace ns;
  make_veth("near0", "far0");
  const SteeringMaps maps(steer_cases::config());
  SteeringProgram program(maps, steer_cases::config().ports[0], 1);
  for (int round = 0; round < 2; ++round) {
    const SteerAttachment attachment = program.attach("near0", XdpMode::kAuto);
    CHECK(attachment.native);
    CHECK(attachment.native_refusal.empty());
    CHECK(carries_program("near0"));
    program.detach();
    CHECK_FALSE(carries_program("near0"));
  }
  CHECK_FALSE(program.attach("near0", XdpMode::kGeneric).native);
  CHECK(succeeds("ip link show dev near0 | grep -q xdpgeneric"));
}

TEST_CASE("SteeringProgram attach() falls back to generic mode and says why") {
  if (skipped()) return;
  const Namespace ns;
  make_veth("near0", "far0");
  sh("ip link set dev far0 mtu 9000");
  const SteeringMaps maps(steer_cases::config());
  SteeringProgram program(maps, steer_cases::config().ports[0], 1);
  const SteerAttachment attachment = program.attach("near0", XdpMode::kAuto);
  CHECK_FALSE(attachment.native);
  CHECK(contains(attachment.native_refusal, "peer's MTU"));
  const std::string failure = failure_of([&] { program.attach("near0", XdpMode::kNative); });
  CHECK(contains(failure, "ADIT-2005"));
  CHECK(contains(failure, "ip link set dev PEER mtu"));
  CHECK_FALSE(carries_program("near0"));

  sh("ip link add near1 numrxqueues 1 type veth peer name far1 numtxqueues 4");
  sh("ethtool -L far1 tx 4");
  CHECK(contains(program.attach("near1", XdpMode::kAuto).native_refusal, "fewer RX queues"));
}

TEST_CASE("SteeringProgram attach() never replaces another's program and names it") {
  if (skipped()) return;
  const Namespace ns;
  make_veth("near0", "far0");
  const SteeringMaps maps(steer_cases::config());
  SteeringProgram other(maps, steer_cases::config().ports[0], 1);
  SteeringProgram program(maps, steer_cases::config().ports[0], 1);
  for (const XdpMode theirs : {XdpMode::kNative, XdpMode::kGeneric}) {
    other.attach("near0", theirs);
    const std::string failure = failure_of([&] { program.attach("near0", XdpMode::kAuto); });
    CHECK(contains(failure, "ADIT-2004: interface near0 already carries the XDP program with id"));
    CHECK(contains(failure, "(adit_steer)"));
    CHECK(contains(failure, "bpftool net"));
    CHECK(succeeds("ip link show dev near0 | grep -q xdp"));
  }
  CHECK(contains(failure_of([&] { program.attach("absent0", XdpMode::kAuto); }), "ADIT-2006"));
}

TEST_CASE("SteeringProgram attach() waits for a predecessor that is going away") {
  if (skipped()) return;
  const Namespace ns;
  make_veth("near0", "far0");
  const SteeringMaps maps(steer_cases::config());
  SteeringProgram other(maps, steer_cases::config().ports[0], 1);
  SteeringProgram program(maps, steer_cases::config().ports[0], 1);
  other.attach("near0", XdpMode::kAuto);
  std::thread leaving([&other] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    other.detach();
  });
  CHECK(failure_of([&] { program.attach("near0", XdpMode::kAuto); }).empty());
  leaving.join();
}

TEST_CASE("a killed process leaves no program on the interface") {
  if (skipped()) return;
  const Namespace ns;
  make_veth("near0", "far0");
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t child = fork();
  if (child == 0) {
    const SteeringMaps maps(steer_cases::config());
    SteeringProgram program(maps, steer_cases::config().ports[0], 1);
    program.attach("near0", XdpMode::kAuto);
    const bool told = write(ready[1], "x", 1) == 1;
    pause();
    _exit(told ? 0 : 1);
  }
  REQUIRE(child > 0);
  pollfd wait{.fd = ready[0], .events = POLLIN, .revents = 0};
  CHECK(poll(&wait, 1, 10000) == 1);
  CHECK(carries_program("near0"));
  kill(child, SIGKILL);
  CHECK(waitpid(child, nullptr, 0) == child);
  CHECK(eventually([] { return !carries_program("near0"); }));
  close(ready[0]);
  close(ready[1]);
}

TEST_CASE("a program comes and goes with its interface and can be attached anew") {
  if (skipped()) return;
  const Namespace ns;
  make_veth("near0", "far0");
  const SteeringMaps maps(steer_cases::config());
  SteeringProgram program(maps, steer_cases::config().ports[0], 1);
  program.attach("near0", XdpMode::kAuto);
  sh("ip link del near0");
  make_veth("near0", "far0");
  CHECK_FALSE(carries_program("near0"));
  CHECK(program.attach("near0", XdpMode::kAuto).native);
  CHECK(carries_program("near0"));
}

TEST_CASE("missing capabilities are named, and three are enough to steer") {
  if (skipped()) return;
  const Namespace ns;
  make_veth("near0", "far0");
  constexpr unsigned kCapBpf = 39;
  const SteeringConfig config = steer_cases::config();
  const auto steer = [&config] {
    const SteeringMaps maps(config);
    SteeringProgram program(maps, config.ports[0], 1);
    program.attach("near0", XdpMode::kAuto);
  };
  with_capabilities({CAP_NET_ADMIN, CAP_NET_RAW},
                    [&] { CHECK(contains(failure_of(steer), "the process lacks CAP_BPF")); });
  with_capabilities({kCapBpf, CAP_NET_RAW},
                    [&] { CHECK(contains(failure_of(steer), "the process lacks CAP_NET_ADMIN")); });
  with_capabilities({}, [&] { CHECK(contains(failure_of(steer), "ADIT-2001")); });
  with_capabilities({CAP_NET_ADMIN, CAP_NET_RAW, kCapBpf}, [&] { CHECK(failure_of(steer) == ""); });
}
