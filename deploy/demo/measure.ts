import { isDeepStrictEqual } from "node:util";
import type { Gateway, TunnelRow } from "../lab/gateway.js";
import { iperf } from "../lab/iperf.js";
import { macOf, neighborMac } from "../lab/link.js";
import { type PingResult, ping } from "../lab/ping.js";
import { inner, type Tenant } from "../lab/scenario.js";
import { waitFor } from "../lab/wait.js";
import type { Checks } from "./console.js";

/** What one tenant's traffic showed. */
export interface Measurement {
  readonly tenant: Tenant;
  readonly pings: PingResult;
  /** MAC that answered for the peer's inner address. */
  readonly answeredBy: string;
  readonly megabitsToPeer: number;
  readonly megabitsFromPeer: number;
}

const pingCount = 20;
const seconds = 2;

/**
 * Sends one tenant's traffic to its peer: pings, then TCP both ways. A tool that fails is a failed
 * check with its message, and the next tool still gets its turn.
 */
export async function measure(tenant: Tenant, checks: Checks): Promise<Measurement> {
  const { host, plan, peer } = tenant;
  const { name } = plan;
  // Neighbors on all links of the way are resolved first, so that the round trips compare.
  await ping(host, inner.peer, { count: 3 });
  const pings = await ping(host, inner.peer, { count: pingCount });
  const counts = `${pings.received} of ${pings.sent} answered`;
  checks.check(pings.received === pings.sent && pings.sent === pingCount, `${name} ping`, counts);

  const answeredBy = (await neighborMac(host, inner.peer)) ?? "nobody";
  const expected = await macOf(peer.namespace, peer.device);
  const found = `${answeredBy} answered, its own peer has ${expected}`;
  checks.check(answeredBy === expected, `${name} reaches its own peer`, found);

  const megabitsToPeer = await throughput(tenant, checks, false);
  const megabitsFromPeer = await throughput(tenant, checks, true);
  return { tenant, pings, answeredBy, megabitsToPeer, megabitsFromPeer };
}

async function throughput(tenant: Tenant, checks: Checks, reverse: boolean): Promise<number> {
  const what = `${tenant.plan.name} TCP ${reverse ? "from" : "to"} its peer`;
  try {
    const server = { at: tenant.peer.namespace, address: inner.peer };
    const { megabitsPerSecond } = await iperf(tenant.host, server, { seconds, reverse });
    checks.check(megabitsPerSecond > 1, what, `${megabitsPerSecond.toFixed(0)} Mbit/s`);
    return megabitsPerSecond;
  } catch (error) {
    checks.check(false, what, String(error));
    return 0;
  }
}

/**
 * The gateway's counts once they have stood still for a second: on a busy machine the last frames
 * of one tenant's traffic may wait in rings when the programs that sent them have ended, and would
 * be counted while another's is measured.
 */
export async function settledTunnels(gateway: Gateway): Promise<readonly TunnelRow[]> {
  let last: readonly TunnelRow[] | undefined;
  const standStill = async (): Promise<readonly TunnelRow[] | undefined> => {
    const before = last;
    last = await gateway.tunnels();
    return isDeepStrictEqual(before, last) ? last : undefined;
  };
  return waitFor("tunnels' counts that stand still", standStill, { intervalMs: 1000 });
}

/** Frames that may cross a quiet tunnel meanwhile: neighbor discovery and multicast reports. */
const chatter = 20;

/**
 * Compares the gateway's own counts before and after one tenant's traffic: that tenant's tunnel
 * carried it, and the others' did not.
 */
export function checkTunnelCounts(
  tenant: string,
  before: readonly TunnelRow[],
  after: readonly TunnelRow[],
  checks: Checks,
): void {
  for (const row of after) {
    const old = before.find((other) => other.tenant === row.tenant && other.name === row.name);
    const sent = row.txPackets - (old?.txPackets ?? 0);
    const received = row.rxPackets - (old?.rxPackets ?? 0);
    const found = `${sent} frames out, ${received} back`;
    const busy = sent >= pingCount && received >= pingCount;
    if (row.tenant === tenant) checks.check(busy, `${tenant} crossed its own tunnel`, found);
    else checks.check(sent + received <= chatter, `${row.tenant} heard nothing of it`, found);
  }
}
