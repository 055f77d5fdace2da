// The least that forwards between two AF_XDP ports: one memory for both, so that a frame is passed
// on by its address alone, bursts, and nothing done to frames. It uses libxdp as its authors show.
//
// usage: adit_forwarder CPU INTERFACE INTERFACE      (queue 0 of each; ends on SIGTERM)

#include <linux/if_link.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <xdp/xsk.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr std::uint32_t kBurst = 64;
constexpr std::uint32_t kRing = 2048;
constexpr std::uint32_t kFrameBytes = XSK_UMEM__DEFAULT_FRAME_SIZE / 2;
/// Both fill rings and both ways' transmit rings full, and a burst in hand.
constexpr std::uint32_t kFrames = 4 * kRing + 2 * kBurst;

volatile std::sig_atomic_t stopped = 0;

void check(int result, const char* what) {
  if (result == 0) return;
  throw std::runtime_error(std::string(what) + ": " + std::strerror(result < 0 ? -result : result));
}

/// The memory of both ports. Of the free frames, the last one used is taken first: it may still be
/// in the cache.
class Memory {
 public:
  Memory() {
    const std::size_t bytes = std::size_t{kFrames} * kFrameBytes;
    area_ = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area_ == MAP_FAILED) throw std::runtime_error("no memory for frames");
    for (std::uint64_t i = 0; i < kFrames; ++i) free_.push_back(i * kFrameBytes);
  }

  std::uint64_t take() {
    const std::uint64_t frame = free_.back();
    free_.pop_back();
    return frame;
  }
  /// \param address anywhere in the frame.
  void give(std::uint64_t address) { free_.push_back(address / kFrameBytes * kFrameBytes); }
  std::size_t free() const noexcept { return free_.size(); }
  void* area() const noexcept { return area_; }
  std::uint64_t bytes() const noexcept { return std::uint64_t{kFrames} * kFrameBytes; }

  xsk_umem* umem = nullptr;

 private:
  void* area_;
  std::vector<std::uint64_t> free_;
};

class Port {
 public:
  Port(Memory& memory, const char* interface) : memory_(memory) {
    const xsk_umem_config shape{.fill_size = kRing,
                                .comp_size = kRing,
                                .frame_size = kFrameBytes,
                                .frame_headroom = 0,
                                .flags = 0};
    if (memory.umem == nullptr) {
      check(xsk_umem__create(&memory.umem, memory.area(), memory.bytes(), &fill_, &completion_,
                             &shape),
            "cannot register memory");
    }
    xsk_socket_config config{};
    config.rx_size = kRing;
    config.tx_size = kRing;
    config.xdp_flags = XDP_FLAGS_DRV_MODE;
    config.bind_flags = XDP_COPY | XDP_USE_NEED_WAKEUP;
    check(xsk_socket__create_shared(&socket_, interface, 0, memory.umem, &rx_, &tx_, &fill_,
                                    &completion_, &config),
          interface);
    refill();
  }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  /// Takes the program off the interface as well, when it was the last socket there.
  ~Port() { xsk_socket__delete(socket_); }

  /// Passes on a burst of what was received, as far as the other port has room.
  void forward_to(Port& other) {
    other.collect();
    std::uint32_t at = 0;
    const std::uint32_t count = xsk_ring_cons__peek(&rx_, kBurst, &at);
    if (count == 0) return;
    std::uint32_t out = 0;
    const bool fits = xsk_ring_prod__reserve(&other.tx_, count, &out) == count;
    for (std::uint32_t i = 0; i < count; ++i) {
      const xdp_desc& frame = *xsk_ring_cons__rx_desc(&rx_, at + i);
      if (fits) {
        *xsk_ring_prod__tx_desc(&other.tx_, out + i) = frame;
      } else {
        memory_.give(frame.addr);
      }
    }
    xsk_ring_cons__release(&rx_, count);
    if (fits) {
      xsk_ring_prod__submit(&other.tx_, count);
      other.outstanding_ += count;
    }
    refill();
  }

  /// Copy mode sends 32 frames a call.
  void send() {
    for (int i = 0; i < 2 && outstanding_ > 0 && xsk_ring_prod__needs_wakeup(&tx_) != 0; ++i) {
      sendto(xsk_socket__fd(socket_), nullptr, 0, MSG_DONTWAIT, nullptr, 0);
    }
  }

 private:
  void collect() {
    std::uint32_t at = 0;
    const std::uint32_t count = xsk_ring_cons__peek(&completion_, kRing, &at);
    for (std::uint32_t i = 0; i < count; ++i) {
      memory_.give(*xsk_ring_cons__comp_addr(&completion_, at + i));
    }
    xsk_ring_cons__release(&completion_, count);
    outstanding_ -= count;
  }

  void refill() {
    std::uint32_t at = 0;
    const std::uint32_t room = xsk_prod_nb_free(&fill_, kRing);
    const std::uint32_t count =
        std::min<std::uint32_t>(room, static_cast<std::uint32_t>(memory_.free()));
    if (count < kBurst || xsk_ring_prod__reserve(&fill_, count, &at) != count) return;
    for (std::uint32_t i = 0; i < count; ++i) {
      *xsk_ring_prod__fill_addr(&fill_, at + i) = memory_.take();
    }
    xsk_ring_prod__submit(&fill_, count);
  }

  Memory& memory_;
  xsk_socket* socket_ = nullptr;
  xsk_ring_prod fill_{};
  xsk_ring_cons completion_{};
  xsk_ring_cons rx_{};
  xsk_ring_prod tx_{};
  /// Frames given to be sent that have not come back.
  std::uint32_t outstanding_ = 0;
};

void pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(cpu), &set);
  check(sched_setaffinity(0, sizeof set, &set) == 0 ? 0 : errno, "cannot pin");
}

void forward(char** given) {
  pin(std::atoi(given[1]));
  Memory memory;
  Port first(memory, given[2]);
  Port second(memory, given[3]);
  std::puts("forwarding");
  std::fflush(stdout);
  while (stopped == 0) {
    first.forward_to(second);
    second.send();
    second.forward_to(first);
    first.send();
  }
}

}  // namespace

int main(int count, char** given) {
  try {
    if (count != 4) throw std::runtime_error("a processor and two interfaces are needed");
    for (const int signal : {SIGTERM, SIGINT}) std::signal(signal, [](int) { stopped = 1; });
    forward(given);
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "adit_forwarder: %s\n", error.what());
    return EXIT_FAILURE;
  }
}
