#pragma once

#include <napi.h>

#include <mutex>

#include "netlink/next_hop.h"

namespace adit::binding {

/// Brings events of native threads to a JavaScript callback: bounded, never waiting, and never
/// keeping the process alive. Past the bound events are lost.
class EventBridge {
 public:
  EventBridge(Napi::Env env, const Napi::Function& callback);
  ~EventBridge();
  EventBridge(const EventBridge&) = delete;
  EventBridge& operator=(const EventBridge&) = delete;

  /// Any thread. What comes when the environment is being torn down is lost.
  void tell(const UnderlayEvent& event) noexcept;

 private:
  static void close(void* bridge) noexcept;

  Napi::Env env_;
  std::mutex mutex_;
  bool is_open_ = true;
  Napi::ThreadSafeFunction function_;
};

}  // namespace adit::binding
