// What the data path says and does of a port whose interface changes under it.

#include "port_lab.h"
#include "worker/data_path.h"

namespace adit::port_lab {
namespace {

TEST_CASE("DataPath follows the MTU of a port's interface, and keeps the last when it is gone") {
  if (skipped()) return;
  const Namespace own;
  make_veth("near0", "far0");
  sh("ip link set dev near0 mtu 1400");
  DataPathOptions options;
  options.workers = 1;
  options.spec.table.ports = {PortSpec{}};
  options.spec.table.members = {{.tenant = 0, .kind = AttachmentSpec{}}};
  options.spec.table.tenants = 1;
  PortConfig port;
  port.name = port.interface = "near0";
  port.ring_size = 256;
  port.frames = 1024;
  options.spec.ports = {port};
  UnderlayPort underlay;
  underlay.name = underlay.interface = "near0";
  options.spec.underlay.ports = {underlay};
  DataPath path(std::move(options), [](const UnderlayEvent&) {});
  path.start();
  CHECK(path.member_sizes()[0].inner_mtu == 1400);
  sh("ip link set dev near0 mtu 1300");
  CHECK(eventually([&] { return path.member_sizes()[0].inner_mtu == 1300; }));
  sh("ip link del near0");
  REQUIRE(eventually([&] { return !path.ports()[0].state.present; }));
  CHECK(path.member_sizes()[0].inner_mtu == 1300);
}

}  // namespace
}  // namespace adit::port_lab
