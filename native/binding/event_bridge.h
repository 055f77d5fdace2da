#pragma once

#include <napi.h>

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

  /// Any thread.
  void tell(const UnderlayEvent& event) noexcept;

 private:
  Napi::ThreadSafeFunction function_;
};

}  // namespace adit::binding
