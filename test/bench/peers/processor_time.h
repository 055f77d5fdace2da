#pragma once

#include <vector>

namespace adit::bench {

/// Seconds since some moment in which each processor was not idle, whatever for.
std::vector<double> busy_of_processors();

/// Seconds that the threads of a process, those that live, have run; 0 for process 0.
double run_time_of(int pid);

/// The kernel's threads that work on received packets: those of interfaces that poll in threads,
/// and those that go on where nobody else may any more.
std::vector<int> softirq_threads();

}  // namespace adit::bench
