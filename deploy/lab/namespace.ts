import type { Lab } from "./lab.js";
import type { LabProcess, ProcessOptions } from "./lab-process.js";

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

export type Argv = readonly [string, ...string[]];

/** Where programs run to their end, which may be a failure: a namespace, or a guest. */
export interface Runner {
  tryRun(argv: Argv, timeoutMs?: number): Promise<RunResult>;
}

/**
 * IPv6 talks by itself: duplicate address detection delays every address by a second, and router
 * solicitations cross the tunnels and disturb counts. So do reports of multicast groups, which are
 * repeated for seconds (RFC 3810 §9.11): here all of them are sent as an address appears.
 */
const quietIpv6 = [
  "for c in all default; do cd /proc/sys/net/ipv6/conf/$c 2>/dev/null || continue",
  "echo 0 >accept_dad; echo 0 >router_solicitations; echo 0 >accept_ra",
  "echo 10 >mldv1_unsolicited_report_interval; echo 10 >mldv2_unsolicited_report_interval; done",
].join("; ");

/** A network namespace of a lab. `name` is what `ip netns exec` takes, `label` is the short one. */
export class Namespace {
  readonly name: string;

  private constructor(
    readonly lab: Lab,
    readonly label: string,
  ) {
    this.name = lab.addNamespace(label);
  }

  static async create(lab: Lab, label: string): Promise<Namespace> {
    const namespace = new Namespace(lab, label);
    await namespace.ip("link", "set", "lo", "up");
    await namespace.run(["sh", "-c", quietIpv6]);
    return namespace;
  }

  /** Starts a process inside that ends with the lab at the latest. */
  spawn(argv: Argv, options?: ProcessOptions): LabProcess {
    // Should this program be killed outright, its processes follow and only names stay behind.
    const die = ["setpriv", "--pdeathsig", "KILL"];
    return this.lab.spawn(["ip", "netns", "exec", this.name, ...die, ...argv], options);
  }

  /** Runs a program inside to its end. @throws {Error} with its output when it fails. */
  async run(argv: Argv, timeoutMs = 30_000, env: Record<string, string> = {}): Promise<string> {
    const { stdout, stderr, exitCode } = await this.tryRun(argv, timeoutMs, env);
    if (exitCode === 0) return stdout;
    const said = (stderr + stdout).trim();
    throw new Error(`in ${this.label}: \`${argv.join(" ")}\` ended with ${exitCode}: ${said}`);
  }

  /** Runs a program inside to its end, which may be a failure. A hanging one is killed. */
  async tryRun(
    argv: Argv,
    timeoutMs = 30_000,
    env: Record<string, string> = {},
  ): Promise<RunResult> {
    const child = this.spawn(argv, { env });
    const timer = setTimeout(() => {
      child.stderr += `killed after ${timeoutMs} ms\n`;
      child.signal("SIGKILL");
    }, timeoutMs);
    const exitCode = await child.exited;
    clearTimeout(timer);
    return { stdout: child.stdout, stderr: child.stderr, exitCode };
  }

  /** Runs iproute2's `ip` on this namespace. */
  async ip(...args: string[]): Promise<string> {
    const child = this.lab.spawn(["ip", "-n", this.name, ...args]);
    const exitCode = await child.exited;
    if (exitCode === 0) return child.stdout;
    throw new Error(`in ${this.label}: \`ip ${args.join(" ")}\`: ${child.stderr.trim()}`);
  }
}
