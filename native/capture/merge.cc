#include "capture/merge.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace adit {

Merge::Merge(const std::vector<std::string>& paths) {
  sources_.reserve(paths.size());
  for (const std::string& path : paths) {
    Source source;
    source.path = path;
    std::error_code ignored;
    const bool rereadable =
        !std::filesystem::exists(path, ignored) || std::filesystem::is_regular_file(path, ignored);
    if (rereadable && is_ordered(path)) {
      source.reader.emplace(path);
    } else {
      source.stored = load(path);
    }
    sources_.push_back(std::move(source));
  }
  for (Source& source : sources_) {
    if (source.reader) {
      source.head = source.reader->next();
    } else if (!source.stored.empty()) {
      source.head = CaptureFrame{source.stored.front().time_ns, source.stored.front().bytes};
    }
  }
}

std::optional<MergedFrame> Merge::next() {
  if (taken_ != nullptr) taken_->advance();
  taken_ = nullptr;
  for (Source& source : sources_) {
    if (!source.head) continue;
    if (taken_ == nullptr || source.head->time_ns < taken_->head->time_ns) taken_ = &source;
  }
  if (taken_ == nullptr) return std::nullopt;
  return MergedFrame{static_cast<std::size_t>(taken_ - sources_.data()), taken_->head->time_ns,
                     taken_->head->bytes};
}

bool Merge::reads(const std::string& path) const {
  return std::any_of(sources_.begin(), sources_.end(), [&](const Source& source) {
    std::error_code ignored;
    return std::filesystem::equivalent(source.path, path, ignored);
  });
}

void Merge::Source::advance() {
  if (reader) {
    head = reader->next();
    return;
  }
  stored.pop_front();
  head.reset();
  if (!stored.empty()) head = CaptureFrame{stored.front().time_ns, stored.front().bytes};
}

bool Merge::is_ordered(const std::string& path) {
  CaptureReader reader(path);
  bool ordered = true;
  std::uint64_t latest = 0;
  while (const auto frame = reader.next()) {
    ordered = ordered && frame->time_ns >= latest;
    latest = frame->time_ns;
    note_precision(frame->time_ns);
  }
  return ordered;
}

std::deque<Merge::Stored> Merge::load(const std::string& path) {
  CaptureReader reader(path);
  std::deque<Stored> stored;
  while (const auto frame = reader.next()) {
    note_precision(frame->time_ns);
    stored.push_back({frame->time_ns, {frame->bytes.begin(), frame->bytes.end()}});
  }
  std::stable_sort(stored.begin(), stored.end(),
                   [](const Stored& a, const Stored& b) { return a.time_ns < b.time_ns; });
  return stored;
}

void Merge::note_precision(std::uint64_t time_ns) noexcept {
  if (time_ns % 1000 != 0) precision_ = TimePrecision::kNanoseconds;
}

}  // namespace adit
