#include "worker/worker_plan.h"

#include <algorithm>

#include "packet/failure.h"
#include "worker/cpu_set.h"

namespace adit {

std::uint32_t plan_workers(std::span<const PortQueues> ports, std::uint32_t asked,
                           std::uint32_t cpus) {
  const auto fewest = [](const PortQueues& port) { return std::min(port.rx, port.tx); };
  const auto narrow = std::ranges::min_element(ports, {}, fewest);
  if (narrow == ports.end()) return std::max(asked, 1U);
  const std::uint32_t queues = fewest(*narrow);
  if (asked == 0) return std::max(std::min(queues, cpus), 1U);
  if (asked <= queues) return asked;
  const bool is_tx = narrow->tx < narrow->rx;
  const std::string number = std::to_string(asked);
  const std::string sizes = narrow->combined ? " combined " + number
                            : is_tx          ? " tx " + number
                                             : " rx " + number + " tx " + number;
  throw Failure("ADIT-2121",
                number + " workers are more than the " + std::to_string(queues) +
                    (is_tx ? " TX queues of " : " queues of ") + narrow->interface +
                    ": each worker needs a queue of every port",
                "set \"workers\" to at most " + std::to_string(queues) +
                    ", or give the interface more queues: ethtool -L " + narrow->interface + sizes);
}

std::vector<std::uint32_t> queues_of(std::uint32_t worker, std::uint32_t workers,
                                     std::uint32_t rx) {
  std::vector<std::uint32_t> queues;
  for (std::uint32_t queue = worker; queue < rx; queue += workers) queues.push_back(queue);
  return queues;
}

void require_cpus(std::span<const std::uint32_t> cpus) {
  const CpuSet usable;
  for (const std::uint32_t cpu : cpus) {
    if (usable.has(cpu)) continue;
    throw Failure(
        "ADIT-2122",
        "a worker is to run on CPU " + std::to_string(cpu) +
            ", which this process may not use: it may use " + usable.text(),
        "name others in \"workers\", or give it that CPU (CPUAffinity= or AllowedCPUs= of "
        "systemd, --cpuset-cpus of a container)");
  }
}

std::uint32_t usable_cpus() { return std::max(CpuSet().count(), 1U); }

}  // namespace adit
