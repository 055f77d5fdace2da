#include "steer_claims.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "steer/host_rules.h"
#include "steer_kernel.h"

namespace {

using namespace adit;
using namespace adit::port_lab;
using steer_claims::frame_of;
using steer_claims::many_doubles;

/// A port's program with a socket on queue 0.
struct Steered {
  SteeringMaps maps;
  SteeringProgram program;
  IdleSocket socket;

  explicit Steered(const SteeringConfig::Port& port)
      : maps(steer_cases::config()), program(maps, port, 1) {
    program.set_socket(0, socket.fd());
  }
};

/// How many of many runs on the frame passed it to the kernel while `change` was called over and
/// over.
std::uint64_t passed_during(const SteeringProgram& program, const Bytes& frame,
                            const std::function<void()>& change) {
  const std::uint64_t before = program.counters().passed;
  std::atomic<bool> done = false;
  std::thread runs([&] {
    LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame.data(),
                .data_size_in = static_cast<__u32>(frame.size()), .repeat = 1 << 22);
    CHECK(bpf_prog_test_run_opts(program.program_fd(), &run) == 0);
    done = true;
  });
  int changes = 0;
  for (; !done; ++changes) change();
  runs.join();
  CHECK(changes > 3);
  return program.counters().passed - before;
}

}  // namespace

TEST_CASE("the program in the kernel takes stacks of tags as HostRules do, through live changes") {
  if (skipped()) return;
  steer_claims::Maker maker(1998);
  SteeringConfig config = steer_cases::config();
  Steered steered(config.ports[0]);
  std::size_t differ = 0;
  std::size_t seen[STEER_VERDICTS] = {};
  for (int round = 0; round < 60; ++round) {
    config.ports[0] = maker.port(0);
    steered.program.update(config.ports[0]);
    const HostRules rules(config);
    for (int i = 0; i < 120; ++i) {
      Bytes frame = maker.stack(0).frame;
      if (i % 2 == 1) frame.resize(14 + maker.pick(frame.size() - 13));
      const steer_verdict verdict = run_in_kernel(steered.program, frame);
      if (rules.decide(0, frame) != verdict) ++differ;
      ++seen[verdict];
    }
  }
  CHECK(differ == 0);
  for (const std::size_t count : seen) CHECK(count > 50);
}

TEST_CASE("the kernel's maps hold 100000 pairs of tags, and let them go") {
  if (skipped()) return;
  SteeringConfig::Port port;
  Steered steered(port);
  const auto doubles = many_doubles(100000);
  port.doubles = doubles;
  steered.program.update(port);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < doubles.size(); i += 99) {
    SteeringConfig::DoubleTag tags = doubles[i];
    if (run_in_kernel(steered.program, frame_of(tags)) != STEER_ATTACHMENT) ++wrong;
    ++tags.inner;
    if (run_in_kernel(steered.program, frame_of(tags)) != STEER_PASS) ++wrong;
  }
  CHECK(wrong == 0);
  port.doubles.resize(1);
  steered.program.update(port);
  CHECK(run_in_kernel(steered.program, frame_of(doubles[0])) == STEER_ATTACHMENT);
  for (std::size_t i = 1; i < doubles.size(); i += 99) {
    if (run_in_kernel(steered.program, frame_of(doubles[i])) != STEER_PASS) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("SteeringProgram update() changes nothing when the claims do not fit") {
  if (skipped()) return;
  SteeringConfig::Port port;
  port.doubles = {{true, 4000, 4000}};
  port.vlans.set(5);
  Steered steered(port);
  SteeringConfig::Port larger;
  larger.any = true;
  larger.doubles = many_doubles(150000);
  const auto first = larger.doubles.front();
  CHECK(contains(failure_of([&] { steered.program.update(larger); }), "ADIT-2003"));
  CHECK(run_in_kernel(steered.program, frame_of(port.doubles[0])) == STEER_ATTACHMENT);
  CHECK(run_in_kernel(steered.program, make_frame(60, 1, 5)) == STEER_ATTACHMENT);
  CHECK(run_in_kernel(steered.program, frame_of(first)) == STEER_PASS);
  // Nothing of what did not fit is left behind to fill the map.
  larger.doubles.resize(100000);
  larger.any = false;
  CHECK(failure_of([&] { steered.program.update(larger); }).empty());
  CHECK(run_in_kernel(steered.program, frame_of(first)) == STEER_ATTACHMENT);
  CHECK(run_in_kernel(steered.program, frame_of(port.doubles[0])) == STEER_PASS);
  // A port that starts with more gets a larger map.
  larger.doubles = many_doubles(150000);
  Steered large(larger);
  CHECK(run_in_kernel(large.program, frame_of(larger.doubles.back())) == STEER_ATTACHMENT);
}

TEST_CASE("SteeringProgram update() misses no frame that old and new claims take") {
  if (skipped()) return;
  SteeringConfig::Port exact;
  exact.vlans.set(100);
  exact.doubles = {{false, 100, 200}};
  SteeringConfig::Port outer;
  outer.outer_vlans[0].set(100);
  SteeringConfig::Port all;
  all.any = true;
  const SteeringConfig::Port* const turns[] = {&exact, &outer, &all, &outer, &exact, &all};
  Steered steered(exact);
  for (const Bytes& frame : {make_frame(60, 1, 100), frame_of(exact.doubles[0])}) {
    std::size_t turn = 0;
    CHECK(passed_during(steered.program, frame,
                        [&] { steered.program.update(*turns[++turn % 6]); }) == 0);
  }
}
