#include "worker/totals.h"

namespace adit {
namespace {

void add_drops(Totals::Drops& sum, const DropCounters& counters) {
  for (std::size_t i = 0; i < kDropReasonCount; ++i) sum[i] += counters[i].get();
}

}  // namespace

void Totals::add(const Counters& counters) {
  for (std::size_t i = 0; i < members.size(); ++i) {
    const MemberCounters& from = counters.members[i];
    members[i].rx_packets += from.rx_packets.get();
    members[i].rx_bytes += from.rx_bytes.get();
    members[i].tx_packets += from.tx_packets.get();
    members[i].tx_bytes += from.tx_bytes.get();
  }
  for (std::size_t i = 0; i < tenant_drops.size(); ++i) {
    add_drops(tenant_drops[i], counters.tenant_drops[i]);
  }
  add_drops(drops, counters.drops);
  generated += counters.generated.get();
  consumed += counters.consumed.get();
}

}  // namespace adit
