// What the data path has to say of its ports, for the log.
#include "worker/data_path.h"

namespace adit {
namespace {

using Level = UnderlayEvent::Level;

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

std::string joined(const std::vector<std::uint32_t>& numbers) {
  std::vector<std::string> words;
  words.reserve(numbers.size());
  for (const std::uint32_t number : numbers) words.push_back(std::to_string(number));
  return joined(words);
}

}  // namespace

void DataPath::tell_port(std::size_t index) {
  const OpenPort& port = ports_[index];
  const PortConfig& config = options_.spec.ports[index];
  std::vector<std::pair<const char*, std::string>> fields = {
      {"port", config.name},
      {"interface", config.interface},
      {"driver", port.interface.driver},
      {"queues", std::to_string(port.queues)},
      {"xdp", port.attachment.native ? "native" : "generic"},
      {"zeroCopy", opened_.zero_copy ? "yes" : "no"},
      {"multiBuffer", layout_.max_buffers > 1 ? "yes" : "no"},
      {"rss", port.spread.queues.empty() ? "not told" : joined(port.spread.queues)}};
  if (!port.attachment.native_refusal.empty()) {
    fields.emplace_back("nativeRefused", port.attachment.native_refusal);
  }
  if (opened_.refused_by == config.name) fields.emplace_back("zeroCopyRefused", opened_.refusal);
  const std::string unpolled = busy_poll_refusal(index);
  if (config.busy_poll) fields.emplace_back("busyPoll", unpolled.empty() ? "yes" : "no");
  if (!unpolled.empty()) fields.emplace_back("busyPollRefused", unpolled);
  event(Level::kInfo, "ADIT-2130", "port is open", std::move(fields));
  if (!port.settings->turned_off().empty()) {
    event(Level::kWarn, "ADIT-2131", "interface features are turned off while the gateway runs",
          {{"interface", config.interface}, {"features", joined(port.settings->turned_off())}});
  }
  if (!port.settings->refused().empty()) {
    event(Level::kWarn, "ADIT-2132",
          "the driver does not let features be turned off that may hide frames",
          {{"interface", config.interface}, {"features", joined(port.settings->refused())}});
  }
  for (const SpreadFault& fault : faults_of_spread(index)) {
    event(Level::kWarn, "ADIT-2136", fault.what,
          {{"interface", config.interface}, {"fix", fault.fix}});
  }
  if (config.busy_poll && unpolled.empty() && !defers_interrupts(config.interface)) {
    tell_interrupts(config.interface);
  }
}

void DataPath::tell_interrupts(const std::string& interface) {
  const std::string folder = "/sys/class/net/" + interface;
  event(Level::kWarn, "ADIT-2137",
        "busy polling is in force, and the interface interrupts it: its interrupts are not put off",
        {{"interface", interface},
         {"fix", "echo 2 > " + folder + "/napi_defer_hard_irqs; echo 200000 > " + folder +
                     "/gro_flush_timeout"}});
}

void DataPath::tell_mtu(std::size_t index, std::uint32_t mtu) {
  const std::uint32_t fits = largest_mtu(layout_);
  if (mtu <= fits) return;
  event(Level::kError, "ADIT-2135",
        "frames of the interface's MTU do not fit the packet memory any more, and are dropped; "
        "lower it, or restart the gateway",
        {{"interface", ports_[index].interface.name},
         {"mtu", std::to_string(mtu)},
         {"fits", std::to_string(fits)}});
}

}  // namespace adit
