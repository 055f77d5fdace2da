/** What crosses an interface, as tcpdump writes it and tshark reads it. */
import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Namespace } from "../../deploy/lab/namespace.js";
import { waitFor } from "../../deploy/lab/wait.js";

/** Why nothing can be captured here. */
export const lacks: readonly string[] = ["tcpdump", "tshark"].flatMap((program) =>
  spawnSync(program, ["--version"]).status === 0
    ? []
    : [`no ${program}: apt-get install ${program}`],
);

/** Captures what crosses an interface while `traffic` runs. */
export async function capture(
  namespace: Namespace,
  device: string,
  file: string,
  traffic: () => Promise<void>,
): Promise<void> {
  const shape = ["--immediate-mode", "-U", "-Z", "root", "-w", file];
  const dump = namespace.spawn(["tcpdump", "-i", device, ...shape]);
  await waitFor("listening tcpdump", () => dump.stderr.includes("listening on"));
  await traffic();
  // What has not been read yet when the signal comes is not written.
  await sleep(500);
  await dump.stop("SIGINT");
}

/** Fields of a packet by tshark's names; empty where the packet has none of that name. */
export type Decoded<F extends string> = Readonly<Record<F, string>>;

/** What tshark calls a checksum that it computed and found right. */
export const goodChecksum = "1";

export interface DecodeOptions<F extends string> {
  /** A display filter. */
  readonly filter: string;
  /** Of each the first occurrence is read, which is the outermost header's. */
  readonly fields: readonly F[];
  /** Preferences that make tshark compute checksums, such as `ip.check_checksum`. */
  readonly checks: readonly string[];
}

export async function decode<F extends string>(
  namespace: Namespace,
  file: string,
  { filter, fields, checks }: DecodeOptions<F>,
): Promise<readonly Decoded<F>[]> {
  const preferences = checks.flatMap((name) => ["-o", `${name}:TRUE`]);
  const columns = fields.flatMap((field) => ["-e", field]);
  const shape = ["-T", "fields", "-E", "separator=|", "-E", "occurrence=f", ...columns];
  const text = await namespace.run(["tshark", "-r", file, "-Y", filter, ...preferences, ...shape]);
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const values = line.split("|");
      return Object.fromEntries(fields.map((name, i) => [name, values[i] ?? ""])) as Decoded<F>;
    });
}
