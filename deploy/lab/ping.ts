import type { Runner } from "./namespace.js";

export interface PingOptions {
  readonly count?: number;
  /** ICMP payload bytes; 8 of ICMP and 20 or 40 of IP come on top. */
  readonly size?: number;
  readonly intervalSeconds?: number;
  /** Refuse to fragment on the way out, so that the size is what crosses. */
  readonly whole?: boolean;
}

export interface PingResult {
  readonly sent: number;
  readonly received: number;
  /** Average round trip in milliseconds; undefined when nothing came back. */
  readonly rttMs: number | undefined;
}

/**
 * A process for each request, so that each answer has its full second. One process for all would
 * leave as soon as two round trips, or an interval, have passed since its last request (ping(8),
 * `-W`): an answer that a busy machine delays by some 20 ms would count as lost.
 */
const script = [
  "count=$1 pause=$2; shift 2",
  'while [ "$count" -gt 0 ]; do ping -n -q -c 1 -W 1 "$@" 2>&1 & count=$((count - 1))',
  '[ "$count" -eq 0 ] || sleep "$pause"; done; wait',
].join("\n");

/** Sends echo requests and counts the answers; no answer at all is a result too, not an error. */
export async function ping(
  from: Runner,
  address: string,
  { count = 10, size = 56, intervalSeconds = 0.02, whole = false }: PingOptions = {},
): Promise<PingResult> {
  const pace = [`${count}`, `${intervalSeconds}`];
  const shape = ["-s", `${size}`, ...(whole ? ["-M", "do"] : [])];
  const { stdout } = await from.tryRun(["sh", "-c", script, "sh", ...pace, ...shape, address]);
  const reports = [...stdout.matchAll(/(\d+) packets transmitted, (\d+) received/g)];
  if (reports.length !== count) throw new Error(`ping ${address}: ${stdout.trim()}`);
  const times = [...stdout.matchAll(/= [\d.]+\/([\d.]+)\//g)].map(([, average]) => Number(average));
  return {
    sent: sum(reports.map(([, sent]) => Number(sent))),
    received: sum(reports.map(([, , received]) => Number(received))),
    rttMs: times.length === 0 ? undefined : sum(times) / times.length,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
