// What the data path says and does of a port whose interface changes under it.

#include "port_lab.h"
#include "worker/data_path.h"

namespace adit::port_lab {
namespace {

/// One worker on one port, whose untagged frames an attachment takes.
DataPathOptions port_options() {
  DataPathOptions options;
  options.workers = 1;
  options.spec.table.ports = {PortSpec{}};
  options.spec.table.members = {{.tenant = 0, .kind = AttachmentSpec{}}};
  options.spec.table.tenants = 1;
  PortConfig port;
  port.name = port.interface = "near0";
  port.ring_size = 256;
  port.frames = 1024;
  port.busy_poll = true;
  options.spec.ports = {port};
  UnderlayPort underlay;
  underlay.name = underlay.interface = "near0";
  options.spec.underlay.ports = {underlay};
  return options;
}

TEST_CASE("DataPath follows the MTU of a port's interface, and keeps the last when it is gone") {
  if (skipped()) return;
  const Namespace own;
  make_veth("near0", "far0");
  sh("ip link set dev near0 mtu 1400");
  DataPath path(port_options(), [](const UnderlayEvent&) {});
  path.start();
  CHECK(path.member_sizes()[0].inner_mtu == 1400);
  sh("ip link set dev near0 mtu 1300");
  CHECK(eventually([&] { return path.member_sizes()[0].inner_mtu == 1300; }));
  sh("ip link del near0");
  REQUIRE(eventually([&] { return !path.ports()[0].state.present; }));
  CHECK(path.member_sizes()[0].inner_mtu == 1300);
}

TEST_CASE("DataPath tells of a port what the driver tells, and that veth tells little") {
  if (skipped()) return;
  const Namespace own;
  make_veth("near0", "far0");
  sh("ip link set dev near0 mtu 9000");
  sh("ip link set dev far0 mtu 9000");
  std::vector<UnderlayEvent> events;
  DataPath path(port_options(), [&events](const UnderlayEvent& event) { events.push_back(event); });
  path.start();
  const PortView view = path.ports()[0];
  CHECK(view.multi_buffer);
  CHECK_FALSE(view.busy_poll);
  CHECK(view.busy_poll_refusal == "driver and kernel do not tell what polls queue 0");
  CHECK(view.spread.queues.empty());
  CHECK(view.spread_faults.empty());
  path.stop();
  const auto opened = std::ranges::find(events, std::string("ADIT-2130"), &UnderlayEvent::code);
  REQUIRE(opened != events.end());
  const auto said = [&](const std::string& key) {
    for (const auto& [name, value] : opened->fields) {
      if (name == key) return value;
    }
    return std::string();
  };
  CHECK(said("rss") == "not told");
  CHECK(said("busyPoll") == "no");
  CHECK(said("busyPollRefused") == view.busy_poll_refusal);
}

}  // namespace
}  // namespace adit::port_lab
