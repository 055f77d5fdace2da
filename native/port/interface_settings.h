#pragma once

#include <string>
#include <vector>

#include "port/ethtool.h"

namespace adit {

/// Turns off what an interface does to received frames before they can be seen: taking the VLAN tag
/// out, dropping VIDs that the kernel does not know, joining packets (LRO, hardware GRO). Puts back
/// what it changed when it goes, unless the interface was made anew since.
class InterfaceSettings {
 public:
  /// \throws Failure ADIT-2110 when the interface cannot be asked.
  explicit InterfaceSettings(const std::string& interface);
  ~InterfaceSettings();
  InterfaceSettings(const InterfaceSettings&) = delete;
  InterfaceSettings& operator=(const InterfaceSettings&) = delete;

  /// Kernel names of the features that were on and are now off, such as `rx-vlan-hw-parse`: to be
  /// logged, and recorded for a process that finds them off after a kill.
  [[nodiscard]] const std::vector<std::string>& turned_off() const noexcept { return turned_off_; }
  /// Those that are on and that the driver would not turn off: to be warned of.
  [[nodiscard]] const std::vector<std::string>& refused() const noexcept { return refused_; }

  /// Turns the features back on now; they do not count as turned off any more.
  void restore() noexcept;

 private:
  [[nodiscard]] unsigned ifindex() const noexcept;

  Ethtool ethtool_;
  unsigned ifindex_;
  std::vector<std::string> turned_off_;
  std::vector<std::string> refused_;
};

/// Turns features on that an earlier process recorded as turned off and did not put back. Returns
/// those that the driver would not turn on. \throws Failure ADIT-2110.
std::vector<std::string> restore_features(const std::string& interface,
                                          const std::vector<std::string>& features);

}  // namespace adit
