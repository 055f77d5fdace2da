/** What is no rate on the bed: the path in memory, rest, and the latency of single packets. */
import { aditTunnel } from "./adit-peers.js";
import { kernelBridged } from "./kernel-peers.js";
import { measureLatency, measureRest } from "./light-load.js";
import { measureInMemory } from "./memory.js";
import { latencyName, names } from "./names.js";
import type { Peer } from "./peer.js";
import { settle } from "./quiet.js";
import type { Skipped } from "./result.js";
import type { RunOptions } from "./run.js";

const latencyPeers = [aditTunnel, kernelBridged({ rps: false }), kernelBridged({ rps: true })];

export class FigureRuns {
  readonly figures = new Map<string, number[]>();
  readonly skipped: Skipped[] = [];

  constructor(
    private readonly options: RunOptions,
    private readonly say: (line: string) => void,
  ) {}

  /** Ours and Open vSwitch's take turns, push and pop. */
  async memory(): Promise<void> {
    await this.#rounds("in memory, OVS-DPDK", async () => {
      const push = await measureInMemory("push", this.options.seconds);
      this.#add(names.ownPush, push.ours);
      this.#add(names.dpdkPush, push.theirs);
      const pop = await measureInMemory("pop", this.options.seconds);
      this.#add(names.ownPop, pop.ours);
      this.#add(names.dpdkPop, pop.theirs);
    });
  }

  async lightLoad(restSeconds: number): Promise<void> {
    await this.#rounds("latency", async () => {
      for (const peer of latencyPeers) await this.#latency(peer);
    });
    await this.#guard("at rest", async () => {
      this.#add(names.idle, await measureRest(aditTunnel, restSeconds));
    });
  }

  async #latency(peer: Peer): Promise<void> {
    const { direct, through } = await measureLatency(peer, this.options.seconds);
    this.#add(names.directP50, direct.p50);
    this.#add(latencyName(peer.name, "p50"), through.p50);
    this.#add(latencyName(peer.name, "p99 added"), through.p99 - direct.p50);
  }

  async #rounds(what: string, body: () => Promise<void>): Promise<void> {
    await this.#guard(what, async () => {
      for (let round = 0; round < this.options.rounds; round++) {
        await settle(this.options.patience);
        await body();
      }
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
