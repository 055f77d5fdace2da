#include <doctest/doctest.h>

#include <memory>
#include <random>

#include "port_lab.h"
#include "steer/host_rules.h"
#include "steer/program.h"
#include "steer_error_cases.h"
#include "steer_kernel.h"

namespace {

using namespace adit;
using namespace adit::port_lab;

}  // namespace

TEST_CASE("the program in the kernel decides on ICMP errors as HostRules do") {
  if (skipped()) return;
  const SteeringConfig config = steer_cases::config();
  const HostRules rules(config);
  const SteeringMaps maps(config);
  const IdleSocket socket;
  std::vector<std::unique_ptr<SteeringProgram>> programs;
  for (const SteeringConfig::Port& port : config.ports) {
    programs.push_back(std::make_unique<SteeringProgram>(maps, port, 1));
    programs.back()->set_socket(0, socket.fd());
  }
  std::mt19937 random(43);
  std::size_t differ = 0;
  const auto compare = [&](const steer_cases::Case& c, const Bytes& frame) {
    if (run_in_kernel(*programs[c.port], frame) != rules.decide(c.port, frame)) ++differ;
  };
  for (const steer_cases::Case& c : steer_cases::error_cases()) {
    CAPTURE(c.name);
    CHECK(run_in_kernel(*programs[c.port], c.frame) == c.verdict);
    // The kernel takes no test frame below an Ethernet header.
    for (std::size_t bytes = 14; bytes < c.frame.size(); ++bytes) {
      compare(c, Bytes(c.frame.begin(), c.frame.begin() + static_cast<std::ptrdiff_t>(bytes)));
    }
    for (int round = 0; round < 60; ++round) {
      Bytes frame = c.frame;
      for (auto flips = random() % 3 + 1; flips > 0; --flips) {
        frame[random() % frame.size()] = static_cast<std::uint8_t>(random());
      }
      compare(c, frame);
    }
  }
  CHECK(differ == 0);
}
