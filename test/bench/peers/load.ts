/** Offers one load to what stands between the two far ends, and counts what comes through. */
import { fileURLToPath } from "node:url";
import type { Bed, Way } from "./bed.js";
import type { LoadFrame } from "./frames.js";

/** Where the build puts the programs of this folder. */
export function benchProgram(name: string): string {
  return fileURLToPath(new URL(`../../../../build-bench/bench/peers/${name}`, import.meta.url));
}

/** The processor of the load; what is measured has the other. */
export const loadCpu = 1;
export const gatewayCpu = 0;

export interface LoadResult {
  readonly seconds: number;
  /** Frames. */
  readonly received: number;
  readonly offered: number;
  /** Seconds that the load's processor only waited for the next burst to be due. */
  readonly waited: number;
  /** Seconds that each processor was at work. */
  readonly busy: readonly number[];
  /** Of them what the load, the process measured, and the kernel's threads for packets took. */
  readonly load: number;
  readonly gateway: number;
  readonly softirq: number;
}

export interface LoadOptions {
  readonly seconds: number;
  /** Frames a second; without it as many as one processor can. */
  readonly rate?: number;
  /** The process that is measured. */
  readonly pid?: number | undefined;
  /** Only writes frames, to learn what that alone costs. */
  readonly drop?: boolean;
}

export async function offer(
  { tenant, remote }: Bed,
  way: Way,
  frame: LoadFrame,
  { seconds, rate = 0, pid = 0, drop = false }: LoadOptions,
): Promise<LoadResult> {
  const [from, to] = way === "push" ? [tenant, remote] : [remote, tenant];
  const leaving = [`/run/netns/${from.namespace.name}`, from.device];
  const shape = [frame.header, frame.inner, frame.bytes].map(String);
  const pace = [seconds, Math.round(rate), loadCpu].map(String);
  const said = await to.namespace.run(
    [
      benchProgram("adit_load"),
      ...leaving,
      to.device,
      ...shape,
      ...pace,
      drop ? "drop" : "send",
      `${pid}`,
    ],
    (seconds * 3 + 20) * 1000,
  );
  return JSON.parse(said) as LoadResult;
}

/**
 * How much other programs disturbed: the share of one processor that they took.
 *
 * @param attributed whether all that is measured runs in processes; else their work cannot be told
 *   from that of others, and only what the load did not get is seen.
 */
export function disturbance(result: LoadResult, attributed: boolean): number {
  const { seconds, busy, load, gateway, softirq } = result;
  const all = busy.reduce((sum, one) => sum + one, 0);
  const foreign = attributed ? all - load - gateway - softirq : seconds - load - softirq;
  return Math.max(0, foreign / seconds);
}
