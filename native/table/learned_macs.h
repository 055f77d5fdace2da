#pragma once

#include <cstdlib>
#include <memory>
#include <new>
#include <optional>

#include "packet/atomic_mac.h"

namespace adit {

/// MAC addresses of the neighbors behind attachments, by member index, as they were last seen.
/// Shared by all workers; beside the table, so that they outlive it.
class LearnedMacs {
 public:
  explicit LearnedMacs(std::size_t members)
      : macs_(static_cast<AtomicMac*>(std::calloc(members == 0 ? 1 : members, sizeof(AtomicMac)))) {
    // Pages that no attachment of an IP service touches are never taken.
    if (macs_ == nullptr) throw std::bad_alloc();
  }

  void learn(std::uint32_t member, const MacAddress& mac) noexcept {
    macs_.get()[member].store(mac);
  }
  [[nodiscard]] std::optional<MacAddress> find(std::uint32_t member) const noexcept {
    return macs_.get()[member].load();
  }

 private:
  struct Free {
    void operator()(AtomicMac* macs) const noexcept { std::free(macs); }
  };

  std::unique_ptr<AtomicMac, Free> macs_;
};

}  // namespace adit
