#include "port/af_xdp_port.h"

#include <algorithm>
#include <bit>

#include "port/interface_info.h"

namespace adit {
namespace {

/// Frames of a packet that drivers with zero copy take (Documentation/networking/af_xdp.rst).
constexpr std::uint32_t kZeroCopyBuffers = 5;

/// One thread writes, others read.
void add(std::atomic<std::uint64_t>& counter, std::uint64_t more) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
}

std::uint64_t bytes_of(std::span<const Packet> packets) noexcept {
  std::uint64_t bytes = 0;
  for (const Packet& packet : packets) bytes += packet.length();
  return bytes;
}

/// Packets count as under way until the far end frees them, so that a slow receiver behind it takes
/// entries from everybody. Twice a ring lets it hold one ring and the others go on; yet not so many
/// that one port could hold frames that are meant for others.
std::uint32_t completion_size(const AfXdpPort::Options& options, std::uint32_t fill_target) {
  const std::uint32_t others = options.ring_size + fill_target;
  const std::uint32_t left =
      options.frames_per_queue > others ? options.frames_per_queue - others : 0;
  return std::clamp(std::bit_floor(left), options.ring_size, 2 * options.ring_size);
}

/// The kernel hands packets of more frames than the driver sends back to nobody.
void require_zero_copy_fits(const InterfaceInfo& interface, const FrameLayout& layout) {
  const std::uint32_t buffers = buffers_for(interface.mtu, layout);
  if (buffers <= kZeroCopyBuffers) return;
  throw ZeroCopyRefused("ADIT-2109",
                        "no zero copy with MTU " + std::to_string(interface.mtu) +
                            ", which takes " + std::to_string(buffers) +
                            " frames a packet: drivers are only sure of " +
                            std::to_string(kZeroCopyBuffers),
                        "set zeroCopy to \"auto\" or \"off\", or lower the MTU");
}

void require_tx_queue(const InterfaceInfo& interface, std::uint32_t queue) {
  if (queue < interface.tx_queues) return;
  throw Failure("ADIT-2103",
                "interface " + interface.name + " has " + std::to_string(interface.tx_queues) +
                    " TX queues, fewer than workers that send on it",
                "set workers to at most that number, or give it more with `ethtool -L`");
}

}  // namespace

void AfXdpPort::open(bool zero_copy) {
  close();
  const InterfaceInfo interface = read_interface(options_.interface);
  require_mtu_fits(interface, umem_.pool().layout());
  if (zero_copy) require_zero_copy_fits(interface, umem_.pool().layout());
  require_tx_queue(interface, options_.queues.front());
  XskSocket::Options socket;
  socket.interface = options_.interface;
  socket.ifindex = interface.ifindex;
  socket.ring_size = options_.ring_size;
  socket.fill_target =
      std::clamp<std::uint32_t>(options_.frames_per_queue / 2, 1, options_.ring_size);
  socket.completion_size = completion_size(options_, socket.fill_target);
  socket.busy_poll = options_.busy_poll;
  std::vector<std::unique_ptr<XskSocket>> sockets;
  for (const std::uint32_t queue : options_.queues) {
    socket.queue = queue;
    socket.sends = sockets.empty();
    sockets.push_back(XskSocket::open(umem_, socket, zero_copy));
  }
  sockets_ = std::move(sockets);
  link_ = interface.up ? LinkState::kUp : LinkState::kDown;
}

void AfXdpPort::start() noexcept {
  for (const auto& socket : sockets_) socket->refill();
}

void AfXdpPort::close() noexcept {
  add_kernel_statistics(before_);
  sockets_.clear();
  next_ = 0;
}

std::string AfXdpPort::busy_poll_refusal() const {
  if (!options_.busy_poll) return {};
  for (const auto& socket : sockets_) {
    std::string refusal = socket->busy_poll_refusal();
    if (!refusal.empty()) return refusal;
  }
  return {};
}

std::size_t AfXdpPort::rx_burst(std::span<Packet> out) noexcept {
  std::size_t received = 0;
  // Each burst begins at another queue, so that a busy one does not starve the rest.
  for (std::size_t i = 0; i < sockets_.size() && received < out.size(); ++i) {
    received += sockets_[next_]->receive(out.subspan(received));
    next_ = next_ + 1 == sockets_.size() ? 0 : next_ + 1;
  }
  if (received == 0 && options_.busy_poll) {
    for (const auto& socket : sockets_) socket->poll_driver();
  }
  if (received > 0) {
    add(received_frames_, received);
    add(received_bytes_, bytes_of(out.first(received)));
  }
  return received;
}

std::size_t AfXdpPort::tx_burst(std::span<const Packet> packets) noexcept {
  if (link_ != LinkState::kUp || sockets_.empty()) return 0;
  const std::size_t taken = sockets_.front()->send(packets);
  if (taken > 0) {
    add(sent_frames_, taken);
    add(sent_bytes_, bytes_of(packets.first(taken)));
  }
  return taken;
}

void AfXdpPort::flush() noexcept {
  if (sockets_.empty()) return;
  XskSocket& sender = *sockets_.front();
  sender.reclaim();
  if (link_ == LinkState::kUp) {
    const KickResult result = sender.kick();
    if (result == KickResult::kDown) link_ = LinkState::kDown;
    if (result == KickResult::kGone) link_ = LinkState::kGone;
  }
  for (const auto& socket : sockets_) socket->refill();
}

bool AfXdpPort::tx_pending() const noexcept {
  return link_ == LinkState::kUp && !sockets_.empty() && sockets_.front()->unsent() > 0;
}

void AfXdpPort::add_poll_descriptors(std::vector<pollfd>& descriptors) const {
  for (const auto& socket : sockets_) {
    descriptors.push_back({.fd = socket->fd(), .events = POLLIN, .revents = 0});
  }
}

FrameCounts AfXdpPort::frames() const noexcept {
  FrameCounts sum;
  for (const auto& socket : sockets_) {
    const FrameCounts counts = socket->frames();
    sum.fill += counts.fill;
    sum.rx += counts.rx;
    sum.tx += counts.tx;
    sum.completion += counts.completion;
  }
  return sum;
}

void AfXdpPort::add_kernel_statistics(AfXdpStatistics& sum) const noexcept {
  for (const auto& socket : sockets_) {
    const xdp_statistics kernel = socket->kernel_statistics();
    sum.rx_dropped += kernel.rx_dropped;
    sum.rx_ring_full += kernel.rx_ring_full;
    sum.rx_fill_ring_empty += kernel.rx_fill_ring_empty_descs;
    sum.rx_invalid += kernel.rx_invalid_descs;
    sum.tx_invalid += kernel.tx_invalid_descs;
    sum.tx_kicks += socket->kicks();
    sum.rx_too_long += socket->too_long();
  }
}

AfXdpStatistics AfXdpPort::statistics() const noexcept {
  AfXdpStatistics sum = before_;
  sum.received_frames = received_frames_.load(std::memory_order_relaxed);
  sum.received_bytes = received_bytes_.load(std::memory_order_relaxed);
  sum.sent_frames = sent_frames_.load(std::memory_order_relaxed);
  sum.sent_bytes = sent_bytes_.load(std::memory_order_relaxed);
  add_kernel_statistics(sum);
  return sum;
}

}  // namespace adit
