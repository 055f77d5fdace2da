import { setTimeout as sleep } from "node:timers/promises";
import type { LabProcess } from "./lab-process.js";
import type { Namespace } from "./namespace.js";
import { waitFor } from "./wait.js";

export interface IperfOptions {
  readonly seconds?: number;
  /** The server sends instead of the client. */
  readonly reverse?: boolean;
  /** UDP at this rate; TCP as fast as it goes when left out. */
  readonly udpMegabitsPerSecond?: number;
  /** UDP payload bytes. */
  readonly datagramBytes?: number;
  readonly port?: number;
}

export interface IperfResult {
  /** As the receiver counted it. */
  readonly megabitsPerSecond: number;
  /** UDP only; 0 for TCP. */
  readonly lostPercent: number;
}

interface IperfSum {
  readonly bits_per_second: number;
  readonly lost_percent?: number;
}

interface IperfReport {
  readonly error?: string;
  readonly end?: { readonly sum_received?: IperfSum; readonly sum?: IperfSum };
}

/** An iperf3 server that serves one client after the other until the lab ends. */
export async function startIperfServer(namespace: Namespace, port = 5201): Promise<LabProcess> {
  const server = namespace.spawn(["iperf3", "-s", "-p", `${port}`], { keepCharacters: 65_536 });
  await waitFor("listening iperf3", async () => {
    if (server.exitCode !== undefined) throw new Error(server.stderr);
    const [tcp4, tcp6] = ["/proc/net/tcp", "/proc/net/tcp6"];
    const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
    return (await namespace.run(["cat", tcp4, tcp6])).includes(`:${hexPort} `);
  });
  return server;
}

const connectTries = 5;
const connectPauseMs = 200;

/** One run of iperf3. @throws {Error} when it could not connect or did not finish. */
export async function iperf(
  from: Namespace,
  server: string,
  options: IperfOptions = {},
): Promise<IperfResult> {
  for (let tries = 1; ; ++tries) {
    try {
      return await runOnce(from, server, options);
    } catch (error) {
      // The server makes its listening socket anew after each run, and resets who comes between.
      const isRefusal = /unable to connect to server: Connection re(set|fused)/.test(String(error));
      if (!isRefusal || tries === connectTries) throw error;
      await sleep(connectPauseMs);
    }
  }
}

async function runOnce(
  from: Namespace,
  server: string,
  options: IperfOptions,
): Promise<IperfResult> {
  const { seconds = 2, reverse = false, udpMegabitsPerSecond, port = 5201 } = options;
  const udp =
    udpMegabitsPerSecond === undefined
      ? []
      : ["-u", "-b", `${udpMegabitsPerSecond}M`, "-l", `${options.datagramBytes ?? 1200}`];
  const common = ["-c", server, "-p", `${port}`, "-t", `${seconds}`, "--connect-timeout", "3000"];
  const argv = ["iperf3", "-J", ...common, ...udp, ...(reverse ? ["-R"] : [])] as const;
  const { stdout, stderr, exitCode } = await from.tryRun(argv, (seconds + 20) * 1000);
  const report = parseReport(stdout);
  // It may say in its report alone that it failed, and exit with 0.
  if (exitCode !== 0 || report?.end === undefined || report.error !== undefined) {
    throw new Error(`iperf3 to ${server}: ${report?.error ?? (stderr || `exit ${exitCode}`)}`);
  }
  const { end } = report;
  const received = udp.length > 0 ? end.sum : end.sum_received;
  return {
    megabitsPerSecond: (received?.bits_per_second ?? 0) / 1e6,
    lostPercent: received?.lost_percent ?? 0,
  };
}

function parseReport(stdout: string): IperfReport | undefined {
  try {
    return JSON.parse(stdout) as IperfReport;
  } catch {
    return undefined;
  }
}
