import { type Site, settle } from "./fabric.js";
import { bringUp, turnOffloadsOff } from "./link.js";
import type { Namespace } from "./namespace.js";
import { OpenVswitch } from "./open-vswitch.js";
import type { Peer } from "./peer.js";
import { type Endpoints, innerMtu, type Tunnel, tagBytes } from "./tunnel.js";
import { waitFor } from "./wait.js";

export interface OvsTunnel extends Endpoints {
  readonly tunnel: Tunnel;
  /** With prefix length, put on the overlay bridge's own port. */
  readonly innerAddresses: readonly string[];
  /** The overlay bridge's name. */
  readonly device?: string;
  /** The 802.1Q tag that frames have inside the tunnel; without it they have none. */
  readonly innerVlan?: number;
  readonly underlayMtu?: number;
}

const underlayBridge = "br-underlay";

/**
 * Open vSwitch as a tunnel's far end. Its userspace datapath tunnels only through an address that
 * one of its own bridges holds: so the underlay interface becomes a port of an underlay bridge,
 * whose tap port takes the site's addresses.
 */
export async function startOvsUnderlay(
  namespace: Namespace,
  underlay: string,
  at: Site,
  mtu = 1500,
): Promise<OpenVswitch> {
  const ovs = await OpenVswitch.start(namespace);
  await ovs.addBridge(underlayBridge);
  await ovs.addPort(underlayBridge, underlay);
  await ovs.vsctl("set", "interface", underlayBridge, `mtu_request=${mtu}`);
  await turnOffloadsOff(namespace, underlayBridge);
  await settle(namespace, underlayBridge, at);
  await waitFor("route in Open vSwitch", async () =>
    (await ovs.appctl("ovs/route/show")).includes(at.router4),
  );
  return ovs;
}

/** Adds a tunnel, and an overlay bridge of its own whose tap port holds the inner address. */
export async function addOvsPeer(ovs: OpenVswitch, options: OvsTunnel): Promise<Peer> {
  const { namespace } = ovs;
  const { tunnel, innerAddresses, device = "br-overlay", innerVlan } = options;
  await ovs.addBridge(device);
  const port = `${device}-tun`;
  const kind = ["set", "interface", port, `type=${tunnel.type}`, ...tunnelOptions(options)];
  await ovs.vsctl("add-port", device, port, "--", ...kind);
  // Its own port is an access port of the VLAN: a frame with another tag, or none, is not for it.
  if (innerVlan !== undefined) await ovs.vsctl("set", "port", device, `tag=${innerVlan}`);
  const mtu =
    innerMtu(tunnel, options, options.underlayMtu) - (innerVlan === undefined ? 0 : tagBytes);
  await ovs.vsctl("set", "interface", device, `mtu_request=${mtu}`);
  await turnOffloadsOff(namespace, device);
  await bringUp(namespace, device, innerAddresses);
  const error = await ovs.vsctl("get", "interface", port, "error");
  if (error.trim() !== "[]") throw new Error(`Open vSwitch refuses ${port}: ${error.trim()}`);
  return { kind: `Open vSwitch ${tunnel.type}`, namespace, device };
}

const udpPorts = { vxlan: 4789, geneve: 6081 } as const;

function tunnelOptions({ tunnel, local, remote }: OvsTunnel): string[] {
  const options = [`options:local_ip="${local}"`, `options:remote_ip="${remote}"`];
  if (tunnel.type !== "gre") {
    const port = tunnel.udpPort ?? udpPorts[tunnel.type];
    options.push(`options:key=${tunnel.vni}`, `options:dst_port=${port}`);
  } else {
    if (tunnel.key !== undefined) options.push(`options:key=${tunnel.key}`);
    if (tunnel.checksum === true) options.push("options:csum=true");
  }
  return options;
}
