#include "guarded_frames.h"

#include <sys/mman.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <set>

#include "packet/packet_assembly.h"

void fail(const char* message) {
  std::fprintf(stderr, "invariant broken: %s\n", message);
  std::abort();
}

GuardedFrames::GuardedFrames()
    : pool_(2 * kFrames + 1, {.frame_bytes = kFrameBytes,
                              .data_offset = adit::kKernelHeadroom,
                              .max_buffers = kMaxBuffers}) {
  // Every second frame is taken out for good and becomes a guard.
  std::vector<std::uint64_t> all(pool_.total());
  if (pool_.take(all) != all.size()) fail("the pool is short of frames");
  for (const std::uint64_t frame : all) {
    if (frame / kFrameBytes % 2 == 1) {
      pool_.give(frame);
    } else if (mprotect(pool_.memory() + frame, kFrameBytes, PROT_NONE) != 0) {
      fail("mprotect");
    }
  }
}

adit::Packet GuardedFrames::receive(std::span<const std::uint8_t> bytes, Place place) {
  std::uint64_t frame = 0;
  if (pool_.take({&frame, 1}) == 0) return {};
  std::uint64_t offset = adit::kKernelHeadroom;
  if (place == Place::kAtStart) offset = 0;
  if (place == Place::kAtEnd) offset = kFrameBytes - bytes.size();
  // An empty frame at the very end would have the next frame's address.
  if (offset == kFrameBytes) offset = kFrameBytes - 1;
  std::memset(pool_.memory() + frame, 0xa5, kFrameBytes);
  if (!bytes.empty()) std::memcpy(pool_.memory() + frame + offset, bytes.data(), bytes.size());
  return pool_.packet_at(frame + offset, static_cast<std::uint32_t>(bytes.size()));
}

adit::Packet GuardedFrames::receive_split(std::span<const std::uint8_t> bytes, Place first) {
  adit::PacketAssembly assembly(pool_);
  adit::Packet packet;
  std::minstd_rand random(bytes.back() * 256U + static_cast<unsigned>(bytes.size()) + 1U);
  const std::uint32_t buffers = 2 + static_cast<std::uint32_t>(random() % (kMaxBuffers - 1));
  for (std::uint32_t i = 1; i <= buffers; ++i) {
    const bool is_last = i == buffers;
    const std::size_t taken = is_last ? bytes.size() : random() % (bytes.size() + 1);
    Place place = i == 1 ? first : Place::kNormal;
    if (is_last) place = Place::kAtEnd;
    const adit::Packet buffer = receive(bytes.first(taken), place);
    if (buffer.empty()) fail("the pool is short of frames");
    bytes = bytes.subspan(taken);
    const bool is_whole = assembly.add(pool_.address_of(buffer), buffer.size(), !is_last, packet);
    if (is_whole != is_last) fail("a packet was put together wrong");
  }
  return packet;
}

void GuardedFrames::check_conserved(const std::vector<std::uint64_t>& others) {
  std::set<std::uint64_t> seen;
  for (const std::uint64_t address : others) seen.insert(address / kFrameBytes);
  if (seen.size() != others.size()) fail("a frame is in two places");
  std::vector<std::uint64_t> frames(kFrames + 1);
  frames.resize(pool_.take(frames));
  for (const std::uint64_t frame : frames) {
    if (frame / kFrameBytes % 2 == 0) fail("a frame was given back that was never taken");
    if (!seen.insert(frame / kFrameBytes).second) fail("a frame is free and in use");
  }
  for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) pool_.give(*frame);
}
