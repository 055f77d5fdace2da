/** What a gateway costs when it has little to do: processor time at rest, latency of single packets. */
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type Lab, withLab } from "../../../deploy/lab/lab.js";
import { bringUp, connect } from "../../../deploy/lab/link.js";
import { addVxlanPeer } from "../../../deploy/lab/vxlan-peer.js";
import { addresses, type Bed, buildBed, macs, type Side, vni } from "./bed.js";
import { benchProgram, loadCpu } from "./load.js";
import type { Peer } from "./peer.js";
import { quantile } from "./statistics.js";

const packetsASecond = 1000;
const settleMs = 2000;
/** From the tenant to the remote end without a gateway between them. */
const direct = { tenant: "10.77.0.1", remote: "10.77.0.2" } as const;

export interface Latency {
  /** Nanoseconds from the sender's call to the receiving kernel. */
  readonly p50: number;
  readonly p99: number;
}

/** A bed whose far ends are hosts: the remote one takes packets out of the tunnel by itself. */
async function buildHosts(lab: Lab): Promise<Bed> {
  const bed = await buildBed(lab, false);
  const { tenant, remote } = bed;
  await setMac(tenant, macs.tenant);
  await setMac(remote, macs.remote);
  await bringUp(tenant.namespace, tenant.device, [`${addresses.tenant}/8`]);
  await bringUp(remote.namespace, remote.device, [`${addresses.remote}/24`]);
  await addVxlanPeer(remote.namespace, {
    tunnel: { type: "vxlan", vni },
    local: addresses.remote,
    remote: addresses.gateway,
    innerAddresses: [`${addresses.remoteTenant}/8`],
  });
  await setMac({ namespace: remote.namespace, device: "vxlan0" }, macs.remoteTenant);
  const near = { namespace: tenant.namespace, name: "direct0", addresses: [`${direct.tenant}/24`] };
  const far = { namespace: remote.namespace, name: "direct1", addresses: [`${direct.remote}/24`] };
  await connect(near, far);
  return bed;
}

async function setMac({ namespace, device }: Side, mac: string): Promise<void> {
  await namespace.ip("link", "set", device, "address", mac);
}

/** Sent straight to the remote end, and through a peer's tunnel. */
export interface Latencies {
  readonly direct: Latency;
  readonly through: Latency;
}

export function measureLatency(peer: Peer, seconds: number): Promise<Latencies> {
  return withLab(async (lab) => {
    const bed = await buildHosts(lab);
    const running = await peer.start(bed);
    await sleep(settleMs);
    const { namespace, device } = bed.tenant;
    const neighbor = ["lladdr", running.destinations.push, "dev", device, "nud", "permanent"];
    await namespace.ip("neigh", "replace", addresses.remoteTenant, ...neighbor);
    const straight = await probe(bed, direct.remote, seconds);
    return { direct: straight, through: await probe(bed, addresses.remoteTenant, seconds) };
  });
}

async function probe({ tenant, remote }: Bed, address: string, seconds: number): Promise<Latency> {
  const netns = `/run/netns/${tenant.namespace.name}`;
  const count = Math.round(seconds * packetsASecond);
  const argv = [netns, address, ...[count, packetsASecond, loadCpu].map(String)] as const;
  const said = await remote.namespace.run(
    [benchProgram("adit_probe"), ...argv],
    (seconds * 3 + 20) * 1000,
  );
  const times = JSON.parse(said) as number[];
  if (times.length < count) throw new Error(`${times.length} of ${count} packets arrived`);
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** The share of one processor that a peer takes with all its threads while nothing comes. */
export function measureRest(peer: Peer, seconds: number): Promise<number> {
  return withLab(async (lab) => {
    const { pid } = await peer.start(await buildHosts(lab));
    if (pid === undefined) throw new Error(`${peer.name} is no process`);
    await sleep(settleMs);
    const before = await processorTime(pid);
    const began = performance.now();
    await sleep(seconds * 1000);
    const worked = (await processorTime(pid)) - before;
    return worked / ((performance.now() - began) * 1e6);
  });
}

/** Nanoseconds that the threads which there are now have run. */
async function processorTime(pid: number): Promise<number> {
  const folder = `/proc/${pid}/task`;
  const threads = await readdir(folder);
  const times = threads.map(async (thread) =>
    Number((await readFile(`${folder}/${thread}/schedstat`, "utf8")).split(" ")[0]),
  );
  return (await Promise.all(times)).reduce((sum, time) => sum + time, 0);
}
