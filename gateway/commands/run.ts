import type { Logger } from "pino";
import { createDataPath, type DataPath, notifySystemd } from "../../native/index.js";
import { type CompiledTable, formatProblem, type GatewaySettings } from "../../tunnels/index.js";
import { CommandFailure } from "../command-failure.js";
import { loadOrFail } from "../configuration.js";
import { type Listener, listenOnHttp, listenOnSocket, type Subject } from "../control/server.js";
import { type ExitCode, exitCode } from "../exit-codes.js";
import { FeatureRecords } from "../feature-records.js";
import { createLogger } from "../log.js";
import { version } from "../version.js";

export interface RunOptions {
  readonly config: string;
}

/** `adit run`: the gateway, in the foreground, until SIGTERM or SIGINT. */
export async function run(options: RunOptions): Promise<ExitCode> {
  const stop = stopSignal();
  // The summary is let go of: of a large table it takes as much memory as the members.
  const { table, gateway, warnings } = loadOrFail(options.config, true);
  requireInterfaces(table);
  const log = createLogger(gateway.logLevel);
  for (const warning of warnings) log.warn({ code: warning.code }, formatProblem(warning));

  let running: DataPath | undefined;
  const subject: Subject = () => running && { table, dataPath: running, version: version() };
  const listeners = [await listenOnSocket(gateway.control, subject)];
  try {
    await addHttp(listeners, gateway, subject, log);
    const dataPath = createDataPath(table, ({ level, code, text, fields }) => {
      log[level]({ code, ...fields }, text);
    });
    const records = new FeatureRecords(gateway.control);
    records.restore(interfacesOf(table), (text, fields) => log.info(fields, text));
    dataPath.start();
    records.write(dataPath.ports());
    running = dataPath;
    log.info({ tenants: table.tenants.length, members: table.members.length }, "forwarding");
    notifySystemd("READY=1\nSTATUS=forwarding");
    const signal = await stop;
    notifySystemd("STOPPING=1");
    log.info({ signal }, "stopping");
    dataPath.stop();
    records.remove();
    log.info("stopped");
  } finally {
    for (const listener of listeners) await listener.close();
  }
  return exitCode.done;
}

/** Resolves with the first signal that asks for an end. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, resolve);
  });
}

function requireInterfaces(table: CompiledTable): void {
  const missing = table.ports.filter((port) => port.interface === undefined);
  if (missing.length === 0 && table.ports.length > 0) return;
  const names = missing.map(({ name }) => name).join(", ");
  throw new CommandFailure(
    table.ports.length === 0 ? "there are no ports to run on" : `no interface for port ${names}`,
    exitCode.configurationInvalid,
    'give each of "ports" an "interface"',
  );
}

function interfacesOf(table: CompiledTable): string[] {
  return table.ports.flatMap((port) => port.interface ?? []);
}

/** The gateway forwards also without HTTP, for instance where the loopback interface is down. */
async function addHttp(
  listeners: Listener[],
  gateway: GatewaySettings,
  subject: Subject,
  log: Logger,
): Promise<void> {
  if (gateway.http === false) return;
  try {
    listeners.push(await listenOnHttp(gateway.http, subject));
  } catch (error) {
    log.warn({ code: "ADIT-2401", error: String(error) }, "HTTP is not listening");
  }
}
