import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface ProcessOptions {
  /** How many characters of each output stream are kept; the oldest are forgotten first. */
  readonly keepCharacters?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** How a process ended: its exit code, or 128 + signal number as a shell would say. */
export type ExitCode = number;

const defaultKeepCharacters = 4 * 1024 * 1024;

/** One process that a lab started. Nothing but this pid is ever signalled. */
export class LabProcess {
  readonly title: string;
  readonly exited: Promise<ExitCode>;
  stdout = "";
  stderr = "";
  exitCode: ExitCode | undefined;
  readonly #child: ChildProcess;
  readonly #keepCharacters: number;

  constructor(argv: readonly [string, ...string[]], options: ProcessOptions = {}) {
    this.title = argv.join(" ");
    this.#keepCharacters = options.keepCharacters ?? defaultKeepCharacters;
    // Its own session: Ctrl-C reaches this program alone, which then ends everything in order.
    this.#child = spawn(argv[0], argv.slice(1), {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, LC_ALL: "C", ...options.env },
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout = this.#keep(this.stdout + text);
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr = this.#keep(this.stderr + text);
    });
    this.exited = new Promise((resolve) => {
      const end = (code: ExitCode): void => {
        this.exitCode ??= code;
        resolve(this.exitCode);
      };
      this.#child.on("error", (error) => {
        this.stderr += `${error.message}\n`;
        end(127);
      });
      this.#child.on("close", (code, signal) => end(code ?? signalExitCode(signal)));
      // A grandchild that holds the pipes open must not keep this program waiting.
      this.#child.on("exit", () => setTimeout(() => this.#closePipes(), 500).unref());
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child.pid !== undefined && processIsAlive(this.#child.pid);
  }

  signal(signal: NodeJS.Signals): void {
    if (this.exitCode === undefined) this.#child.kill(signal);
  }

  /** SIGTERM (or the signal given), then SIGKILL when it has not ended in time. */
  async stop(signal: NodeJS.Signals = "SIGTERM", timeoutMs = 5000): Promise<ExitCode> {
    this.signal(signal);
    const timer = setTimeout(() => this.signal("SIGKILL"), timeoutMs);
    const code = await this.exited;
    clearTimeout(timer);
    return code;
  }

  /** As `stop`, for the end of this program, where nothing can be awaited any more. */
  stopNow(timeoutMs = 3000): void {
    if (!this.running) return;
    this.signal("SIGTERM");
    // A process stopped by SIGSTOP takes SIGTERM only after it is let run again.
    this.signal("SIGCONT");
    const deadline = Date.now() + timeoutMs;
    while (this.running && Date.now() < deadline) sleepNow(10);
    if (this.running) this.signal("SIGKILL");
    this.#closePipes();
  }

  #closePipes(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  #keep(text: string): string {
    return text.length <= this.#keepCharacters ? text : text.slice(-this.#keepCharacters);
  }
}

function signalExitCode(signal: NodeJS.Signals | null): ExitCode {
  const numbers: Partial<Record<NodeJS.Signals, number>> = { SIGKILL: 9, SIGTERM: 15, SIGINT: 2 };
  return 128 + ((signal === null ? undefined : numbers[signal]) ?? 0);
}

/** A zombie, which only waits for its exit code to be read, counts as dead. */
function processIsAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch {
    return false;
  }
}

function sleepNow(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
