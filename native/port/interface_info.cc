#include "port/interface_info.h"

#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "packet/failure.h"
#include "port/ethtool.h"

namespace adit {
namespace {

std::string quoted(const std::string& name) { return "\"" + name + "\""; }

void check_readable(int error, const std::string& name) {
  if (error == 0) return;
  if (error == ENODEV) {
    throw Failure("ADIT-2101", "there is no interface " + quoted(name),
                  "check its name with `ip link`, and that the program runs in its network "
                  "namespace");
  }
  throw Failure("ADIT-2110", "cannot read interface " + quoted(name) + ": " + std::strerror(error),
                "check `ip -d link show dev " + name + "`");
}

/// Counts queues by their folders, for drivers that do not answer ethtool.
std::uint32_t queues_in_sysfs(const std::string& name, const std::string& prefix) {
  std::uint32_t count = 0;
  std::error_code error;
  const std::filesystem::path folder = "/sys/class/net/" + name + "/queues";
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().filename().string().rfind(prefix, 0) == 0) ++count;
  }
  return std::max<std::uint32_t>(count, 1);
}

std::string queue_command(const InterfaceInfo& interface, std::uint32_t queues) {
  const std::string number = std::to_string(queues);
  return "`ethtool -L " + interface.name +
         (interface.combined_queues ? " combined " + number : " rx " + number + " tx " + number) +
         "`";
}

}  // namespace

InterfaceInfo read_interface(const std::string& name) {
  InterfaceInfo info;
  info.name = name;
  // A longer name would be cut, and might then be another interface's.
  if (name.empty() || name.size() >= IFNAMSIZ) check_readable(ENODEV, name);
  const Ethtool ethtool(name);
  struct ifreq answer {};
  check_readable(ethtool.ioctl(SIOCGIFINDEX, answer), name);
  info.ifindex = static_cast<unsigned>(answer.ifr_ifindex);
  check_readable(ethtool.ioctl(SIOCGIFHWADDR, answer), name);
  std::memcpy(info.mac.bytes.data(), answer.ifr_hwaddr.sa_data, info.mac.bytes.size());
  check_readable(ethtool.ioctl(SIOCGIFMTU, answer), name);
  info.mtu = static_cast<std::uint32_t>(answer.ifr_mtu);
  check_readable(ethtool.ioctl(SIOCGIFFLAGS, answer), name);
  info.up = (answer.ifr_flags & IFF_UP) != 0;
  info.driver = ethtool.driver();
  if (const auto channels = ethtool.channels()) {
    info.rx_queues = std::max<std::uint32_t>(channels->rx, 1);
    info.tx_queues = std::max<std::uint32_t>(channels->tx, 1);
    info.combined_queues = channels->combined;
  } else {
    info.rx_queues = queues_in_sysfs(name, "rx-");
    info.tx_queues = queues_in_sysfs(name, "tx-");
  }
  return info;
}

void require_mtu_fits(const InterfaceInfo& interface, const FrameLayout& layout) {
  const std::uint32_t fits = largest_mtu(layout);
  if (interface.mtu <= fits) return;
  std::string fix =
      "lower it with `ip link set dev " + interface.name + " mtu " + std::to_string(fits) + "`";
  if (layout.frame_bytes < 4096) fix += ", or set frameSize to 4096";
  const bool multi_buffer = layout.max_buffers > 1;
  if (!multi_buffer) fix += ", or use Linux 6.6 or later, where a packet may take several frames";
  const std::string frames = multi_buffer ? std::to_string(layout.max_buffers) + " frames of "
                                          : std::string("a frame of ");
  throw Failure("ADIT-2102",
                "MTU " + std::to_string(interface.mtu) + " of interface " + interface.name +
                    " does not fit " + frames + std::to_string(layout.frame_bytes) +
                    " bytes, which " + (multi_buffer ? "hold" : "holds") + " an MTU of up to " +
                    std::to_string(fits),
                fix);
}

bool defers_interrupts(const std::string& name) {
  for (const char* setting : {"napi_defer_hard_irqs", "gro_flush_timeout"}) {
    std::ifstream file("/sys/class/net/" + name + "/" + setting);
    std::uint64_t value = 0;
    if (file >> value && value == 0) return false;
  }
  return true;
}

std::uint32_t claimed_queues(const InterfaceInfo& interface, std::optional<std::uint32_t> wanted) {
  if (!wanted || *wanted == interface.rx_queues) return interface.rx_queues;
  const std::string has = "interface " + interface.name + " has " +
                          std::to_string(interface.rx_queues) + " RX queues, and queues is " +
                          std::to_string(*wanted);
  const std::string command = queue_command(interface, *wanted);
  if (*wanted > interface.rx_queues) {
    throw Failure("ADIT-2103", has, "set queues to \"all\", or run " + command);
  }
  // Packets on a queue that nobody claims would be missed, unless none arrive there.
  const std::vector<std::uint32_t> spread = Ethtool(interface.name).spread_queues();
  const bool claimed_alone =
      !spread.empty() &&
      std::all_of(spread.begin(), spread.end(), [&](std::uint32_t q) { return q < *wanted; });
  if (claimed_alone) return *wanted;
  throw Failure("ADIT-2103", has + ": packets on the others would be missed",
                "run " + command + ", or set queues to \"all\"");
}

}  // namespace adit
