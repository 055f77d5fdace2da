import assert from "node:assert/strict";
import { missingFrames } from "../../deploy/lab/accounting.js";
import type { Gateway, WorkerRow } from "../../deploy/lab/gateway.js";
import { iperf } from "../../deploy/lab/iperf.js";
import { hasXdp } from "../../deploy/lab/link.js";
import type { Namespace, Runner } from "../../deploy/lab/namespace.js";
import { type PingOptions, ping } from "../../deploy/lab/ping.js";
import { waitFor } from "../../deploy/lab/wait.js";

/** Every echo request is answered. */
export async function expectPings(
  from: Runner,
  to: string,
  options: PingOptions = {},
): Promise<void> {
  const { sent, received } = await ping(from, to, options);
  assert.equal(received, sent, `pings of ${options.size ?? 56} bytes to ${to} lost`);
}

/** Until neighbors and switches have learned each other, single pings may be lost. */
export async function expectReachable(from: Namespace, to: string): Promise<void> {
  await waitFor(
    `answer from ${to}`,
    async () => (await ping(from, to, { count: 1 })).received === 1,
  );
}

/** TCP flows both ways, and UDP both ways with next to nothing lost. */
export async function expectThroughput(
  from: Namespace,
  serverNamespace: Namespace,
  address: string,
  datagramBytes = 1200,
): Promise<void> {
  const server = { at: serverNamespace, address };
  for (const reverse of [false, true]) {
    const way = reverse ? "from the peer" : "to the peer";
    const tcp = await iperf(from, server, { seconds: 1, reverse });
    assert.ok(tcp.megabitsPerSecond > 1, `TCP ${way}: ${tcp.megabitsPerSecond} Mbit/s`);
    const rate = { udpMegabitsPerSecond: 20, datagramBytes };
    const udp = await iperf(from, server, { seconds: 1, reverse, ...rate });
    assert.ok(udp.megabitsPerSecond > 15, `UDP ${way}: ${udp.megabitsPerSecond} Mbit/s`);
    assert.ok(udp.lostPercent <= 1, `UDP ${way}: ${udp.lostPercent} % lost`);
  }
}

/** Frames in equal frames out, with the gateway alive; no frame of the UMEM is lost. */
export async function expectConservation(gateway: Gateway): Promise<void> {
  const sum = await gateway.settledAccounting();
  assert.ok(sum.in > 0, "there was traffic to account for");
  await waitFor("conservation of frames", async () => {
    const workers = await shownWorkers(gateway);
    assert.ok(workers.length > 0, "there is a worker");
    for (const { worker, frames } of workers) {
      const missing = missingFrames(frames);
      const found = JSON.stringify(frames);
      if (missing !== 0) throw new Error(`worker ${worker} misses ${missing} frames of ${found}`);
    }
    return true;
  });
}

/** What an operator sees: `adit show workers -j`. */
async function shownWorkers(gateway: Gateway): Promise<readonly WorkerRow[]> {
  const { stdout, stderr, exitCode } = await gateway.command("show", "workers", "-j");
  assert.equal(exitCode, 0, stderr);
  return (JSON.parse(stdout) as { readonly workers: readonly WorkerRow[] }).workers;
}

/** Why frames may be dropped when senders are faster than this machine: rings without room. */
export const overload = ["tx_full", "no_frame"] as const;

/** Nothing was dropped but for the reasons given. */
export async function expectNoDrops(
  gateway: Gateway,
  allowed: readonly string[] = [],
): Promise<void> {
  const { dropped } = await gateway.counters();
  const unexpected = Object.entries(dropped).filter(([reason]) => !allowed.includes(reason));
  assert.deepEqual(Object.fromEntries(unexpected), {}, "dropped");
}

/** No XDP program is left on the interfaces. */
export async function expectDetached(
  namespace: Namespace,
  interfaces: readonly string[],
): Promise<void> {
  for (const name of interfaces) {
    await waitFor(`${name} without XDP`, async () => !(await hasXdp(namespace, name)));
  }
}
