#pragma once

#include <cstdint>
#include <string>

#include "steer/steer_abi.h"
#include "steer_frames.h"

namespace steer_cases {

struct Case {
  std::string name;
  std::size_t port;
  Bytes frame;
  steer_verdict verdict;
};

/// Ports of `config`, by what they take.
enum PortIndex : std::size_t {
  kUnderlay,
  kAccess,
  kBoth,
  kUntagged,
  kStacked,
  kEverything,
  kTaggedUnderlay,
  kPorts
};
}  // namespace steer_cases
