#pragma once

#include "steer/steer_abi.h"
#include "steer/steering_config.h"

namespace adit {

/// The port's facts as the rules read them.
[[nodiscard]] steer_port steer_port_of(const SteeringConfig::Port& port) noexcept;
/// The key that the rules look the endpoint up by.
[[nodiscard]] steer_endpoint_key endpoint_key_of(const SteeringConfig::Endpoint& endpoint) noexcept;
/// The prefix with all bits behind its length cleared, so that equal prefixes have equal bytes.
[[nodiscard]] IpPrefix canonical(IpPrefix prefix) noexcept;

}  // namespace adit
