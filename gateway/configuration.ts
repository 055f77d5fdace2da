import { formatProblem, type LoadedConfiguration, loadConfiguration } from "../tunnels/index.js";
import { CommandFailure } from "./command-failure.js";
import { exitCode } from "./exit-codes.js";
import { interfaceFacts } from "./interface-facts.js";

export const defaultGatewayFile = "/etc/adit/adit.json";

/**
 * Loads the configuration, or prints every error and fails with exit code 3.
 *
 * @param readInterfaces whether the MTUs of this machine's interfaces count in summary and warnings.
 */
export function loadOrFail(file: string, readInterfaces: boolean): LoadedConfiguration {
  const interfaces = readInterfaces ? interfaceFacts() : new Map<string, { mtu?: number }>();
  const result = loadConfiguration(file, { interfaces });
  if (result.ok) return result;
  for (const problem of result.errors) process.stderr.write(`${formatProblem(problem)}\n`);
  const hidden = result.errorCount - result.errors.length;
  if (hidden > 0) process.stderr.write(`… and ${hidden} more\n`);
  throw new CommandFailure(
    `${count(result.filesChecked, "file")} checked, ${count(result.errorCount, "error")}: nothing was changed`,
    exitCode.configurationInvalid,
  );
}

export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
