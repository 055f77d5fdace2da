#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "packet/drop_reason.h"
#include "worker/counters.h"

namespace adit {

/// Counts summed over workers, as they are told outside. For frames that are
/// out of the gateway's hands: received + generated = sent + kernel + consumed
/// + dropped.
struct Totals {
  struct Port {
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
    std::uint64_t kernel = 0;
  };
  struct Member {
    std::uint64_t rx_packets = 0;
    std::uint64_t rx_bytes = 0;
    std::uint64_t tx_packets = 0;
    std::uint64_t tx_bytes = 0;
  };
  using Drops = std::array<std::uint64_t, kDropReasonCount>;

  std::vector<Port> ports;
  std::vector<Member> members;
  std::vector<Drops> tenant_drops;
  Drops drops{};
  std::uint64_t generated = 0;
  std::uint64_t consumed = 0;

  Totals(std::size_t port_count, std::size_t member_count, std::size_t tenant_count)
      : ports(port_count), members(member_count), tenant_drops(tenant_count) {}

  /// Adds all of one worker but its ports, which are counted where frames come
  /// from.
  void add(const Counters& counters);
};

}  // namespace adit
