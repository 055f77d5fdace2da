#include "worker/own_cpus.h"

#include <charconv>
#include <filesystem>
#include <string>
#include <system_error>

namespace adit {
namespace {

std::vector<pid_t> threads_of_this_process() {
  std::vector<pid_t> threads;
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc/self/task", error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    pid_t thread = 0;
    std::from_chars(name.data(), name.data() + name.size(), thread);
    if (thread > 0) threads.push_back(thread);
  }
  return threads;
}

}  // namespace

OwnCpus::OwnCpus(std::span<const std::uint32_t> cpus) {
  if (cpus.empty()) return;
  for (const pid_t thread : threads_of_this_process()) {
    const CpuSet before(thread);
    CpuSet others = before;
    for (const std::uint32_t cpu : cpus) others.remove(cpu);
    const bool can_move = others.count() > 0 && others.count() < before.count();
    if (can_move && others.apply_to(thread)) moved_.emplace_back(thread, before);
  }
}

OwnCpus::~OwnCpus() {
  for (const auto& [thread, before] : moved_) before.apply_to(thread);
}

}  // namespace adit
