import { fileURLToPath } from "node:url";
import { type Accounting, accounting, type Counters, type FrameCounts } from "./accounting.js";
import type { ExitCode, LabProcess } from "./lab-process.js";
import type { Namespace, RunResult } from "./namespace.js";
import { waitFor } from "./wait.js";

/** The `adit` program of this build. */
export const aditProgram = fileURLToPath(new URL("../../gateway/main.js", import.meta.url));

export interface Status {
  readonly healthy: boolean;
  readonly problems: readonly unknown[];
}

export interface TunnelRow {
  readonly tenant: string;
  readonly name: string;
  readonly rxPackets: number;
  readonly rxBytes: number;
  readonly txPackets: number;
  readonly txBytes: number;
}

export interface WorkerRow {
  readonly worker: number;
  readonly frames: FrameCounts;
}

/** `adit run` in a namespace, and questions put to it with the program's own commands. */
export class Gateway {
  private constructor(
    readonly namespace: Namespace,
    readonly file: string,
    readonly process: LabProcess,
  ) {}

  /** Starts the gateway, and returns when `adit status` calls it healthy. */
  static async start(namespace: Namespace, file: string): Promise<Gateway> {
    const child = namespace.spawn([process.execPath, aditProgram, "run", "-c", file]);
    const gateway = new Gateway(namespace, file, child);
    const said = (): string => `\nadit run said:\n${child.stderr}${child.stdout}`;
    const answer = async (): Promise<boolean> => gateway.#hasEnded || (await gateway.#isHealthy());
    await waitFor("healthy gateway", answer, { timeoutMs: 15_000 }).catch((error: Error) => {
      throw new Error(error.message + said());
    });
    if (gateway.#hasEnded) throw new Error(`adit run ended with ${child.exitCode}${said()}`);
    return gateway;
  }

  static validate(namespace: Namespace, file: string): Promise<RunResult> {
    return namespace.tryRun([process.execPath, aditProgram, "validate", "-c", file]);
  }

  /** Runs one of the program's commands against this gateway. */
  command(...args: string[]): Promise<RunResult> {
    return this.namespace.tryRun([process.execPath, aditProgram, ...args, "-c", this.file]);
  }

  status(): Promise<Status> {
    return this.#ask<Status>("status", "-j");
  }

  counters(): Promise<Counters> {
    return this.#ask<Counters>("show", "drops", "-j");
  }

  async tunnels(): Promise<readonly TunnelRow[]> {
    const answer = await this.#ask<{ tunnels: TunnelRow[] }>("show", "tunnels", "-j", "-s");
    return answer.tunnels;
  }

  async workers(): Promise<readonly WorkerRow[]> {
    return (await this.#ask<{ workers: WorkerRow[] }>("show", "workers", "-j")).workers;
  }

  /** The accounting sum, once the last frames have come to rest. It must hold within 5 seconds. */
  settledAccounting(): Promise<Accounting> {
    return waitFor("accounting sum that holds", async () => {
      const sum = accounting(await this.counters());
      if (sum.in !== sum.out) throw new Error(`${sum.in} is not ${sum.out}: ${sum.sentence}`);
      return sum;
    });
  }

  stop(signal: NodeJS.Signals = "SIGTERM"): Promise<ExitCode> {
    return this.process.stop(signal);
  }

  get #hasEnded(): boolean {
    return this.process.exitCode !== undefined;
  }

  async #isHealthy(): Promise<boolean> {
    return (await this.status()).healthy;
  }

  async #ask<T>(...args: string[]): Promise<T> {
    const { stdout, stderr, exitCode } = await this.command(...args);
    // `status` exits with 1 when something is wrong, and still says what on stdout.
    if (exitCode > 1) throw new Error(`adit ${args.join(" ")}: exit ${exitCode}: ${stderr.trim()}`);
    return JSON.parse(stdout) as T;
  }
}
