#pragma once

#include <sched.h>

#include <cstdint>
#include <string>
#include <vector>

namespace adit {

/// CPUs that a thread may run on.
class CpuSet {
 public:
  /// Of a thread; empty where the kernel does not tell. \param thread its id, 0: the calling one.
  explicit CpuSet(pid_t thread = 0);

  [[nodiscard]] bool has(std::uint32_t cpu) const noexcept;
  [[nodiscard]] std::uint32_t count() const noexcept;
  /// As people write it: `0-3,8`.
  [[nodiscard]] std::string text() const;
  void remove(std::uint32_t cpu) noexcept;
  /// Lets a thread run on these CPUs alone. \return whether the kernel did so.
  bool apply_to(pid_t thread) const noexcept;

 private:
  [[nodiscard]] std::size_t bytes() const noexcept { return bits_.size() * sizeof(cpu_set_t); }

  std::vector<cpu_set_t> bits_;
};

}  // namespace adit
