#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "packet/failure.h"
#include "packet/packet.h"
#include "packet/packet_assembly.h"
#include "port/umem.h"
#include "port/xsk_rings.h"

namespace adit {

/// The driver cannot do zero copy; copying can.
struct ZeroCopyRefused : Failure {
  using Failure::Failure;
};

/// Whether the kernel lets packets take several frames (XDP_USE_SG, Linux 6.6). \throws Failure
/// ADIT-2105.
[[nodiscard]] bool kernel_has_multi_buffer();

/// Where a worker's frames are that it gave to sockets. With the pool's free ones and those in its
/// hands they make up all frames: free + fill + rx + held + tx + completion = total.
struct FrameCounts {
  /// Given to the kernel to receive into, and not received yet.
  std::uint64_t fill = 0;
  /// Received, in an RX ring that was not read yet, or of a packet whose end was not.
  std::uint64_t rx = 0;
  /// Given to the kernel to send, and not sent yet.
  std::uint64_t tx = 0;
  /// Sent, in a completion ring that was not read yet.
  std::uint64_t completion = 0;
};

/// What a try to make the kernel send came to.
enum class KickResult : std::uint8_t { kDone, kDown, kGone };

/// One AF_XDP socket, bound to one queue of an interface, with its rings. Frames that the kernel
/// holds for it are noted in the Umem, and return to the pool when the socket closes.
class XskSocket {
 public:
  struct Options {
    std::string interface;
    unsigned ifindex = 0;
    std::uint32_t queue = 0;
    /// Entries of the RX, fill and TX rings, a power of two.
    std::uint32_t ring_size = 2048;
    /// Frames to keep in the fill ring, at most `ring_size`.
    std::uint32_t fill_target = 2048;
    /// Make a TX ring.
    bool sends = true;
    /// Entries of the completion ring, a power of two: what may be under way at a time.
    std::uint32_t completion_size = 2048;
    /// Ask for preferred busy polling.
    bool busy_poll = false;
  };

  /// Makes a socket in this thread's network namespace and binds it, sharing packet memory with any
  /// live socket of `umem`, else registering it. Waits up to 3 s while the queue is still taken,
  /// since the kernel takes sockets down in its own time. Nothing is received before `refill`.
  /// \param zero_copy as all sockets of the Umem.
  /// \throws ZeroCopyRefused ADIT-2109; Failure ADIT-2104 to ADIT-2108.
  [[nodiscard]] static std::unique_ptr<XskSocket> open(Umem& umem, const Options& options,
                                                       bool zero_copy);
  ~XskSocket();
  XskSocket(const XskSocket&) = delete;
  XskSocket& operator=(const XskSocket&) = delete;

  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] std::uint32_t queue() const noexcept { return options_.queue; }
  /// What the kernel says, whatever was asked for.
  [[nodiscard]] bool is_zero_copy() const noexcept;

  /// Whether `poll_driver` does something; from any thread.
  [[nodiscard]] bool is_busy_polled() const noexcept;
  /// Why not, where it was asked for.
  [[nodiscard]] std::string busy_poll_refusal() const;

  /// Takes received packets; returns how many. Their frames are the caller's.
  std::size_t receive(std::span<Packet> out) noexcept;
  /// Lets the driver look for packets now, where busy polling is in force. For rounds in which none
  /// were received.
  void poll_driver() noexcept;
  /// Brings the fill ring up to its target in bulk, from the pool's free frames.
  void refill() noexcept;
  /// Queues a prefix of the packets for sending; returns how many. Their frames are the kernel's,
  /// but for those behind a packet's end, which are free again.
  /// None may be empty: the kernel would skip it and never give its frame back.
  std::size_t send(std::span<const Packet> packets) noexcept;
  /// Gives sent frames back to the pool.
  void reclaim() noexcept;
  /// Makes the kernel send what is queued, as far as it goes without waiting.
  /// Like `send` and `unsent` only for a socket that sends.
  KickResult kick() noexcept;
  /// Frames that the kernel has not taken out of the TX ring.
  [[nodiscard]] std::uint32_t unsent() const noexcept { return unconsumed(tx_); }

  [[nodiscard]] FrameCounts frames() const noexcept;
  /// Received packets that were thrown away because they took too many frames.
  [[nodiscard]] std::uint64_t too_long() const noexcept { return assembly_.refused(); }
  /// System calls made to send.
  [[nodiscard]] std::uint64_t kicks() const noexcept {
    return kicks_.load(std::memory_order_relaxed);
  }
  /// The kernel's counters of the socket; zeros when it does not tell.
  [[nodiscard]] xdp_statistics kernel_statistics() const noexcept;

  /// The rings themselves, to look at.
  [[nodiscard]] const xsk_ring_cons& rx_ring() const noexcept { return rx_; }
  [[nodiscard]] const xsk_ring_prod& tx_ring() const noexcept { return tx_; }

 private:
  XskSocket(Umem& umem, Options options);
  /// Returns 0 or an errno.
  [[nodiscard]] int bind(bool zero_copy);
  void tune();
  /// Takes received entries from `index` on, where a packet is one frame.
  void take_frames(std::uint32_t index, std::span<Packet> out) noexcept;
  /// The same where it may be several; returns how many packets are whole.
  std::size_t take_buffers(std::uint32_t index, std::uint32_t count,
                           std::span<Packet> out) noexcept;
  /// `send` where each packet is one frame.
  std::size_t send_frames(std::span<const Packet> packets) noexcept;
  /// `send` where some may be several.
  std::size_t send_buffers(std::span<const Packet> packets) noexcept;
  void submit(std::uint32_t frames) noexcept;
  /// Puts a packet's frames into reserved TX entries from `index` on; returns the next index.
  std::uint32_t queue(const Packet& packet, std::uint32_t index) noexcept;
  void put(std::uint32_t index, std::uint64_t address, std::uint32_t bytes, bool more) noexcept;

  Umem& umem_;
  Options options_;
  int fd_;
  Umem::Holder holder_ = Umem::kNobody;
  std::uint32_t refill_step_;
  PacketAssembly assembly_;
  xsk_ring_cons rx_{};
  xsk_ring_prod tx_{};
  xsk_ring_prod fill_{};
  xsk_ring_cons completion_{};
  RingMemory rx_memory_;
  RingMemory tx_memory_;
  RingMemory fill_memory_;
  RingMemory completion_memory_;
  std::uint64_t filled_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t queued_ = 0;
  std::uint64_t completed_ = 0;
  std::atomic<std::uint64_t> kicks_{0};
  std::string busy_poll_refusal_;
  /// Polling instance of the queue; 0: not known.
  std::atomic<unsigned> napi_{0};
  /// `received_` when it was last asked for.
  std::uint64_t napi_asked_at_ = 0;
};

}  // namespace adit
