#include "port/xsk_socket.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <utility>

#include "packet/port.h"
#include "port/multi_buffer.h"
#include "port/xsk_tuning.h"

namespace adit {
namespace {

// One call sends a burst in copy mode, before Linux 6.17 half of one; so this many send eight.
constexpr int kMaxKicks = 16;
constexpr std::ptrdiff_t kCacheLineBytes = 64;

// As `FramePool::Frames` reads and writes it.
static_assert(offsetof(xdp_desc, addr) == 0 && offsetof(xdp_desc, len) == 8);

}  // namespace

XskSocket::~XskSocket() {
  // Mapped rings keep a socket open. Once it is closed the kernel uses none of its frames.
  rx_memory_ = {};
  tx_memory_ = {};
  fill_memory_ = {};
  completion_memory_ = {};
  close(fd_);
  umem_.leave(holder_, fd_);
}

bool XskSocket::is_zero_copy() const noexcept {
  xdp_options options{};
  socklen_t bytes = sizeof options;
  if (getsockopt(fd_, SOL_XDP, XDP_OPTIONS, &options, &bytes) != 0) return false;
  return (options.flags & XDP_OPTIONS_ZEROCOPY) != 0;
}

std::size_t XskSocket::receive(std::span<Packet> out) noexcept {
  std::uint32_t index = 0;
  const auto room = static_cast<std::uint32_t>(out.size());
  const std::uint32_t count = xsk_ring_cons__peek(&rx_, room, &index);
  if (count == 0) return 0;
  const bool chains = umem_.pool().layout().max_buffers > 1;
  const std::size_t packets = chains ? take_buffers(index, count, out) : count;
  if (!chains) take_frames(index, out.first(count));
  xsk_ring_cons__release(&rx_, count);
  received_ += count;
  return packets;
}

void XskSocket::take_frames(std::uint32_t index, std::span<Packet> out) noexcept {
  const FramePool::Frames frames = umem_.pool().frames();
  const Umem::Notes notes = umem_.notes();
  const RingEntries<const xdp_desc> descriptors(rx_);
#pragma GCC unroll 4
  for (Packet& packet : out) {
    const xdp_desc& descriptor = descriptors[index++];
    notes.release(descriptor.addr);
    frames.take(descriptor, packet);
    // Where headers are read, and where a push writes.
    __builtin_prefetch(packet.data());
    __builtin_prefetch(packet.data() - kCacheLineBytes, 1);
  }
}

std::size_t XskSocket::take_buffers(std::uint32_t index, std::uint32_t count,
                                    std::span<Packet> out) noexcept {
  const Umem::Notes notes = umem_.notes();
  const RingEntries<const xdp_desc> descriptors(rx_);
  std::size_t packets = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const xdp_desc& descriptor = descriptors[index + i];
    notes.release(descriptor.addr);
    const bool more = (descriptor.options & kPacketContinues) != 0;
    packets += assembly_.add(descriptor.addr, descriptor.len, more, out[packets]) ? 1 : 0;
  }
  return packets;
}

bool XskSocket::is_busy_polled() const noexcept {
  return options_.busy_poll && busy_poll_refusal_.empty() &&
         napi_.load(std::memory_order_relaxed) != 0;
}

std::string XskSocket::busy_poll_refusal() const {
  if (!busy_poll_refusal_.empty() || is_busy_polled()) return busy_poll_refusal_;
  return "driver and kernel do not tell what polls queue " + std::to_string(options_.queue);
}

void XskSocket::poll_driver() noexcept {
  if (!options_.busy_poll || !busy_poll_refusal_.empty()) return;
  if (!is_busy_polled()) {
    // Before Linux 6.18 it is told by the packets that come.
    if (napi_asked_at_ == received_) return;
    napi_asked_at_ = received_;
    napi_.store(napi_of(fd_), std::memory_order_relaxed);
    if (!is_busy_polled()) return;
  }
  recvfrom(fd_, nullptr, 0, MSG_DONTWAIT, nullptr, nullptr);
}

void XskSocket::refill() noexcept {
  const std::uint32_t queued = unconsumed(fill_);
  if (queued + refill_step_ > options_.fill_target) return;
  std::uint32_t missing = options_.fill_target - queued;
  std::array<std::uint64_t, kBurst> frames;
  const Umem::Notes notes = umem_.notes();
  const RingEntries<std::uint64_t> entries(fill_);
  while (missing > 0) {
    const std::size_t wanted = std::min<std::size_t>(missing, frames.size());
    const auto taken =
        static_cast<std::uint32_t>(umem_.pool().take(std::span(frames).first(wanted)));
    if (taken == 0) break;
    std::uint32_t index = 0;
    xsk_ring_prod__reserve(&fill_, taken, &index);
    for (const std::uint64_t frame : std::span(frames).first(taken)) {
      entries[index++] = frame;
      notes.hold(frame, holder_);
    }
    xsk_ring_prod__submit(&fill_, taken);
    filled_ += taken;
    missing -= taken;
  }
  if (xsk_ring_prod__needs_wakeup(&fill_) != 0) {
    recvfrom(fd_, nullptr, 0, MSG_DONTWAIT, nullptr, nullptr);
  }
}

