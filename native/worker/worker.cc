#include "worker/worker.h"

#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include "packet/failure.h"
#include "worker/clock.h"

namespace adit {
namespace {

constexpr std::uint64_t kSnapshotPeriodNs = 50'000'000;
constexpr std::uint64_t kDrainLimitNs = 1'000'000'000;

void pin_to(std::uint32_t cpu) noexcept {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(cpu, &cpus);
  // A CPU that is not ours was refused when the configuration was opened.
  pthread_setaffinity_np(pthread_self(), sizeof cpus, &cpus);
}

}  // namespace

Worker::Worker(Options options, Shared shared, std::size_t members, std::size_t tenants)
    : options_(std::move(options)),
      shared_(shared),
      tables_(shared.tables.add_reader()),
      pool_(options_.frames, options_.layout),
      umem_(pool_),
      counters_(options_.ports.size(), members, tenants),
      link_generations_(options_.ports.size()),
      wake_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      spin_(options_.cpu.has_value()) {
  if (wake_fd_ < 0) {
    throw Failure("ADIT-2120", "cannot make an eventfd", "raise the limit of open files");
  }
  Pipeline::Environment environment(pool_, {}, options_.reserved, counters_, shared_.state);
  for (const AfXdpPort::Options& port : options_.ports) {
    ports_.push_back(std::make_unique<AfXdpPort>(umem_, port));
    environment.ports.push_back(ports_.back().get());
  }
  pipeline_ = std::make_unique<Pipeline>(std::move(environment));
}

Worker::~Worker() {
  stop();
  ports_.clear();
  close(wake_fd_);
}

OpenedPorts Worker::open() {
  std::vector<AfXdpPort*> ports;
  for (const auto& port : ports_) ports.push_back(port.get());
  OpenedPorts opened = open_ports(ports);
  poll_.push_back({.fd = wake_fd_, .events = POLLIN, .revents = 0});
  for (const auto& port : ports_) port->add_poll_descriptors(poll_);
  take_snapshot();
  return opened;
}

void Worker::start() {
  heartbeat_ns_ = monotonic_ns();
  thread_ = std::thread([this] { run(); });
}

void Worker::stop() noexcept {
  if (!thread_.joinable()) return;
  stop_ = true;
  const std::uint64_t one = 1;
  static_cast<void>(write(wake_fd_, &one, sizeof one));
  thread_.join();
}

void Worker::run() noexcept {
  pthread_setname_np(pthread_self(), "adit-worker");
  if (options_.cpu) pin_to(*options_.cpu);
  while (!stop_.load(std::memory_order_relaxed)) {
    const std::uint64_t now_ns = monotonic_ns();
    heartbeat_ns_.store(now_ns, std::memory_order_relaxed);
    const std::size_t packets = run_once(tables_.table(), now_ns);
    loops_.add(1);
    if (now_ns >= snapshot_due_ns_) take_snapshot();
    if (packets > 0) busy_loops_.add(1);
    const SpinTime::Next next = spin_.after(now_ns, packets);
    if (next == SpinTime::Next::kYieldAndLook) sched_yield();
    if (next == SpinTime::Next::kSleep) wait();
  }
  drain(tables_.table());
  tables_.leave();
}

std::size_t Worker::run_once(const Table& table, std::uint64_t now_ns) noexcept {
  follow_links();
  std::size_t packets = 0;
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const std::size_t received = ports_[i]->rx_burst(burst_);
    if (received == 0) continue;
    packets += received;
    pipeline_->process(table, i, {burst_.data(), received}, now_ns);
  }
  pipeline_->release_held(table, now_ns);
  pipeline_->flush(table);
  return packets;
}

void Worker::follow_links() noexcept {
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const PortStatus& status = shared_.state.port_status[i];
    const std::uint32_t generation = status.generation.load(std::memory_order_acquire);
    if (generation == link_generations_[i]) continue;
    link_generations_[i] = generation;
    const bool up = status.up.load(std::memory_order_relaxed);
    ports_[i]->set_link(up ? LinkState::kUp : LinkState::kDown);
  }
}

void Worker::wait() noexcept {
  // Held packets look for their neighbor often, and nothing tells when the kernel has room again
  // for what waits to be sent; else a sign of life now and then is enough.
  constexpr timespec kPendingWait{.tv_sec = 0, .tv_nsec = 100'000};
  constexpr timespec kHeldWait{.tv_sec = 0, .tv_nsec = 5'000'000};
  constexpr timespec kIdleWait{.tv_sec = 0, .tv_nsec = 100'000'000};
  take_snapshot();
  const bool pending = std::ranges::any_of(ports_, [](const auto& p) { return p->tx_pending(); });
  const timespec* limit = pipeline_->frames_in_hand() > 0 ? &kHeldWait : &kIdleWait;
  if (pending) limit = &kPendingWait;
  // So that a table can be freed however long this sleeps.
  tables_.leave();
  ppoll(poll_.data(), poll_.size(), limit, nullptr);
}

void Worker::drain(const Table& table) noexcept {
  const std::uint64_t limit_ns = monotonic_ns() + kDrainLimitNs;
  for (bool busy = true; busy && monotonic_ns() < limit_ns;) {
    busy = run_once(table, monotonic_ns()) > 0;
    std::uint64_t in_kernel = 0;
    for (const auto& port : ports_) in_kernel += port->frames().tx;
    busy = busy || in_kernel > 0;
  }
  pipeline_->drop_held(table);
  take_snapshot();
}

void Worker::take_snapshot() noexcept {
  FrameSnapshot snapshot{.total = pool_.total(),
                         .free = pool_.free(),
                         .held = pipeline_->frames_in_hand(),
                         .ports = {}};
  for (const auto& port : ports_) {
    const FrameCounts counts = port->frames();
    snapshot.ports.fill += counts.fill;
    snapshot.ports.rx += counts.rx;
    snapshot.ports.tx += counts.tx;
    snapshot.ports.completion += counts.completion;
  }
  snapshot_due_ns_ = monotonic_ns() + kSnapshotPeriodNs;
  const std::unique_lock lock(snapshot_mutex_, std::try_to_lock);
  if (lock.owns_lock()) snapshot_ = snapshot;
}

FrameSnapshot Worker::frames() const {
  const std::lock_guard lock(snapshot_mutex_);
  return snapshot_;
}

std::uint64_t Worker::silent_ms() const noexcept {
  const std::uint64_t now_ns = monotonic_ns();
  const std::uint64_t heartbeat_ns = heartbeat_ns_.load(std::memory_order_relaxed);
  return now_ns > heartbeat_ns ? (now_ns - heartbeat_ns) / 1'000'000 : 0;
}

}  // namespace adit
