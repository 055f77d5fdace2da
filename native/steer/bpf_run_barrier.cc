#include "steer/bpf_run_barrier.h"

#include <bpf/bpf.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "steer/bpf_failure.h"

namespace adit {
namespace {

constexpr const char* kCreating = "cannot create the maps to wait for running programs with";

}  // namespace

// Setting an element of a map of maps is what the kernel lets nobody return from before all
// programs are over that may still use the element's old value.
BpfRunBarrier::BpfRunBarrier()
    : inner_fd_(bpf_map_create(BPF_MAP_TYPE_ARRAY, "barrier_inner", sizeof(std::uint32_t),
                               sizeof(std::uint32_t), 1, nullptr)) {
  if (inner_fd_ < 0) throw bpf_failure(kCreating, -inner_fd_, "");
  LIBBPF_OPTS(bpf_map_create_opts, options, .inner_map_fd = static_cast<std::uint32_t>(inner_fd_));
  outer_fd_ = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "barrier", sizeof(std::uint32_t),
                             sizeof(std::uint32_t), 1, &options);
  if (outer_fd_ >= 0) return;
  const int error = -outer_fd_;
  close(inner_fd_);
  throw bpf_failure(kCreating, error, "");
}

BpfRunBarrier::~BpfRunBarrier() {
  close(outer_fd_);
  close(inner_fd_);
}

void BpfRunBarrier::wait() const noexcept {
  const std::uint32_t zero = 0;
  bpf_map_update_elem(outer_fd_, &zero, &inner_fd_, BPF_ANY);
}

}  // namespace adit
