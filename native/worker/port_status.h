#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "packet/atomic_mac.h"

namespace adit {

/// What of a port changes while it is open. The underlay thread writes, workers
/// read.
struct PortStatus {
  /// IP MTU, bytes.
  std::atomic<std::uint32_t> mtu{1500};
  /// Its own address: source of what is sent, and where IP packets for it are sent to.
  AtomicMac mac;
  /// VID of the tag that tunnel packets carry, 1-4094; 0: they are untagged.
  std::atomic<std::uint16_t> tunnel_vlan{0};
  /// Administratively up, with carrier.
  std::atomic<bool> up{true};
  /// Grows with every word from the underlay about this port.
  std::atomic<std::uint32_t> generation{0};
};

class PortStatusList {
 public:
  explicit PortStatusList(std::size_t count)
      : count_(count), list_(std::make_unique<PortStatus[]>(count)) {}
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] PortStatus& operator[](std::size_t port) noexcept { return list_[port]; }
  [[nodiscard]] const PortStatus& operator[](std::size_t port) const noexcept {
    return list_[port];
  }

 private:
  std::size_t count_;
  std::unique_ptr<PortStatus[]> list_;
};

}  // namespace adit
