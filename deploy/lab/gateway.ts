import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { type Accounting, accounting, type Counters, type FrameCounts } from "./accounting.js";
import type { ExitCode, LabProcess } from "./lab-process.js";
import { untilLinksRun } from "./link.js";
import type { Argv, Namespace, RunResult } from "./namespace.js";
import { waitFor } from "./wait.js";

/** The `adit` program of this build. */
export const aditProgram = fileURLToPath(new URL("../../gateway/main.js", import.meta.url));

export interface Status {
  readonly healthy: boolean;
  readonly problems: readonly { readonly what: string; readonly why: string }[];
}

export interface PortRow {
  readonly name: string;
  readonly queues: number;
  readonly xdpMode: "native" | "generic";
  readonly zeroCopy: boolean;
  readonly zeroCopyRefusal?: string;
  readonly multiBuffer: boolean;
  readonly busyPoll: boolean;
  readonly rss: readonly number[] | "not told";
  readonly rssFaults: readonly { readonly what: string; readonly fix: string }[];
}

export interface RouteRow {
  readonly remote: string;
  readonly state: string;
  readonly mtu?: number;
  readonly nextHopMac?: string;
}

export interface TunnelRow {
  readonly tenant: string;
  readonly name: string;
  readonly innerMtu?: number;
  readonly rxPackets: number;
  readonly rxBytes: number;
  readonly txPackets: number;
  readonly txBytes: number;
}

export interface WorkerRow {
  readonly worker: number;
  /** The CPU that it is pinned to. */
  readonly cpu: number | null;
  readonly received: number;
  readonly sent: number;
  /** Rounds in which there was something to do. */
  readonly busyLoops: number;
  readonly frames: FrameCounts;
}

export interface StartOptions {
  /** `"answering"` where something is wrong with the surroundings, so that it never gets healthy. */
  readonly until?: "healthy" | "answering";
  /** A program, with its arguments, that starts it; such as one that takes capabilities away. */
  readonly under?: readonly string[];
}

/** `adit run` in a namespace, and questions put to it on its control socket. */
export class Gateway {
  private constructor(
    readonly namespace: Namespace,
    readonly file: string,
    readonly process: LabProcess,
  ) {}

  /** Starts the gateway, and returns when `adit status` calls it healthy. */
  static async start(
    namespace: Namespace,
    file: string,
    { until = "healthy", under = [] }: StartOptions = {},
  ): Promise<Gateway> {
    await untilLinksRun(namespace);
    const argv: Argv = ["env", ...under, process.execPath, aditProgram, "run", "-c", file];
    const child = namespace.spawn(argv);
    const gateway = new Gateway(namespace, file, child);
    const said = (): string => `\nadit run said:\n${child.stderr}${child.stdout}`;
    const answer = async (): Promise<boolean> => {
      if (gateway.#hasEnded) return true;
      const { healthy } = await gateway.status();
      return healthy || until === "answering";
    };
    await waitFor(`${until} gateway`, answer, { timeoutMs: 15_000 }).catch((error: Error) => {
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
    return this.#ask<Status>("status");
  }

  counters(): Promise<Counters> {
    return this.#ask<Counters>("drops");
  }

  async tunnels(): Promise<readonly TunnelRow[]> {
    return (await this.#ask<{ tunnels: TunnelRow[] }>("tunnels?counters=1")).tunnels;
  }

  async ports(): Promise<readonly PortRow[]> {
    return (await this.#ask<{ ports: PortRow[] }>("ports")).ports;
  }

  async routes(): Promise<readonly RouteRow[]> {
    return (await this.#ask<{ routes: RouteRow[] }>("routes")).routes;
  }

  async workers(): Promise<readonly WorkerRow[]> {
    return (await this.#ask<{ workers: WorkerRow[] }>("workers")).workers;
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

  /** The document that `adit show` prints, without a process for each question. */
  async #ask<T>(document: string): Promise<T> {
    const [code, body] = await get(this.#controlSocket, `/api/v1/${document}`);
    if (code !== 200) throw new Error(`${document}: ${code} ${body.trim()}`);
    return JSON.parse(body) as T;
  }

  get #controlSocket(): string {
    return controlSocket(this.namespace.lab.folder);
  }
}

/** Where the gateway of a lab listens. */
export function controlSocket(labFolder: string): string {
  return join(labFolder, "adit.sock");
}

function get(socketPath: string, path: string): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, timeout: 5000, agent: false }, (response) => {
      text(response).then((body) => resolve([response.statusCode ?? 0, body]), reject);
    });
    call.on("timeout", () => call.destroy(new Error("no answer")));
    call.on("error", reject);
    call.end();
  });
}
