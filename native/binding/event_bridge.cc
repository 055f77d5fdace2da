#include "binding/event_bridge.h"

#include <memory>

namespace adit::binding {
namespace {

constexpr std::size_t kMostWaiting = 1024;

const char* level_word(UnderlayEvent::Level level) noexcept {
  switch (level) {
    case UnderlayEvent::Level::kDebug:
      return "debug";
    case UnderlayEvent::Level::kWarn:
      return "warn";
    case UnderlayEvent::Level::kError:
      return "error";
    case UnderlayEvent::Level::kInfo:
      break;
  }
  return "info";
}

void call(Napi::Env env, Napi::Function callback, UnderlayEvent* raw) {
  const std::unique_ptr<UnderlayEvent> event(raw);
  // While the environment is being torn down there is nobody to tell.
  if (env == nullptr) return;
  Napi::Object fields = Napi::Object::New(env);
  for (const auto& [key, value] : event->fields) fields.Set(key, value);
  Napi::Object object = Napi::Object::New(env);
  object.Set("level", level_word(event->level));
  object.Set("code", event->code);
  object.Set("text", event->text);
  object.Set("fields", fields);
  callback.Call({object});
}

}  // namespace

EventBridge::EventBridge(Napi::Env env, const Napi::Function& callback)
    : env_(env),
      function_(Napi::ThreadSafeFunction::New(env, callback, "adit events", kMostWaiting, 1)) {
  function_.Unref(env);
  // The environment frees the function when it ends, before it finalizes objects. Hooks run last
  // one first, so this one comes before the function's own.
  napi_add_env_cleanup_hook(env, close, this);
}

EventBridge::~EventBridge() {
  if (!is_open_) return;
  napi_remove_env_cleanup_hook(env_, close, this);
  function_.Release();
}

void EventBridge::close(void* bridge) noexcept {
  auto* self = static_cast<EventBridge*>(bridge);
  const std::lock_guard lock(self->mutex_);
  self->is_open_ = false;
  self->function_.Release();
}

void EventBridge::tell(const UnderlayEvent& event) noexcept {
  auto copy = std::make_unique<UnderlayEvent>(event);
  const std::lock_guard lock(mutex_);
  if (!is_open_) return;
  if (function_.NonBlockingCall(copy.get(), call) == napi_ok) static_cast<void>(copy.release());
}

}  // namespace adit::binding
