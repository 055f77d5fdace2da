/** Open vSwitch's userspace datapath between two AF_XDP ports, with a VXLAN port. */
import { bringUp } from "../../../deploy/lab/link.js";
import { OpenVswitch } from "../../../deploy/lab/open-vswitch.js";
import { waitFor } from "../../../deploy/lab/wait.js";
import { access, addresses, type Bed, macs, underlay, vni } from "./bed.js";
import { gatewayCpu } from "./load.js";
import type { Peer, RunningPeer } from "./peer.js";

export const openVswitch: Peer = { name: "Open vSwitch AF_XDP", work: "tunnel", start };

const inside = "br-int";
/** Tunnels go out through an address that a bridge of Open vSwitch's own holds. */
const outside = "br-out";

async function start({ gateway, macs: own }: Bed): Promise<RunningPeer> {
  const ovs = await OpenVswitch.start(gateway);
  try {
    await build(ovs, own.underlay);
  } catch (error) {
    await ovs.stop();
    throw error;
  }
  return {
    destinations: { push: macs.remoteTenant, pop: macs.tenant },
    stop: async () => {
      await ovs.stop();
      for (const port of [access, underlay]) await gateway.ip("link", "set", port, "xdp", "off");
    },
  };
}

async function build(ovs: OpenVswitch, underlayMac: string): Promise<void> {
  const mask = `other_config:pmd-cpu-mask=${1 << gatewayCpu}`;
  await ovs.vsctl("set", "Open_vSwitch", ".", mask);
  for (const [bridge, port] of [[outside, underlay] as const, [inside, access] as const]) {
    await ovs.addBridge(bridge);
    await addAfXdpPort(ovs, bridge, port);
  }
  // What is sent to another MAC, its tunnels do not take.
  await ovs.vsctl("set", "bridge", outside, `other_config:hwaddr="${underlayMac}"`);
  const options = [`remote_ip=${addresses.remote}`, `local_ip=${addresses.gateway}`, `key=${vni}`];
  const tunnel = ["type=vxlan", ...options.map((option) => `options:${option}`)];
  await ovs.vsctl("add-port", inside, "vxlan0", "--", "set", "interface", "vxlan0", ...tunnel);
  await bringUp(ovs.namespace, outside, [`${addresses.gateway}/24`]);
  await waitFor("route in Open vSwitch", async () =>
    (await ovs.appctl("ovs/route/show")).includes(outside),
  );
  await ovs.appctl("tnl/neigh/set", outside, addresses.remote, macs.remote);
  // A learning bridge would flood to its own port, which costs a system call a packet.
  await wire(ovs, outside, underlay, "LOCAL");
  await wire(ovs, inside, access, "vxlan0");
}

async function addAfXdpPort(ovs: OpenVswitch, bridge: string, port: string): Promise<void> {
  const kind = ["type=afxdp", "options:xdp-mode=native"];
  await ovs.vsctl("add-port", bridge, port, "--", "set", "interface", port, ...kind);
  const error = (await ovs.vsctl("get", "interface", port, "error")).trim();
  if (error !== "[]") throw new Error(`Open vSwitch refuses the AF_XDP port ${port}: ${error}`);
}

/** What comes from one port leaves by the other. */
async function wire(ovs: OpenVswitch, bridge: string, one: string, other: string): Promise<void> {
  await ovs.ofctl("del-flows", bridge);
  for (const [from, to] of [[one, other] as const, [other, one] as const]) {
    await ovs.ofctl("add-flow", bridge, `in_port=${from},actions=output:${to}`);
  }
}
