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

  /// Removes what the staged set does not have any more.
  void commit() {
    std::vector<Key> obsolete;
    std::set_difference(installed_.begin(), installed_.end(), wanted_.begin(), wanted_.end(),
                        std::back_inserter(obsolete), before);
    for (const Key& key : obsolete) bpf_map_delete_elem(fd_, &key);
    installed_.swap(wanted_);
    added_.clear();
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
};

}  // namespace adit
