#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "netlink/next_hop.h"

namespace adit {

/// Passes events on to the listener, of each code at most `kBurst` in `kWindow`; how many were
/// held back is told with the window's end. A hundred thousand tunnels that lose their route
/// together must not be a hundred thousand lines.
class EventLimit {
 public:
  /// What `make` returns.
  struct Words {
    std::string text;
    std::vector<std::pair<const char*, std::string>> fields = {};
  };

  static constexpr std::uint32_t kBurst = 8;
  static constexpr std::chrono::seconds kWindow{10};

  explicit EventLimit(UnderlayListener& listener) : listener_(listener) {}

  /// Counts an event of this kind; `make()` gives its text and fields, and is not called for one
  /// that is held back.
  template <typename Make>
  void tell(UnderlayEvent::Level level, const char* code, Make make) {
    const auto now = std::chrono::steady_clock::now();
    Window& window = windows_[code];
    if (window.told == 0 || now - window.start >= kWindow) {
      close(code, window);
      window = {.start = now, .told = 0, .held = 0, .level = level};
    }
    if (window.told >= kBurst) {
      ++window.held;
      return;
    }
    ++window.told;
    auto [text, fields] = make();
    listener_.on_event(
        {.level = level, .code = code, .text = std::move(text), .fields = std::move(fields)});
  }

  /// Tells of the windows that ended.
  void tick() {
    const auto now = std::chrono::steady_clock::now();
    for (auto& [code, window] : windows_) {
      if (window.held > 0 && now - window.start >= kWindow) close(code.c_str(), window);
    }
  }

 private:
  struct Window {
    std::chrono::steady_clock::time_point start{};
    std::uint32_t told = 0;
    std::uint32_t held = 0;
    UnderlayEvent::Level level = UnderlayEvent::Level::kInfo;
  };

  void close(const char* code, Window& window) {
    if (window.held == 0) return;
    const std::string count = std::to_string(window.held);
    listener_.on_event({.level = window.level,
                        .code = code,
                        .text = count + " more events of this kind were not written",
                        .fields = {{"count", count}}});
    window.held = 0;
  }

  UnderlayListener& listener_;
  std::map<std::string, Window> windows_;
};

}  // namespace adit
