#include <doctest/doctest.h>

#include <cstdint>

#include "steer_error_cases.h"
#include "steer_kernel.h"

namespace {

using namespace adit;
using namespace adit::port_lab;

}  // namespace

TEST_CASE("the program in the kernel decides on ICMP errors as HostRules do") {
  if (skipped()) return;
  check_kernel_agrees(steer_cases::config(), steer_cases::error_cases(), 43, SIZE_MAX);
}
