#pragma once

#include "steer/bpf_key_set.h"
#include "steer/steer_abi.h"
#include "steer/steering_config.h"

namespace adit {

/// What the steering programs of all ports look up together: endpoints and blocked prefixes.
/// Programs may outlive it, since the kernel keeps the maps while one uses them; nothing changes
/// them then.
class SteeringMaps {
 public:
  /// \throws Failure ADIT-2001 (capability), ADIT-2003 (memory).
  explicit SteeringMaps(const SteeringConfig& config);

  /// Makes the maps hold what `config` says; additions come before removals, so that what is in
  /// both is never missed. \throws Failure when it does not fit; nothing is changed then.
  void update(const SteeringConfig& config);

  [[nodiscard]] int endpoints_fd() const noexcept { return endpoints_.fd(); }
  [[nodiscard]] int block4_fd() const noexcept { return block4_.fd(); }
  [[nodiscard]] int block6_fd() const noexcept { return block6_.fd(); }

 private:
  BpfKeySet<steer_endpoint_key> endpoints_;
  BpfKeySet<steer_prefix4_key> block4_;
  BpfKeySet<steer_prefix6_key> block6_;
};

}  // namespace adit
