#pragma once

#include <bpf/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <vector>

#include "steer/bpf_failure.h"

namespace adit {

/// How many entries a map has room for that starts with `wanted` and may grow; a map cannot be
/// resized under the programs that use it.
[[nodiscard]] inline std::uint32_t capacity_for(std::size_t wanted, std::uint32_t least) {
  return std::max(least, static_cast<std::uint32_t>(wanted * 2));
}

/// A BPF map used as a set, and what stands in it. It is replaced in two steps, so that several
/// sets change together: all additions first, which may fail, then all removals, which do not.
/// `Key` is a plain struct without padding.
template <typename Key>
class BpfKeySet {
 public:
  /// \throws Failure when the kernel refuses the map.
  BpfKeySet(bpf_map_type type, const char* name, std::uint32_t capacity)
      : name_(name), fd_(create(type, name, capacity)) {}
  ~BpfKeySet() { close(fd_); }
  BpfKeySet(const BpfKeySet&) = delete;
  BpfKeySet& operator=(const BpfKeySet&) = delete;

  [[nodiscard]] int fd() const noexcept { return fd_; }

  /// Adds what `wanted` has more. \throws Failure when it does not fit.
  void stage(std::vector<Key> wanted) {
    std::sort(wanted.begin(), wanted.end(), before);
    wanted.erase(std::unique(wanted.begin(), wanted.end(), same), wanted.end());
    wanted_ = std::move(wanted);
    obsolete_.clear();
    std::set_difference(installed_.begin(), installed_.end(), wanted_.begin(), wanted_.end(),
                        std::back_inserter(obsolete_), before);
    std::vector<Key> missing;
    std::set_difference(wanted_.begin(), wanted_.end(), installed_.begin(), installed_.end(),
                        std::back_inserter(missing), before);
    added_.clear();
    added_.reserve(missing.size());
    const std::uint8_t present = 1;
    for (const Key& key : missing) {
      if (bpf_map_update_elem(fd_, &key, &present, BPF_ANY) != 0) {
        throw bpf_failure("cannot add to the steering map " + name_, errno, "");
      }
      added_.push_back(key);
    }
  }

  /// Takes back what `stage` added.
  void roll_back() noexcept {
    for (const Key& key : added_) bpf_map_delete_elem(fd_, &key);
    added_.clear();
  }

  /// Whether `stage` added anything, and whether `commit` will remove anything.
  [[nodiscard]] bool adds() const noexcept { return !added_.empty(); }
  [[nodiscard]] bool removes() const noexcept { return !obsolete_.empty(); }

  /// Removes what the staged set does not have any more.
  void commit() noexcept {
    for (const Key& key : obsolete_) bpf_map_delete_elem(fd_, &key);
    installed_.swap(wanted_);
    added_.clear();
    obsolete_.clear();
  }

 private:
  static bool before(const Key& a, const Key& b) noexcept {
    return std::memcmp(&a, &b, sizeof(Key)) < 0;
  }
  static bool same(const Key& a, const Key& b) noexcept {
    return std::memcmp(&a, &b, sizeof(Key)) == 0;
  }

  static int create(bpf_map_type type, const char* name, std::uint32_t capacity) {
    LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_NO_PREALLOC);
    const int fd = bpf_map_create(type, name, sizeof(Key), 1, capacity, &options);
    if (fd < 0) {
      throw bpf_failure(std::string("cannot create the steering map ") + name, -fd, "");
    }
    return fd;
  }

  std::string name_;
  int fd_;
  std::vector<Key> installed_;
  std::vector<Key> wanted_;
  std::vector<Key> added_;
  std::vector<Key> obsolete_;
};

}  // namespace adit
