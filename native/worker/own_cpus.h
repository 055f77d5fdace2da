#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "worker/cpu_set.h"

namespace adit {

/// Keeps all other threads of this process off the CPUs that workers were given for their own, as
/// long as it lives: JavaScript, its garbage collection and file access would else take one for
/// milliseconds while packets wait. Threads made later inherit it from those that make them.
/// A thread that could run nowhere else is left alone: a worker, or all where every CPU was given
/// away.
class OwnCpus {
 public:
  explicit OwnCpus(std::span<const std::uint32_t> cpus);
  /// Gives threads back what was taken from them; those made meanwhile keep what they have.
  ~OwnCpus();
  OwnCpus(const OwnCpus&) = delete;
  OwnCpus& operator=(const OwnCpus&) = delete;

 private:
  /// Threads, and where they ran before.
  std::vector<std::pair<pid_t, CpuSet>> moved_;
};

}  // namespace adit
