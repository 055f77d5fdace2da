#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "packet/frame_pool.h"
#include "port/af_xdp_port.h"
#include "port/open_ports.h"
#include "port/umem.h"
#include "worker/counters.h"
#include "worker/pipeline.h"
#include "worker/shared_state.h"
#include "worker/spin_time.h"
#include "worker/table_publication.h"

namespace adit {

/// Where a worker's frames are; all but `total` add up to `total` when none is
/// lost.
struct FrameSnapshot {
  std::uint64_t total = 0;
  std::uint64_t free = 0;
  std::uint64_t held = 0;
  FrameCounts ports;
};

/// One worker: a thread, the queues it owns of every port, one UMEM for all of
/// them and every frame in it. It shares with other workers the immutable tables,
/// one of which it takes for each round, and `SharedState`.
class Worker {
 public:
  struct Options {
    FrameLayout layout;
    std::uint32_t frames = 0;
    /// By port index.
    std::vector<AfXdpPort::Options> ports;
    std::vector<std::uint32_t> reserved;
    /// CPU to run on; none: wherever the kernel likes.
    std::optional<std::uint32_t> cpu;
  };
  /// What all workers look at and none owns.
  struct Shared {
    TablePublication& tables;
    SharedState& state;
  };

  Worker(Options options, Shared shared, std::size_t members, std::size_t tenants);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Binds the sockets of all ports. \throws Failure.
  OpenedPorts open();
  void start();
  /// Takes what is still in the receive rings, sends what is queued, waits a
  /// bounded time until the kernel has sent it, and ends the thread. The
  /// sockets stay open.
  void stop() noexcept;

  [[nodiscard]] const AfXdpPort& port(std::size_t index) const noexcept { return *ports_[index]; }
  [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
  [[nodiscard]] std::optional<std::uint32_t> cpu() const noexcept { return options_.cpu; }
  [[nodiscard]] FrameSnapshot frames() const;
  [[nodiscard]] std::uint64_t loops() const noexcept { return loops_.get(); }
  [[nodiscard]] std::uint64_t busy_loops() const noexcept { return busy_loops_.get(); }
  /// Milliseconds since the thread last went round.
  [[nodiscard]] std::uint64_t silent_ms() const noexcept;

 private:
  void run() noexcept;
  std::size_t run_once(const Table& table, std::uint64_t now_ns) noexcept;
  void follow_links() noexcept;
  void wait() noexcept;
  void drain(const Table& table) noexcept;
  void take_snapshot() noexcept;

  Options options_;
  Shared shared_;
  TableReader& tables_;
  FramePool pool_;
  Umem umem_;
  std::vector<std::unique_ptr<AfXdpPort>> ports_;
  Counters counters_;
  std::unique_ptr<Pipeline> pipeline_;
  /// What was received last; here, so that it is not cleared each time.
  std::array<Packet, kBurst> burst_;
  std::vector<std::uint32_t> link_generations_;
  std::vector<pollfd> poll_;
  int wake_fd_;
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> heartbeat_ns_{0};
  Counter loops_;
  Counter busy_loops_;
  SpinTime spin_;
  std::uint64_t snapshot_due_ns_ = 0;
  mutable std::mutex snapshot_mutex_;
  FrameSnapshot snapshot_;
  std::thread thread_;
};

}  // namespace adit
