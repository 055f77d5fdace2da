#include "memory_port.h"

#include <algorithm>

namespace adit::bench {

std::size_t MemoryPort::rx_burst(std::span<Packet> out) noexcept {
  const std::size_t count = std::min<std::size_t>(out.size(), received_.used());
  for (std::size_t i = 0; i < count; ++i) {
    const Descriptor& descriptor = received_.pop();
    out[i] = pool_.packet_at(descriptor.address, descriptor.bytes);
    __builtin_prefetch(out[i].data());
  }
  return count;
}

std::size_t MemoryPort::tx_burst(std::span<const Packet> packets) noexcept {
  const std::size_t count = std::min<std::size_t>(packets.size(), sent_.room());
  for (std::size_t i = 0; i < count; ++i) {
    sent_.push({.address = pool_.address_of(packets[i]), .bytes = packets[i].size()});
  }
  return count;
}

void MemoryPort::flush() noexcept {
  while (completed_.used() > 0) pool_.give(completed_.pop());
  std::array<std::uint64_t, kBurst> frames;
  const std::size_t wanted = std::min<std::size_t>(frames.size(), kBurst - fill_.used());
  const std::size_t taken = pool_.take({frames.data(), wanted});
  for (std::size_t i = 0; i < taken; ++i) fill_.push(frames[i] + pool_.layout().data_offset);
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
