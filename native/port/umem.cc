#include "port/umem.h"

#include <linux/if_xdp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <limits>
#include <string>
#include <thread>

#include "packet/failure.h"

namespace adit {
namespace {

constexpr int kReleaseTries = 20;
constexpr std::chrono::milliseconds kReleasePause{25};

std::string in_kib(std::uint64_t bytes) { return std::to_string(bytes / 1024) + " KiB"; }

Failure memory_failure(int error, std::size_t bytes) {
  const std::string what = "cannot register " + in_kib(bytes) + " of packet memory";
  if (error != ENOBUFS) {
    return {"ADIT-2106", what + ": " + std::strerror(error),
            "use fewer frames, or give the machine or container more memory"};
  }
  rlimit limit{};
  getrlimit(RLIMIT_MEMLOCK, &limit);
  return {"ADIT-2104", what + ": the process may lock " + in_kib(limit.rlim_cur) + " of memory",
          "give the program CAP_IPC_LOCK, raise the limit (LimitMEMLOCK=infinity of systemd, "
          "--ulimit memlock=-1 of a container), or set frames lower"};
}

}  // namespace

Umem::Umem(FramePool& pool)
    : pool_(pool),
      frame_shift_(static_cast<unsigned>(std::countr_zero(pool.layout().frame_bytes))),
      holders_(pool.total(), kNobody),
      numbers_taken_(std::size_t{std::numeric_limits<Holder>::max()} + 1, false) {
  numbers_taken_[kNobody] = true;
}

void Umem::register_through(int fd) {
  xdp_umem_reg memory;
  // The kernel also reads what this header has as padding.
  std::memset(&memory, 0, sizeof memory);
  memory.addr = reinterpret_cast<std::uintptr_t>(pool_.memory());
  memory.len = pool_.memory_bytes();
  memory.chunk_size = pool_.layout().frame_bytes;
  memory.headroom = pool_.layout().data_offset - kKernelHeadroom;
  for (int tries = 1;; ++tries) {
    if (setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &memory, sizeof memory) == 0) break;
    const int error = errno;
    // An earlier registration counts as locked until the kernel has taken it down.
    const bool may_pass = error == ENOBUFS && registered_before_ && tries < kReleaseTries;
    if (!may_pass) throw memory_failure(error, pool_.memory_bytes());
    std::this_thread::sleep_for(kReleasePause);
  }
  registered_before_ = true;
}

Umem::Holder Umem::join() {
  const auto free = std::find(numbers_taken_.begin(), numbers_taken_.end(), false);
  if (free == numbers_taken_.end()) {
    throw Failure("ADIT-2106", "a worker cannot serve more than 255 queues",
                  "use more workers, or fewer queues");
  }
  *free = true;
  return static_cast<Holder>(free - numbers_taken_.begin());
}

void Umem::leave(Holder holder, int fd) noexcept {
  std::erase(bound_, fd);
  for (std::size_t i = 0; i < holders_.size(); ++i) {
    if (holders_[i] != holder) continue;
    holders_[i] = kNobody;
    pool_.give(std::uint64_t{i} << frame_shift_);
  }
  numbers_taken_[holder] = false;
}

}  // namespace adit
