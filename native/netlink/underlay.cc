#include "netlink/underlay.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "netlink/underlay_engine.h"
#include "packet/failure.h"

namespace adit {
namespace {

/// Wakes the thread out of its wait.
class WakeFd {
 public:
  WakeFd() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (fd_ >= 0) return;
    throw Failure("ADIT-2206", std::string("cannot make an event descriptor: ") + strerror(errno),
                  "Raise the limit of open files (ulimit -n).");
  }
  ~WakeFd() { close(fd_); }
  WakeFd(const WakeFd&) = delete;
  WakeFd& operator=(const WakeFd&) = delete;

  [[nodiscard]] int fd() const noexcept { return fd_; }
  void wake() const noexcept { eventfd_write(fd_, 1); }
  void clear() const noexcept {
    eventfd_t value = 0;
    eventfd_read(fd_, &value);
  }

 private:
  int fd_;
};

}  // namespace

struct Underlay::State {
  State(UnderlayOptions given, UnderlayListener& told) : options(std::move(given)), listener(told) {
    engine.emplace(options, listener, stopping);
  }

  void run() noexcept;
  void wait(int monitor) const noexcept;
  void work(bool after_fault);

  const UnderlayOptions options;
  UnderlayListener& listener;
  std::mutex start_stop;     // held through the whole of start and stop
  mutable std::mutex mutex;  // guards what follows, but for the atomics
  std::atomic<bool> stopping = false;
  NextHopQuestions questions;
  std::optional<UnderlayEngine> engine;
  UnderlayTime deadline{};
  WakeFd wake;
  std::thread thread;
};

Underlay::Underlay(UnderlayOptions options, UnderlayListener& listener)
    : state_(std::make_unique<State>(std::move(options), listener)) {}

Underlay::~Underlay() { stop(); }

void Underlay::set_next_hops(NextHopQuestions questions) {
  const std::lock_guard lock(state_->mutex);
  state_->questions = std::move(questions);
  if (!state_->engine->is_open()) return;
  state_->engine->replace_next_hops(state_->questions);
  state_->wake.wake();
}

void Underlay::start() {
  const std::lock_guard whole(state_->start_stop);
  if (state_->thread.joinable()) return;
  const std::lock_guard lock(state_->mutex);
  State& state = *state_;
  state.stopping = false;
  state.engine.emplace(state.options, state.listener, state.stopping);
  try {
    state.engine->open(state.questions);
    state.thread = std::thread([&state] { state.run(); });
  } catch (const std::system_error& error) {
    state.engine.emplace(state.options, state.listener, state.stopping);
    throw Failure("ADIT-2206", std::string("cannot start the underlay's thread: ") + error.what(),
                  "Raise the limit of threads (ulimit -u, TasksMax= of systemd).");
  } catch (...) {
    state.engine.emplace(state.options, state.listener, state.stopping);
    throw;
  }
}

void Underlay::stop() noexcept {
  const std::lock_guard whole(state_->start_stop);
  state_->stopping = true;
  state_->wake.wake();
  if (state_->thread.joinable()) state_->thread.join();
  const std::lock_guard lock(state_->mutex);
  state_->engine->close();
}

void Underlay::State::run() noexcept {
  bool faulty = false;
  int monitor = -1;
  {
    const std::lock_guard lock(mutex);
    monitor = engine->fd();
    deadline = engine->deadline();
  }
  while (!stopping) {
    wait(faulty ? -1 : monitor);
    wake.clear();
    if (stopping) return;
    const std::lock_guard lock(mutex);
    try {
      work(faulty);
      faulty = false;
    } catch (const std::exception& error) {
      // Memory ran out in the middle of something: rest, then read everything anew.
      faulty = true;
      deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1);
      listener.on_event({.level = UnderlayEvent::Level::kError,
                         .code = "ADIT-2235",
                         .text = std::string("The underlay's thread met an error: ") + error.what(),
                         .fields = {}});
    }
  }
}

void Underlay::State::wait(int monitor) const noexcept {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  pollfd waiting[2] = {{.fd = wake.fd(), .events = POLLIN, .revents = 0},
                       {.fd = monitor, .events = POLLIN, .revents = 0}};
  const auto timeout = std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, 60'000);
  poll(waiting, 2, static_cast<int>(timeout));
}

void Underlay::State::work(bool after_fault) {
  if (after_fault) engine->distrust();
  engine->readable();
  engine->tick();
  deadline = engine->deadline();
}

bool Underlay::has_address(const IpAddress& address) const {
  const std::lock_guard lock(state_->mutex);
  return state_->engine->has_address(address);
}

std::vector<UnderlayRouteView> Underlay::routes() const {
  const std::lock_guard lock(state_->mutex);
  return state_->engine->routes();
}

std::vector<UnderlayNeighborView> Underlay::neighbors() const {
  const std::lock_guard lock(state_->mutex);
  return state_->engine->neighbors();
}

std::vector<UnderlayPortView> Underlay::ports() const {
  const std::lock_guard lock(state_->mutex);
  return state_->engine->ports();
}

}  // namespace adit
