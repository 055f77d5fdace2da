#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "steer/steer_abi.h"
#include "steer/steering_config.h"

namespace adit {

/// Sets of VIDs as the rules' words.
using VidWords = std::array<std::uint64_t, std::size_t{STEER_VID_SETS} * STEER_WORDS_OF_SET>;

/// The port's facts as the rules read them.
[[nodiscard]] steer_port steer_port_of(const SteeringConfig::Port& port) noexcept;
/// The port's claims of single VIDs.
[[nodiscard]] VidWords vid_words_of(const SteeringConfig::Port& port) noexcept;
/// The port's claims of two tags, in the order given.
[[nodiscard]] std::vector<steer_double_key> double_keys_of(const SteeringConfig::Port& port);
/// The key that the rules look the endpoint up by.
[[nodiscard]] steer_endpoint_key endpoint_key_of(const SteeringConfig::Endpoint& endpoint) noexcept;
/// The prefix with all bits behind its length cleared, so that equal prefixes have equal bytes.
[[nodiscard]] IpPrefix canonical(IpPrefix prefix) noexcept;

}  // namespace adit
