#include "packet/frame_pool.h"

#include <sys/mman.h>

#include <new>

namespace adit {

FramePool::FramePool(std::uint32_t frames, FrameLayout layout)
    : layout_(layout), total_(frames), free_(frames), memory_(nullptr) {
  stack_ = std::make_unique<std::uint64_t[]>(frames);
  segments_ = std::make_unique<Segment[]>(frames);
  void* memory =
      mmap(nullptr, memory_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  memory_ = static_cast<std::uint8_t*>(memory);
  // The lowest frame is on top of the stack.
  for (std::uint32_t i = 0; i < frames; ++i) {
    stack_[i] = std::uint64_t{frames - 1 - i} * layout.frame_bytes;
  }
}

FramePool::~FramePool() { munmap(memory_, memory_bytes()); }

Packet FramePool::take_packet() noexcept {
  std::uint64_t frame = 0;
  if (take({&frame, 1}) == 0) return {};
  return packet_at(frame + layout_.data_offset, 0);
}

Segment* FramePool::segment_at(std::uint64_t address, std::uint32_t bytes) noexcept {
  Segment* segment = &segments_[address / layout_.frame_bytes];
  *segment = {.data = memory_ + address, .next = nullptr, .bytes = bytes};
  return segment;
}

std::uint32_t FramePool::frames_of(const Packet& packet) noexcept {
  std::uint32_t frames = 1;
  for (const Segment* next = packet.next(); next != nullptr; next = next->next) ++frames;
  return frames;
}

void FramePool::give_segments(const Segment* segment) noexcept {
  for (; segment != nullptr; segment = segment->next) give(address_of(*segment));
}

}  // namespace adit
