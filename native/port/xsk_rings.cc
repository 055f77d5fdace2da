#include "port/xsk_rings.h"

#include <sys/mman.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "packet/failure.h"

namespace adit {
namespace {

Failure ring_failure(const char* what, int error) {
  return {"ADIT-2106", std::string("cannot ") + what + " an AF_XDP ring: " + std::strerror(error),
          "set ringSize lower, or give the machine or container more memory"};
}

xdp_ring_offset offsets_of(int fd, RingKind kind) {
  xdp_mmap_offsets all{};
  socklen_t bytes = sizeof all;
  if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &all, &bytes) != 0) {
    throw ring_failure("lay out", errno);
  }
  switch (kind) {
    case RingKind::kRx:
      return all.rx;
    case RingKind::kTx:
      return all.tx;
    case RingKind::kFill:
      return all.fr;
    case RingKind::kCompletion:
      return all.cr;
  }
  throw ring_failure("lay out", EINVAL);
}

std::uint64_t page_offset_of(RingKind kind) noexcept {
  switch (kind) {
    case RingKind::kTx:
      return XDP_PGOFF_TX_RING;
    case RingKind::kFill:
      return XDP_UMEM_PGOFF_FILL_RING;
    case RingKind::kCompletion:
      return XDP_UMEM_PGOFF_COMPLETION_RING;
    case RingKind::kRx:
      break;
  }
  return XDP_PGOFF_RX_RING;
}

std::size_t entry_bytes(RingKind kind) noexcept {
  const bool descriptors = kind == RingKind::kRx || kind == RingKind::kTx;
  return descriptors ? sizeof(xdp_desc) : sizeof(std::uint64_t);
}

template <typename Ring>
RingMemory make(int fd, RingKind kind, std::uint32_t entries, Ring& ring) {
  if (setsockopt(fd, SOL_XDP, static_cast<int>(kind), &entries, sizeof entries) != 0) {
    throw ring_failure("make", errno);
  }
  const xdp_ring_offset offsets = offsets_of(fd, kind);
  RingMemory memory(fd, page_offset_of(kind), offsets.desc + entries * entry_bytes(kind));
  std::memset(&ring, 0, sizeof ring);
  ring.mask = entries - 1;
  ring.size = entries;
  ring.producer = reinterpret_cast<std::uint32_t*>(memory.start() + offsets.producer);
  ring.consumer = reinterpret_cast<std::uint32_t*>(memory.start() + offsets.consumer);
  ring.flags = reinterpret_cast<std::uint32_t*>(memory.start() + offsets.flags);
  ring.ring = memory.start() + offsets.desc;
  ring.cached_prod = *ring.producer;
  ring.cached_cons = *ring.consumer;
  return memory;
}

}  // namespace

RingMemory::RingMemory(int fd, std::uint64_t page_offset, std::size_t bytes) : bytes_(bytes) {
  void* start = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
                     static_cast<off_t>(page_offset));
  if (start == MAP_FAILED) throw ring_failure("map", errno);
  start_ = static_cast<std::uint8_t*>(start);
}

RingMemory::~RingMemory() {
  if (start_ != nullptr) munmap(start_, bytes_);
}

RingMemory::RingMemory(RingMemory&& other) noexcept
    : start_(std::exchange(other.start_, nullptr)), bytes_(other.bytes_) {}

RingMemory& RingMemory::operator=(RingMemory&& other) noexcept {
  std::swap(start_, other.start_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

RingMemory make_ring(int fd, RingKind kind, std::uint32_t entries, xsk_ring_prod& ring) {
  RingMemory memory = make(fd, kind, entries, ring);
  // The producer functions of xsk.h keep the consumer's index a ring's size ahead.
  ring.cached_cons += entries;
  return memory;
}

RingMemory make_ring(int fd, RingKind kind, std::uint32_t entries, xsk_ring_cons& ring) {
  return make(fd, kind, entries, ring);
}

}  // namespace adit
