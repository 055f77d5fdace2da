/** The kernel's own `vxlan` device, behind its routing or behind a bridge. */
import { bringUp, macOf } from "../../../deploy/lab/link.js";
import type { Namespace } from "../../../deploy/lab/namespace.js";
import { access, addresses, type Bed, macs, underlay, vni } from "./bed.js";
import { gatewayCpu } from "./load.js";
import { names } from "./names.js";
import type { Peer, RunningPeer } from "./peer.js";

export interface KernelOptions {
  /** Hands received packets on to the gateway's processor; else the load's does all of the work. */
  readonly rps: boolean;
}

export function kernelRouted({ rps }: KernelOptions): Peer {
  const name = rps ? names.routedRps : names.routed;
  return { name, work: "tunnel", start: (bed) => startKernel(bed, rps, route) };
}

export function kernelBridged({ rps }: KernelOptions): Peer {
  const name = rps ? names.bridgedRps : names.bridged;
  return { name, work: "tunnel", start: (bed) => startKernel(bed, rps, bridge) };
}

type Join = (bed: Bed) => Promise<RunningPeer["destinations"]>;

async function startKernel(bed: Bed, rps: boolean, join: Join): Promise<RunningPeer> {
  const { gateway } = bed;
  await setReceiving(gateway, rps);
  await bringUp(gateway, underlay, [`${addresses.gateway}/24`]);
  await neighbor(gateway, addresses.remote, macs.remote, underlay);
  await addVxlan(gateway);
  return { destinations: await join(bed), inInterrupts: rps };
}

async function addVxlan(gateway: Namespace): Promise<void> {
  const endpoints = ["local", addresses.gateway, "remote", addresses.remote, "dstport", "4789"];
  // Learning would cost it a lookup for each packet, and there is one remote.
  const device = ["type", "vxlan", "id", `${vni}`, ...endpoints, "nolearning"];
  await gateway.ip("link", "add", "vxlan0", ...device);
  await bringUp(gateway, "vxlan0");
}

/** Frames of the load are XDP frames, which a veth receives only in the driver's polling (GRO). */
async function setReceiving(gateway: Namespace, rps: boolean): Promise<void> {
  const mask = rps ? 1 << gatewayCpu : 0;
  for (const port of [access, underlay]) {
    await gateway.run(["ethtool", "-K", port, "gro", "on"]);
    await write(gateway, `/sys/class/net/${port}/queues/rx-0/rps_cpus`, mask);
  }
}

const route: Join = async ({ gateway, macs: own }) => {
  await write(gateway, "/proc/sys/net/ipv4/ip_forward", 1);
  await bringUp(gateway, access, ["10.0.255.254/16"]);
  await gateway.ip("address", "add", "10.9.0.1/24", "dev", "vxlan0");
  await neighbor(gateway, addresses.remoteTenant, macs.remoteTenant, "vxlan0");
  await gateway.ip("route", "add", "10.1.0.0/16", "via", addresses.remoteTenant);
  await gateway.ip("route", "add", "10.0.0.0/21", "via", "10.0.255.1", "dev", access);
  await neighbor(gateway, "10.0.255.1", macs.tenant, access);
  return { push: own.access, pop: await macOf(gateway, "vxlan0") };
};

const bridge: Join = async ({ gateway }) => {
  await gateway.ip("link", "add", "br0", "type", "bridge", "mcast_snooping", "0");
  await bringUp(gateway, "br0");
  // Where it is on, bridges hand frames to iptables, which is not what is compared here.
  await gateway.tryRun(["sysctl", "-w", "net.bridge.bridge-nf-call-iptables=0"]);
  const ends = [[access, macs.tenant] as const, ["vxlan0", macs.remoteTenant] as const];
  for (const [device, mac] of ends) {
    await gateway.ip("link", "set", device, "master", "br0");
    await gateway.run(["bridge", "fdb", "add", mac, "dev", device, "master", "static"]);
  }
  return { push: macs.remoteTenant, pop: macs.tenant };
};

async function neighbor(at: Namespace, address: string, mac: string, device: string) {
  await at.ip("neigh", "replace", address, "lladdr", mac, "dev", device, "nud", "permanent");
}

async function write(at: Namespace, file: string, value: number): Promise<void> {
  await at.run(["sh", "-c", `echo ${value} >${file}`]);
}
