#include "port/interface_settings.h"

#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <exception>

namespace adit {
namespace {

constexpr const char* kHidingFeatures[] = {"rx-vlan-hw-parse", "rx-vlan-stag-hw-parse",
                                           "rx-vlan-filter", "rx-lro", "rx-gro-hw"};

}  // namespace

InterfaceSettings::InterfaceSettings(const std::string& interface)
    : ethtool_(interface), ifindex_(ifindex()) {
  for (const char* name : kHidingFeatures) {
    const auto feature = ethtool_.feature(name);
    if (!feature || !feature->active) continue;
    const bool off = feature->changeable && ethtool_.set_feature(name, false);
    (off ? turned_off_ : refused_).emplace_back(name);
  }
}

InterfaceSettings::~InterfaceSettings() { restore(); }

void InterfaceSettings::restore() noexcept {
  if (ifindex() == ifindex_) {
    for (const std::string& name : turned_off_) {
      try {
        ethtool_.set_feature(name, true);
      } catch (const std::exception&) {
        // Out of memory: the next start finds it recorded and puts it back.
      }
    }
  }
  turned_off_.clear();
}

unsigned InterfaceSettings::ifindex() const noexcept {
  struct ifreq answer {};
  if (ethtool_.ioctl(SIOCGIFINDEX, answer) != 0) return 0;
  return static_cast<unsigned>(answer.ifr_ifindex);
}

std::vector<std::string> restore_features(const std::string& interface,
                                          const std::vector<std::string>& features) {
  const Ethtool ethtool(interface);
  std::vector<std::string> refused;
  for (const std::string& name : features) {
    if (!ethtool.set_feature(name, true)) refused.push_back(name);
  }
  return refused;
}

}  // namespace adit
