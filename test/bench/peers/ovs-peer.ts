/** Open vSwitch's userspace datapath between two AF_XDP ports, with a VXLAN port. */
import { bringUp } from "../../../deploy/lab/link.js";
import { OpenVswitch } from "../../../deploy/lab/open-vswitch.js";
import { waitFor } from "../../../deploy/lab/wait.js";
import { access, addresses, type Bed, macs, underlay, vni } from "./bed.js";
import { gatewayCpu } from "./load.js";
import { names } from "./names.js";
import type { Peer, RunningPeer } from "./peer.js";

export const openVswitch: Peer = { name: names.openVswitch, work: "tunnel", start };

const inside = "br-int";
/** Tunnels go out through an address that a bridge of Open vSwitch's own holds. */
const outside = "br-out";

async function start({ gateway, macs: own }: Bed): Promise<RunningPeer> {
  const ovs = await OpenVswitch.start(gateway);
  await build(ovs, own.underlay);
  return { destinations: { push: macs.remoteTenant, pop: macs.tenant }, pid: ovs.pid };
}

async function build(ovs: OpenVswitch, underlayMac: string): Promise<void> {
  const mask = `other_config:pmd-cpu-mask=${1 << gatewayCpu}`;
  await ovs.vsctl("set", "Open_vSwitch", ".", mask);
  await ovs.addBridge(outside);
  await ovs.addBridge(inside);
  // What is sent to another MAC, its tunnels do not take.
  await ovs.vsctl("set", "bridge", outside, `other_config:hwaddr="${underlayMac}"`);
  await ovs.addAfXdpPort(outside, underlay);
  await ovs.addAfXdpPort(inside, access);
  await addVxlanPort(ovs, inside, outside);
  await ovs.wire(outside, underlay, "LOCAL");
  await ovs.wire(inside, access, "vxlan0");
}

/** A VXLAN port `vxlan0`, whose packets go out through the address of another bridge. */
export async function addVxlanPort(ovs: OpenVswitch, bridge: string, out: string): Promise<void> {
  const { remote, gateway } = addresses;
  const options = { remote_ip: remote, local_ip: gateway, key: vni };
  await ovs.addTunnelPort(bridge, "vxlan0", "vxlan", options);
  await bringUp(ovs.namespace, out, [`${gateway}/24`]);
  await waitFor("route in Open vSwitch", async () =>
    (await ovs.appctl("ovs/route/show")).includes(out),
  );
  await ovs.appctl("tnl/neigh/set", out, remote, macs.remote);
}
