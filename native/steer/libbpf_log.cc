#include "steer/libbpf_log.h"

#include <bpf/libbpf.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>

namespace adit {
namespace {

thread_local std::string* t_text = nullptr;
constexpr std::size_t kTailLines = 3;

int keep(enum libbpf_print_level level, const char* format, va_list arguments) {
  if (t_text == nullptr || level != LIBBPF_WARN) return 0;
  std::array<char, 4096> line;
  const int bytes = std::vsnprintf(line.data(), line.size(), format, arguments);
  if (bytes > 0) {
    t_text->append(line.data(), std::min(line.size() - 1, static_cast<std::size_t>(bytes)));
  }
  return bytes;
}

}  // namespace

LibbpfLog::LibbpfLog() {
  libbpf_set_print(keep);
  t_text = &text_;
}

LibbpfLog::~LibbpfLog() { t_text = nullptr; }

std::string LibbpfLog::tail() const {
  std::size_t start = text_.size();
  while (start > 0 && text_[start - 1] == '\n') --start;
  std::string kept = text_.substr(0, start);
  for (std::size_t lines = 0; lines < kTailLines && start != 0; ++lines) {
    const std::size_t newline = kept.rfind('\n', start - 1);
    start = newline == std::string::npos ? 0 : newline;
  }
  kept.erase(0, start == 0 ? 0 : start + 1);
  for (std::size_t at = 0; (at = kept.find('\n', at)) != std::string::npos;) {
    kept.replace(at, 1, "; ");
  }
  return kept;
}

}  // namespace adit
