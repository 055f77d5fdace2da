#include "memory_port.h"

#include <algorithm>

namespace adit::bench {

std::size_t MemoryPort::rx_burst(std::span<Packet> out) noexcept {
  const std::size_t count = std::min<std::size_t>(out.size(), received_.used());
  const FramePool::Frames frames = pool_.frames();
  for (auto rest = out.first(count); !rest.empty();) {
    const auto piece = received_.piece(received_.consumer, rest.size());
#pragma GCC unroll 8
    for (std::size_t i = 0; i < piece.size(); ++i) {
      frames.take(piece[i], rest[i]);
      __builtin_prefetch(rest[i].data());
    }
    received_.consumer += static_cast<std::uint32_t>(piece.size());
    rest = rest.subspan(piece.size());
  }
  return count;
}

std::size_t MemoryPort::tx_burst(std::span<const Packet> packets) noexcept {
  const std::size_t count = std::min<std::size_t>(packets.size(), sent_.room());
  const FramePool::Frames frames = pool_.frames();
  for (auto rest = packets.first(count); !rest.empty();) {
    const auto piece = sent_.piece(sent_.producer, rest.size());
#pragma GCC unroll 8
    for (std::size_t i = 0; i < piece.size(); ++i) frames.put(rest[i], piece[i]);
    sent_.producer += static_cast<std::uint32_t>(piece.size());
    rest = rest.subspan(piece.size());
  }
  return count;
}

void MemoryPort::flush() noexcept {
  while (completed_.used() > 0) {
    const auto piece = completed_.piece(completed_.consumer, completed_.used());
    pool_.give(piece);
    completed_.consumer += static_cast<std::uint32_t>(piece.size());
  }
  while (fill_.used() < kBurst) {
    const auto piece = fill_.piece(fill_.producer, kBurst - fill_.used());
    const auto taken = piece.first(pool_.take(piece));
    if (taken.empty()) return;
    // With AF_XDP the kernel adds the headroom. Here it stands for what a socket does instead for
    // each of these frames: it notes that it holds it.
    const std::uint64_t offset = pool_.layout().data_offset;
    for (std::uint64_t& address : taken) address += offset;
    fill_.producer += static_cast<std::uint32_t>(taken.size());
  }
}

std::uint8_t* MemoryPort::receive(std::uint32_t bytes) noexcept {
  if (fill_.used() == 0) return nullptr;
  const std::uint64_t address = fill_.pop();
  received_.push({.address = address, .bytes = bytes});
  return pool_.memory() + address;
}

std::size_t MemoryPort::complete() noexcept {
  const std::uint32_t count = sent_.used();
  for (std::uint32_t i = 0; i < count; ++i) {
    last_ = sent_.pop();
    completed_.push(last_.address);
  }
  return count;
}

std::span<const std::uint8_t> MemoryPort::last_sent() const noexcept {
  return {pool_.memory() + last_.address, last_.bytes};
}

}  // namespace adit::bench
