#include "packet/large_pages.h"

#include <sys/mman.h>

#include <cstdint>

namespace adit {
namespace {

constexpr std::size_t round_up(std::size_t bytes) noexcept {
  return (bytes + kLargePageBytes - 1) & ~(kLargePageBytes - 1);
}

}  // namespace

void* take_large_pages(std::size_t bytes) {
  // One page more than is needed, so that the start can be where such a page may begin.
  const std::size_t wanted = round_up(bytes);
  const std::size_t mapped = wanted + kLargePageBytes;
  void* memory = mmap(nullptr, mapped, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  auto* start = static_cast<std::uint8_t*>(memory);
  const std::size_t before =
      round_up(reinterpret_cast<std::uintptr_t>(start)) - reinterpret_cast<std::uintptr_t>(start);
  const std::size_t behind = kLargePageBytes - before;
  if (before > 0) munmap(start, before);
  if (behind > 0) munmap(start + before + wanted, behind);
  // Refused where the kernel has none: small pages serve, too.
  madvise(start + before, wanted, MADV_HUGEPAGE);
  return start + before;
}

void give_large_pages(void* memory, std::size_t bytes) noexcept { munmap(memory, round_up(bytes)); }

}  // namespace adit
