#include "port/rx_spread.h"

#include <algorithm>
#include <set>

#include "port/ethtool.h"

namespace adit {
namespace {

std::string listed(const std::vector<std::uint32_t>& numbers) {
  std::string all;
  for (const std::uint32_t number : numbers) {
    all += (all.empty() ? "" : ", ") + std::to_string(number);
  }
  return all;
}

/// By the number of a worker's queues modulo the workers, as queues are dealt out.
bool reaches_all(const std::vector<std::uint32_t>& queues, std::uint32_t workers) {
  std::vector<bool> reached(workers, false);
  for (const std::uint32_t queue : queues) reached[queue % workers] = true;
  return std::ranges::all_of(reached, [](bool is) { return is; });
}

}  // namespace

RxSpread read_rx_spread(const std::string& interface) {
  const Ethtool ethtool(interface);
  RxSpread spread;
  const std::vector<std::uint32_t> table = ethtool.spread_queues();
  const std::set<std::uint32_t> queues(table.begin(), table.end());
  spread.queues.assign(queues.begin(), queues.end());
  spread.udp4_ports = ethtool.hashes_ports(Ethtool::Flow::kUdp4);
  spread.udp6_ports = ethtool.hashes_ports(Ethtool::Flow::kUdp6);
  return spread;
}

std::vector<SpreadFault> spread_faults(const RxSpread& spread, const std::string& interface,
                                       std::uint32_t queues, std::uint32_t workers,
                                       bool takes_tunnels) {
  std::vector<SpreadFault> faults;
  if (workers < 2) return faults;
  if (!spread.queues.empty() && !reaches_all(spread.queues, workers)) {
    faults.push_back({"received packets go to queues " + listed(spread.queues) +
                          " alone, so that not every worker gets some",
                      "ethtool -X " + interface + " equal " + std::to_string(queues)});
  }
  const auto told_without_ports = [&](std::optional<bool> ports, const char* flow) {
    if (!takes_tunnels || ports.value_or(true)) return;
    faults.push_back({std::string("UDP ports take no part in the spreading of ") + flow +
                          ", so that all tunnel packets from one peer go to one queue",
                      "ethtool -N " + interface + " rx-flow-hash " + flow + " sdfn"});
  };
  told_without_ports(spread.udp4_ports, "udp4");
  told_without_ports(spread.udp6_ports, "udp6");
  return faults;
}

}  // namespace adit
