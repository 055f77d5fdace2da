#pragma once

#include <optional>

#include "worker/endpoint_memo.h"
#include "worker/outer_shape.h"

namespace adit {

/// Reads the outer headers of a burst one packet at a time, and finds out what several at a time
/// may be compared with.
class OuterReader {
 public:
  OuterReader(const EndpointMap& endpoints, const TunnelMap& tunnels) noexcept
      : memo_(endpoints), tunnels_(tunnels) {}

  /// Reads one packet, at `place` of the burst, up to the inner IP header; `from` is 0 then where
  /// it is ordinary, and stays as it was where it is not.
  void read(const Packet& packet, std::size_t place, FastBurst& burst, FastOuters& outers) noexcept;

  /// The shape of the first ordinary IPv4 packet of the burst; none before.
  [[nodiscard]] const std::optional<OuterShape>& shape() const noexcept { return shape_; }

 private:
  EndpointMemo memo_;
  const TunnelMap& tunnels_;
  std::optional<OuterShape> shape_;
};

}  // namespace adit
