#include "worker/watchdog.h"

#include <chrono>
#include <cstdlib>
#include <utility>

#include "worker/notify.h"

namespace adit {

Watchdog::Watchdog(std::function<bool()> is_alive) : is_alive_(std::move(is_alive)) {
  const char* asked = std::getenv("WATCHDOG_USEC");
  const std::uint64_t period_us = asked == nullptr ? 0 : std::strtoull(asked, nullptr, 10);
  if (period_us == 0) return;
  // Twice a period, so that one late wake-up does no harm.
  thread_ = std::thread([this, period_us] { run(period_us / 2); });
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Watchdog::run(std::uint64_t interval_us) {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    if (is_alive_()) notify_service_manager("WATCHDOG=1");
    wake_.wait_for(lock, std::chrono::microseconds(interval_us), [this] { return stop_; });
  }
}

}  // namespace adit
