import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { missingFrames } from "../../deploy/lab/accounting.js";
import { Gateway, type TunnelRow } from "../../deploy/lab/gateway.js";
import { startIperfServer } from "../../deploy/lab/iperf.js";
import type { Lab } from "../../deploy/lab/lab.js";
import type { LabProcess } from "../../deploy/lab/lab-process.js";
import { buildScenario, inner, type Tenant } from "../../deploy/lab/scenario.js";
import type { TenantPlan } from "../../deploy/lab/tenant-plan.js";
import { waitFor } from "../../deploy/lab/wait.js";
import {
  expectConservation,
  expectNoDrops,
  expectPings,
  expectReachable,
  overload,
} from "./expectations.js";

const plans: readonly TenantPlan[] = [
  { name: "acme", tunnel: { type: "vxlan", vni: 5001 }, peer: "kernel", site: "east" },
  { name: "globex", tunnel: { type: "gre", key: 7001 }, peer: "ovs", site: "west", vlan: 200 },
];

export interface SoakResult {
  /** Resident memory of the gateway, sampled evenly over the run. */
  readonly residentBytes: readonly number[];
  /** One line for each flow: what iperf3 measured. */
  readonly flows: readonly string[];
  /** What the gateway counted: the accounting sum, the drops, and where each worker's frames are. */
  readonly counts: readonly string[];
}

/** One kind of one tenant's traffic, both ways at once. */
interface Flow {
  readonly title: string;
  readonly client: LabProcess;
}

/**
 * Loads a VXLAN and a GRE tunnel with TCP and UDP, both ways at once, and looks at the gateway
 * meanwhile and afterwards.
 *
 * @param report called with a line of progress now and then
 */
export async function soak(
  lab: Lab,
  seconds: number,
  report: (line: string) => void,
): Promise<SoakResult> {
  const { gateway: namespace, gatewayFile, tenants } = await buildScenario(lab, plans);
  const gateway = await Gateway.start(namespace, gatewayFile);
  const flows: Flow[] = [];
  for (const tenant of tenants) {
    await expectReachable(tenant.host, inner.peer);
    flows.push(await startFlow(tenant, udp, seconds));
  }
  await expectBothWays(gateway);
  for (const tenant of tenants) flows.push(await startFlow(tenant, tcp, seconds));
  const residentBytes: number[] = [];
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    await sleep(Math.min(seconds * 50, 10_000, Math.max(0, deadline - Date.now())));
    residentBytes.push(await look(gateway));
    const left = Math.max(0, Math.round((deadline - Date.now()) / 1000));
    report(`${left} s left, ${Math.round((residentBytes.at(-1) ?? 0) / 2 ** 20)} MiB resident`);
  }
  const results: string[] = [];
  for (const flow of flows) results.push(`${flow.title}: ${await result(flow)}`);

  for (const { host } of tenants) await expectPings(host, inner.peer);
  await expectNoDrops(gateway, overload);
  await expectConservation(gateway);
  const counts = await countLines(gateway);
  assert.equal(await gateway.stop(), 0, gateway.process.stderr);
  return { residentBytes, flows: results, counts };
}

async function countLines(gateway: Gateway): Promise<string[]> {
  const { sentence } = await gateway.settledAccounting();
  const { dropped } = await gateway.counters();
  const workers = (await gateway.workers()).map(({ worker, frames }) => {
    const missing = missingFrames(frames);
    return `worker ${worker}: ${missing} frames missing of ${JSON.stringify(frames)}`;
  });
  return [sentence, `dropped: ${JSON.stringify(dropped)}`, ...workers];
}

interface Load {
  readonly name: string;
  readonly port: number;
  readonly args: readonly string[];
}
const udp: Load = { name: "UDP", port: 5202, args: ["-u", "-b", "20M", "-l", "1200"] };
const tcp: Load = { name: "TCP", port: 5201, args: [] };

async function startFlow(tenant: Tenant, load: Load, seconds: number): Promise<Flow> {
  const { plan, host, peer } = tenant;
  await startIperfServer(peer.namespace, load.port);
  const ends = ["-c", inner.peer, "-p", `${load.port}`];
  const client = host.spawn(["iperf3", ...ends, "-t", `${seconds}`, "--bidir", "-J", ...load.args]);
  return { title: `${plan.name} ${load.name} both ways`, client };
}

/** iperf3 says hello in one UDP datagram and never again: TCP must not crowd it out. */
async function expectBothWays(gateway: Gateway): Promise<void> {
  const isBusy = ({ rxPackets, txPackets }: TunnelRow): boolean =>
    Math.min(rxPackets, txPackets) > 500;
  await waitFor("UDP both ways", async () => (await gateway.tunnels()).every(isBusy));
}

/** The gateway answers, is healthy, and its resident memory is read. */
async function look(gateway: Gateway): Promise<number> {
  const { healthy, problems } = await gateway.status();
  assert.ok(healthy, `healthy while loaded: ${JSON.stringify(problems)}`);
  const status = readFileSync(`/proc/${gateway.process.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

interface BidirReport {
  readonly error?: string;
  readonly end?: Readonly<Record<string, { readonly bits_per_second: number } | undefined>>;
}

/** iperf3 waits for ever when its connection is dead; the run's time is over by now. */
const patienceMs = 20_000;

async function result({ title, client }: Flow): Promise<string> {
  const timer = setTimeout(() => client.signal("SIGKILL"), patienceMs);
  const exitCode = await client.exited;
  clearTimeout(timer);
  const report = JSON.parse(client.stdout || "{}") as BidirReport;
  assert.equal(exitCode, 0, `${title}: ${report.error ?? client.stderr}`);
  assert.equal(report.error, undefined, title);
  const rates = ["sum_received", "sum_received_bidir_reverse"].map((key) => {
    const bitsPerSecond = report.end?.[key]?.bits_per_second ?? 0;
    assert.ok(bitsPerSecond > 1e6, `${title}: ${key} is ${bitsPerSecond} bit/s`);
    return `${Math.round(bitsPerSecond / 1e6)} Mbit/s`;
  });
  return `${rates[0]} out, ${rates[1]} back`;
}

/**
 * How much more memory the last quarter of the run held than the second quarter: the first is
 * warming up. Means of many samples, so that the garbage collector's saw teeth even out.
 */
export function residentGrowth(samples: readonly number[]): number {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const mean = (part: readonly number[]): number =>
    part.reduce((sum, bytes) => sum + bytes, 0) / Math.max(1, part.length);
  return mean(samples.slice(-quarter)) - mean(samples.slice(quarter, 2 * quarter));
}
