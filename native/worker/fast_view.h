#pragma once

#include <span>

#include "table/table.h"
#include "worker/environment.h"
#include "worker/fast_sinks.h"

namespace adit {

/// Where all is that the fast path reads and writes, by value: what a packet is written to could
/// else be any of the pointers on the way there, and each would be read again for each packet.
class FastView {
 public:
  FastView(const Table& table, const PathEnvironment& environment) noexcept
      : attachments_(table.attachments().data()),
        tunnels_(table.tunnel_list().data()),
        hops_(environment.next_hops.reader()),
        counters_(&environment.counters.members[0]) {}

  [[nodiscard]] const Attachment& attachment(std::uint32_t index) const noexcept {
    return attachments_[index];
  }

  /// Finds what an index names as a target; false where that is not to be sent to just now.
  [[nodiscard]] bool find(std::uint32_t index, TunnelTarget& target) const noexcept {
    target.tunnel = tunnels_ + index;
    return hops_.read_plain(target.tunnel->next_hop, target.hop);
  }

  /// Counts a packet among the counters at a place, as `FastBurst` has it.
  void count(std::uint32_t place, std::uint64_t bytes) const noexcept {
    Counter* counters = &counters_->rx_packets;
    counters[place].add(1);
    counters[place + std::size_t{1}].add(bytes);
  }
  void count_in(std::uint32_t member, std::uint64_t packets, std::uint64_t bytes) const noexcept {
    counters_[member].rx_packets.add(packets);
    counters_[member].rx_bytes.add(bytes);
  }
  void count_out(std::uint32_t member, std::uint64_t packets, std::uint64_t bytes) const noexcept {
    counters_[member].tx_packets.add(packets);
    counters_[member].tx_bytes.add(bytes);
  }

 private:
  const Attachment* attachments_;
  const Tunnel* tunnels_;
  NextHopTable::Reader hops_;
  MemberCounters* counters_;
};

}  // namespace adit
