#pragma once

#include <string>

namespace adit {

/// While one lives, what libbpf would print on stderr in this thread is kept here instead. In all
/// threads, and also without one, libbpf prints nothing.
class LibbpfLog {
 public:
  LibbpfLog();
  ~LibbpfLog();
  LibbpfLog(const LibbpfLog&) = delete;
  LibbpfLog& operator=(const LibbpfLog&) = delete;

  /// The last lines of warning, joined by "; "; empty when there were none.
  [[nodiscard]] std::string tail() const;

 private:
  std::string text_;
};

}  // namespace adit
