/** The rounds: every peer in turn, each time started anew on two veth pairs made alike. */
import { setTimeout as sleep } from "node:timers/promises";
import { withLab } from "../../../deploy/lab/lab.js";
import { type Bed, buildBed } from "./bed.js";
import { disturbance, type LoadOptions, type LoadResult, offer } from "./load.js";
import type { Peer, RunningPeer } from "./peer.js";
import { quietShare, settle, settleMs } from "./quiet.js";
import { keyOf, type Sample, type Skipped } from "./result.js";
import { frameFor, type Scenario, scenarios } from "./scenarios.js";

/** Of the rate that a peer reached just before: so little is lost, and nothing waits for long. */
const cpuLoad = 0.9;

export interface RunOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly threadedSink: boolean;
  /** Seconds for which, each time, other programs' end is waited for and what they disturbed done again. */
  readonly patience: number;
}

interface Measured {
  readonly peer: Peer;
  readonly running: RunningPeer;
  readonly bed: Bed;
}

export class Rounds {
  readonly samples = new Map<string, (Sample | undefined)[]>();
  readonly skipped: Skipped[] = [];
  readonly #out = new Set<Peer>();

  constructor(
    private readonly options: RunOptions,
    private readonly say: (line: string) => void,
  ) {}

  async run(peers: readonly Peer[]): Promise<void> {
    for (let round = 0; round < this.options.rounds; round++) {
      for (let i = 0; i < peers.length; i++) {
        // Each round begins with another peer, so that none always follows the same one.
        const peer = peers[(i + round) % peers.length];
        if (peer === undefined || this.#out.has(peer)) continue;
        await this.#measure(peer, round);
      }
    }
  }

  async #measure(peer: Peer, round: number): Promise<void> {
    await settle(this.options.patience);
    const measured = withLab(async (lab) => {
      const bed = await buildBed(lab, this.options.threadedSink);
      const running = await peer.start(bed);
      await sleep(settleMs);
      for (const scenario of scenarios) {
        await this.#sample({ peer, running, bed }, scenario, round);
      }
    });
    await measured.catch((error: unknown) => this.#skip(peer, error));
  }

  /** A peer that cannot run here, or fails, is told with the reason, and not tried again. */
  #skip(peer: Peer, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.say(`SKIPPED ${peer.name}: ${why}`);
    this.skipped.push({ what: peer.name, why });
    this.#out.add(peer);
  }

  async #sample({ peer, running, bed }: Measured, scenario: Scenario, round: number) {
    const frame = frameFor(scenario, peer, running, bed);
    const { seconds } = this.options;
    const attributed = running.inInterrupts !== true;
    const measure = (options: LoadOptions): Promise<LoadResult> =>
      this.#leastDisturbed(attributed, () =>
        offer(bed, scenario.way, frame, { pid: running.pid, ...options }),
      );
    const before = await running.drops?.();
    const full = await measure({ seconds });
    if (full.received === 0) throw new Error(`nothing came through (${scenario.name})`);
    const rate = full.received / full.seconds;
    let sample: Sample = { rate, others: disturbance(full, attributed) };
    if (scenario === scenarios[0]) {
      const own = await measure({ seconds: seconds / 2, drop: true });
      const part = await measure({ seconds, rate: rate * cpuLoad });
      sample = {
        ...sample,
        cpu: cpuOf(part, own, attributed),
        cpuOthers: disturbance(part, attributed),
      };
    }
    const key = keyOf(peer.name, scenario.name);
    const all = this.samples.get(key) ?? [];
    all[round] = sample;
    this.samples.set(key, Array.from(all));
    this.say(`round ${round + 1}: ${key}: ${describe(sample)}${await dropped(running, before)}`);
  }

  /** Tries again while other programs are at work, as long as there is patience for it. */
  async #leastDisturbed(attributed: boolean, measure: () => Promise<LoadResult>) {
    const deadline = performance.now() + this.options.patience * 1000;
    let best = await measure();
    while (disturbance(best, attributed) > quietShare && performance.now() < deadline) {
      const next = await measure();
      if (disturbance(next, attributed) < disturbance(best, attributed)) best = next;
    }
    return best;
  }
}

/**
 * Processor time a frame: what both processors worked, without what other programs took, and
 * without what the load takes to write frames and to wait.
 */
export function cpuOf(part: LoadResult, own: LoadResult, attributed: boolean): number {
  const writing = (own.load - own.waited) / own.offered;
  const all = part.busy.reduce((sum, busy) => sum + busy, 0);
  const worked = (attributed ? part.load + part.gateway + part.softirq : all) - part.waited;
  return (worked - writing * part.offered) / part.received;
}

function describe({ rate, cpu, others = 0, cpuOthers = 0 }: Sample): string {
  const percent = (share: number): string =>
    share > quietShare ? ` (others took ${(share * 100).toFixed(0)} %)` : "";
  const time = cpu === undefined ? "" : `, ${(cpu * 1e9).toFixed(0)} ns${percent(cpuOthers)}`;
  return `${(rate / 1e6).toFixed(3)} Mpps${percent(others)}${time}`;
}

type Drops = Readonly<Record<string, number>>;

async function dropped(running: RunningPeer, before: Drops | undefined): Promise<string> {
  const after = await running.drops?.();
  const parts = Object.entries(after ?? {})
    .map(([reason, count]) => [reason, count - (before?.[reason] ?? 0)] as const)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${reason} ${count}`);
  return parts.length === 0 ? "" : ` (dropped: ${parts.join(", ")})`;
}
