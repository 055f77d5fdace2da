#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

namespace adit {

/// Zeroed memory on pages of 2 MiB, as far as the kernel has them: a large table that is read at
/// random costs a walk through the page tables for each read otherwise. Taken page by page as it is
/// touched. \throws std::bad_alloc.
[[nodiscard]] void* take_large_pages(std::size_t bytes);
/// \param bytes as they were taken.
void give_large_pages(void* memory, std::size_t bytes) noexcept;

/// From this many bytes on memory is taken so; less is in a cache, or soon will be.
inline constexpr std::size_t kLargePageBytes = std::size_t{2} << 20;

/// For arrays of the table and of counters.
template <typename T>
struct LargePageAllocator {
  using value_type = T;

  LargePageAllocator() noexcept = default;
  template <typename U>
  explicit LargePageAllocator(const LargePageAllocator<U>&) noexcept {}

  [[nodiscard]] T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    if (bytes >= kLargePageBytes) return static_cast<T*>(take_large_pages(bytes));
    return static_cast<T*>(::operator new (bytes, std::align_val_t{alignof(T)}));
  }
  void deallocate(T* memory, std::size_t count) noexcept {
    const std::size_t bytes = count * sizeof(T);
    if (bytes >= kLargePageBytes) return give_large_pages(memory, bytes);
    ::operator delete (memory, std::align_val_t{alignof(T)});
  }
  [[nodiscard]] bool operator==(const LargePageAllocator&) const noexcept = default;
};

}  // namespace adit
