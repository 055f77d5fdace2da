import type { LabProcess } from "./lab-process.js";
import type { Namespace, Runner } from "./namespace.js";
import { openConnections } from "./tcp-sockets.js";
import { waitFor } from "./wait.js";

export interface IperfOptions {
  readonly seconds?: number;
  /** The server sends instead of the client. */
  readonly reverse?: boolean;
  /** UDP at this rate; TCP when left out. */
  readonly udpMegabitsPerSecond?: number;
  /** TCP no faster than this; as fast as it goes when left out. */
  readonly tcpMegabitsPerSecond?: number;
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

/** Where the server runs, and the address that clients know it by. */
export interface IperfServer {
  readonly at: Runner;
  readonly address: string;
}

const defaultPort = 5201;

/** An iperf3 server until the lab ends, for clients that a test starts itself. */
export async function startIperfServer(
  namespace: Namespace,
  port = defaultPort,
): Promise<LabProcess> {
  const server = namespace.spawn(["iperf3", "-s", "-p", `${port}`], { keepCharacters: 65_536 });
  await untilListening(namespace, port, () => {
    if (server.exitCode !== undefined) throw new Error(server.stderr);
  });
  return server;
}

/**
 * One run of iperf3, with a server of its own: one that serves many makes its listening socket anew
 * after each, and resets who comes between. Returns when no segment of it is on its way any more.
 *
 * @throws {Error} when it could not connect or did not finish.
 */
export async function iperf(
  from: Namespace,
  server: IperfServer,
  options: IperfOptions = {},
): Promise<IperfResult> {
  const { seconds = 2, port = defaultPort } = options;
  const timeoutMs = (seconds + 20) * 1000;
  const served = server.at.tryRun(["iperf3", "-s", "-1", "-p", `${port}`], timeoutMs);
  let ended: string | undefined;
  void served.then(({ stdout, stderr }) => {
    ended = (stderr + stdout).trim();
  });
  try {
    await untilListening(server.at, port, () => {
      if (ended !== undefined) throw new Error(ended);
    });
    return await runClient(from, server.address, options, timeoutMs);
  } finally {
    await served;
    for (const end of [from, server.at]) await untilClosed(end, port);
  }
}

async function untilListening(at: Runner, port: number, check: () => void): Promise<void> {
  await waitFor("listening iperf3", async () => {
    check();
    return (await openConnections(at, port)).includes("listen");
  });
}

/** What was sent last may still be sent again, after both programs have ended. */
async function untilClosed(at: Runner, port: number): Promise<void> {
  const isClosed = async (): Promise<boolean> => (await openConnections(at, port)).length === 0;
  await waitFor("end of iperf3's connections", isClosed, { timeoutMs: 20_000 });
}

async function runClient(
  from: Namespace,
  server: string,
  options: IperfOptions,
  timeoutMs: number,
): Promise<IperfResult> {
  const { seconds = 2, reverse = false, udpMegabitsPerSecond, port = defaultPort } = options;
  const { tcpMegabitsPerSecond } = options;
  const udp =
    udpMegabitsPerSecond === undefined
      ? []
      : ["-u", "-b", `${udpMegabitsPerSecond}M`, "-l", `${options.datagramBytes ?? 1200}`];
  const tcp = tcpMegabitsPerSecond === undefined ? [] : ["-b", `${tcpMegabitsPerSecond}M`];
  const common = ["-c", server, "-p", `${port}`, "-t", `${seconds}`, "--connect-timeout", "3000"];
  const argv = ["iperf3", "-J", ...common, ...udp, ...tcp, ...(reverse ? ["-R"] : [])] as const;
  const { stdout, stderr, exitCode } = await from.tryRun(argv, timeoutMs);
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
