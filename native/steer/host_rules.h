#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <unordered_set>
#include <vector>

#include "packet/packet.h"
#include "steer/address_ranges.h"
#include "steer/keys.h"
#include "steer/steer_abi.h"
#include "steer/steering_config.h"

namespace adit {

using SteerVerdict = steer_verdict;

struct EndpointKeyHash {
  [[nodiscard]] std::size_t operator()(const steer_endpoint_key& key) const noexcept;
};
struct EndpointKeyEqual {
  [[nodiscard]] bool operator()(const steer_endpoint_key& a,
                                const steer_endpoint_key& b) const noexcept {
    return std::memcmp(&a, &b, sizeof a) == 0;
  }
};
using EndpointKeySet = std::unordered_set<steer_endpoint_key, EndpointKeyHash, EndpointKeyEqual>;

/// The steering rules of the kernel program, run in this process without any privilege: for
/// capture files, explanations and fuzzers. Immutable, so that any number of threads may ask.
class HostRules {
 public:
  explicit HostRules(const SteeringConfig& config);

  /// What the steering program of the port would do with the frame.
  /// Input: any bytes of any length, from the destination MAC on. An unknown port passes all.
  /// Cost: one hash lookup and two binary searches at most; no allocation.
  [[nodiscard]] SteerVerdict decide(std::size_t port,
                                    std::span<const std::uint8_t> frame) const noexcept;
  /// As the program does with a packet of several buffers: what the packet itself decides the place
  /// of is found in any of them.
  [[nodiscard]] SteerVerdict decide_on(std::size_t port, const Packet& packet) const noexcept;

 private:
  struct PortRules {
    steer_port facts;
    VidWords vids;
    /// Sorted.
    std::vector<steer_double_key> doubles;
  };

  [[nodiscard]] SteerVerdict decide(std::size_t port, std::span<const std::uint8_t> frame,
                                    const Packet* packet) const noexcept;

  std::vector<PortRules> ports_;
  EndpointKeySet endpoints_;
  AddressRanges block4_;
  AddressRanges block6_;
};

}  // namespace adit
