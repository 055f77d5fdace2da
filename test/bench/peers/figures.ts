/** What is no rate on the bed: the path in memory, rest, and the latency of single packets. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Lab, withLab } from "../../../deploy/lab/lab.js";
import { aditTunnel } from "./adit-peers.js";
import type { Bed } from "./bed.js";
import { kernelBridged } from "./kernel-peers.js";
import { buildHosts, measureDirect, measureLatency, measureShare } from "./light-load.js";
import { measureInMemory } from "./memory.js";
import { latencyName, names } from "./names.js";
import type { Skipped } from "./result.js";
import type { RunOptions } from "./run.js";

export class FigureRuns {
  readonly figures = new Map<string, number[]>();
  readonly skipped: Skipped[] = [];

  constructor(
    private readonly options: RunOptions,
    private readonly say: (line: string) => void,
  ) {}

  /** Ours and Open vSwitch's take turns, push and pop. */
  async memory(): Promise<void> {
    await this.#rounds("in memory, OVS-DPDK", async (lab) => {
      const push = await measureInMemory(lab, "push", this.options.seconds);
      this.#add(names.ownPush, push.ours);
      this.#add(names.dpdkPush, push.theirs);
      const pop = await measureInMemory(lab, "pop", this.options.seconds);
      this.#add(names.ownPop, pop.ours);
      this.#add(names.dpdkPop, pop.theirs);
    });
  }

  async lightLoad(restSeconds: number): Promise<void> {
    await this.#rounds("latency", async (lab) => {
      const bed = await buildHosts(lab);
      const base = await measureDirect(bed, this.options.seconds);
      this.#add(names.directP50, base.p50);
      const kernel = [kernelBridged({ rps: false }), kernelBridged({ rps: true })];
      for (const peer of [aditTunnel, ...kernel]) {
        const { p50, p99 } = await measureLatency(bed, peer, this.options.seconds);
        this.#add(latencyName(peer.name, "p50"), p50);
        this.#add(latencyName(peer.name, "p99 added"), p99 - base.p50);
      }
    });
    await this.#guard("at rest", () =>
      withLab(async (lab) => this.#rest(await buildHosts(lab), restSeconds)),
    );
  }

  async #rest(bed: Bed, seconds: number): Promise<void> {
    const running = await aditTunnel.start(bed);
    try {
      await sleep(2000);
      if (running.pid === undefined) throw new Error("adit run has ended");
      this.#add(names.idle, await measureShare(running.pid, seconds));
    } finally {
      await running.stop();
    }
  }

  async #rounds(what: string, body: (lab: Lab) => Promise<void>): Promise<void> {
    await this.#guard(what, async () => {
      for (let round = 0; round < this.options.rounds; round++) await withLab(body);
    });
  }

  async #guard(what: string, body: () => Promise<void>): Promise<void> {
    try {
      await body();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.say(`SKIPPED ${what}: ${why}`);
      this.skipped.push({ what, why });
    }
  }

  #add(name: string, value: number): void {
    this.figures.set(name, [...(this.figures.get(name) ?? []), value]);
    this.say(`${name}: ${value.toPrecision(4)}`);
  }
}
