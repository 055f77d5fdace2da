#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace adit {

/// Feeds the service manager's watchdog (WatchdogSec=) while `is_alive` says
/// that all workers are. A thread of its own, so that a busy event loop does
/// not look like a dead gateway, nor a dead worker like a live one. Does
/// nothing where the service manager asked for no watchdog.
class Watchdog {
 public:
  explicit Watchdog(std::function<bool()> is_alive);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void run(std::uint64_t interval_us);

  std::function<bool()> is_alive_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace adit