std::size_t XskSocket::send(std::span<const Packet> packets) noexcept {
  const bool chained =
      std::ranges::any_of(packets, [](const Packet& packet) { return packet.next() != nullptr; });
  return chained ? send_buffers(packets) : send_frames(packets);
}

std::size_t XskSocket::send_frames(std::span<const Packet> packets) noexcept {
  const auto wanted = static_cast<std::uint32_t>(packets.size());
  const std::uint32_t count = std::min(wanted, xsk_prod_nb_free(&tx_, wanted));
  std::uint32_t index = 0;
  if (count == 0 || xsk_ring_prod__reserve(&tx_, count, &index) == 0) return 0;
  const FramePool::Frames frames = umem_.pool().frames();
  const Umem::Notes notes = umem_.notes();
  const RingEntries<xdp_desc> descriptors(tx_);
#pragma GCC unroll 4
  for (const Packet& packet : packets.first(count)) {
    xdp_desc& descriptor = descriptors[index++];
    frames.put(packet, descriptor);
    notes.hold(descriptor.addr, holder_);
  }
  submit(count);
  return count;
}

std::size_t XskSocket::send_buffers(std::span<const Packet> packets) noexcept {
  std::uint32_t frames = 0;
  for (const Packet& packet : packets) frames += packet.buffers();
  const std::uint32_t room = xsk_prod_nb_free(&tx_, frames);
  // A packet goes whole or not at all.
  std::size_t count = packets.size();
  while (frames > room) frames -= packets[--count].buffers();
  if (count == 0) return 0;
  std::uint32_t index = 0;
  xsk_ring_prod__reserve(&tx_, frames, &index);
  for (const Packet& packet : packets.first(count)) index = queue(packet, index);
  submit(frames);
  return count;
}

void XskSocket::submit(std::uint32_t frames) noexcept {
  xsk_ring_prod__submit(&tx_, frames);
  queued_ += frames;
}

std::uint32_t XskSocket::queue(const Packet& packet, std::uint32_t index) noexcept {
  FramePool& pool = umem_.pool();
  std::uint32_t left = packet.tail();
  put(index++, pool.address_of(packet), packet.size(), left > 0);
  for (const Segment* segment = packet.next(); segment != nullptr; segment = segment->next) {
    const std::uint64_t address = pool.address_of(*segment);
    const std::uint32_t bytes = std::min(left, segment->bytes);
    left -= bytes;
    if (bytes > 0) {
      put(index++, address, bytes, left > 0);
    } else {
      pool.give(address);
    }
  }
  return index;
}

void XskSocket::put(std::uint32_t index, std::uint64_t address, std::uint32_t bytes,
                    bool more) noexcept {
  *xsk_ring_prod__tx_desc(&tx_, index) = {address, bytes, more ? kPacketContinues : 0};
  umem_.notes().hold(address, holder_);
}

void XskSocket::reclaim() noexcept {
  std::array<std::uint64_t, kBurst> frames;
  const Umem::Notes notes = umem_.notes();
  const RingEntries<const std::uint64_t> entries(completion_);
  for (;;) {
    std::uint32_t index = 0;
    const std::uint32_t count = xsk_ring_cons__peek(&completion_, kBurst, &index);
    if (count == 0) return;
    const auto taken = std::span(frames).first(count);
    for (std::uint64_t& address : taken) {
      address = entries[index++];
      notes.release(address);
    }
    umem_.pool().give(taken);
    xsk_ring_cons__release(&completion_, count);
    completed_ += count;
  }
}

KickResult XskSocket::kick() noexcept {
  for (int i = 0; i < kMaxKicks; ++i) {
    const std::uint32_t before = unsent();
    if (before == 0 || xsk_ring_prod__needs_wakeup(&tx_) == 0) return KickResult::kDone;
    kicks_.store(kicks() + 1, std::memory_order_relaxed);
    if (sendto(fd_, nullptr, 0, MSG_DONTWAIT, nullptr, 0) < 0) {
      if (errno == ENETDOWN) return KickResult::kDown;
      // EAGAIN: 32 were sent, or the completion ring or the socket's send buffer is full. EBUSY and
      // ENOBUFS: one could not be sent. All pass; what is left is tried again.
      const bool passes = errno == EAGAIN || errno == EBUSY || errno == ENOBUFS || errno == EINTR;
      if (!passes) return KickResult::kGone;
    }
    reclaim();
    if (unsent() == before) return KickResult::kDone;
  }
  return KickResult::kDone;
}

FrameCounts XskSocket::frames() const noexcept {
  FrameCounts counts;
  const std::uint32_t unread = untaken(rx_);
  counts.rx = unread + assembly_.frames();
  counts.fill = filled_ - received_ - unread;
  counts.completion = untaken(completion_);
  counts.tx = queued_ - completed_ - counts.completion;
  return counts;
}

xdp_statistics XskSocket::kernel_statistics() const noexcept {
  xdp_statistics statistics{};
  socklen_t bytes = sizeof statistics;
  if (getsockopt(fd_, SOL_XDP, XDP_STATISTICS, &statistics, &bytes) != 0) return {};
  return statistics;
}

}  // namespace adit
