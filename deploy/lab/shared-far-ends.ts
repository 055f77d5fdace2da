/** The far ends of many tenants' tunnels: a namespace for all of the kernel's, one for all of OVS's. */
import { type Fabric, settle, sites } from "./fabric.js";
import type { JsonObject } from "./json-file.js";
import type { Lab } from "./lab.js";
import { Namespace } from "./namespace.js";
import type { OpenVswitch } from "./open-vswitch.js";
import { addOvsPeer, startOvsUnderlay } from "./ovs-peer.js";
import type { Peer } from "./peer.js";
import { underlayDevice } from "./tenant-plan.js";
import type { Tunnel } from "./tunnel.js";
import { addVxlanPeer } from "./vxlan-peer.js";

/** A tenant with one host and one tunnel. */
export interface SharedPlan {
  readonly tunnel: Tunnel;
  readonly peer: "kernel" | "ovs";
  /** The outer IP version; 4 unless given. */
  readonly outer?: 4 | 6;
  /** The host is behind the trunk, in this VLAN; untagged, on a port of its own, without. */
  readonly vlan?: number;
  /** The host's tag stays on its frames inside the tunnel. */
  readonly keepTag?: true;
  /** More keys for the tunnel in the tunnel file. */
  readonly tunnelKeys?: JsonObject;
  /** The underlay MTU that the far end is made for; the underlay's unless given. */
  readonly farUnderlayMtu?: number;
}

/** The kernel in the west and Open vSwitch in the east. */
export interface FarEnds {
  readonly kernel: Namespace;
  readonly ovs: OpenVswitch;
  readonly mtu: number;
}

export async function buildFarEnds(lab: Lab, fabric: Fabric, mtu: number): Promise<FarEnds> {
  const kernel = await Namespace.create(lab, "kernel-peer");
  await fabric.attach(kernel, underlayDevice, sites.west, { mtu });
  await settle(kernel, underlayDevice, sites.west);
  const east = await Namespace.create(lab, "ovs-peer");
  await fabric.attach(east, underlayDevice, sites.east, { mtu });
  return { kernel, ovs: await startOvsUnderlay(east, underlayDevice, sites.east, mtu), mtu };
}

/** As the gateway sees them. */
export function endpoints({ outer = 4, peer }: SharedPlan): { local: string; remote: string } {
  const family = outer === 4 ? "ipv4" : "ipv6";
  const site = peer === "kernel" ? sites.west : sites.east;
  return { local: sites.gateway[family], remote: site[family] };
}

export function addFarEnd(
  { kernel, ovs, mtu }: FarEnds,
  plan: SharedPlan,
  device: string,
  innerAddresses: readonly string[],
): Promise<Peer> {
  const { tunnel, vlan, keepTag, farUnderlayMtu: underlayMtu = mtu } = plan;
  const { local: remote, remote: local } = endpoints(plan);
  const end = { local, remote, innerAddresses, device, underlayMtu };
  if (plan.peer === "ovs") {
    const tag = keepTag === true && vlan !== undefined ? { innerVlan: vlan } : {};
    return addOvsPeer(ovs, { ...end, tunnel, ...tag });
  }
  if (tunnel.type !== "vxlan") throw new Error("the kernel peer speaks vxlan alone");
  return addVxlanPeer(kernel, { ...end, tunnel });
}
