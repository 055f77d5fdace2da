#include "worker/cpu_set.h"

namespace adit {
namespace {

/// As many CPUs as the gateway file may name, and more than kernels are built for.
constexpr std::uint32_t kMostCpus = 8192;

}  // namespace

CpuSet::CpuSet(pid_t thread) : bits_(kMostCpus / CPU_SETSIZE) {
  if (sched_getaffinity(thread, bytes(), bits_.data()) != 0) {
    bits_.assign(bits_.size(), cpu_set_t{});
  }
}

bool CpuSet::has(std::uint32_t cpu) const noexcept {
  return cpu < kMostCpus && CPU_ISSET_S(cpu, bytes(), bits_.data());
}

std::uint32_t CpuSet::count() const noexcept {
  return static_cast<std::uint32_t>(CPU_COUNT_S(bytes(), bits_.data()));
}

std::string CpuSet::text() const {
  std::string all;
  for (std::uint32_t first = 0; first < kMostCpus; ++first) {
    if (!has(first)) continue;
    std::uint32_t last = first;
    while (has(last + 1)) ++last;
    all += (all.empty() ? "" : ",") + std::to_string(first);
    if (last > first) all += "-" + std::to_string(last);
    first = last;
  }
  return all;
}

void CpuSet::remove(std::uint32_t cpu) noexcept {
  if (cpu < kMostCpus) CPU_CLR_S(cpu, bytes(), bits_.data());
}

bool CpuSet::apply_to(pid_t thread) const noexcept {
  return sched_setaffinity(thread, bytes(), bits_.data()) == 0;
}

}  // namespace adit
