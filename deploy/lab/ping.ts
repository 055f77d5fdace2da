import type { Namespace } from "./namespace.js";

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

/** Sends echo requests and counts the answers; no answer at all is a result too, not an error. */
export async function ping(
  from: Namespace,
  address: string,
  { count = 10, size = 56, intervalSeconds = 0.02, whole = false }: PingOptions = {},
): Promise<PingResult> {
  const shape = ["-s", `${size}`, ...(whole ? ["-M", "do"] : [])];
  const pace = ["-c", `${count}`, "-i", `${intervalSeconds}`, "-W", "1"];
  const { stdout, stderr } = await from.tryRun(["ping", "-n", "-q", ...shape, ...pace, address]);
  const counts = /(\d+) packets transmitted, (\d+) received/.exec(stdout);
  if (counts === null) throw new Error(`ping ${address}: ${(stderr + stdout).trim()}`);
  const average = /= [\d.]+\/([\d.]+)\//.exec(stdout)?.[1];
  return {
    sent: Number(counts[1]),
    received: Number(counts[2]),
    rttMs: average === undefined ? undefined : Number(average),
  };
}
