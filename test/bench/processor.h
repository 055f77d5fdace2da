#pragma once

#include <pthread.h>
#include <sched.h>

namespace adit::bench {

/// Keeps this thread on one processor.
inline void pin_to(int cpu) noexcept {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(static_cast<unsigned>(cpu), &cpus);
  pthread_setaffinity_np(pthread_self(), sizeof cpus, &cpus);
}

}  // namespace adit::bench
