import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createReplay, type Replay } from "../../native/index.js";
import { type CompiledTable, formatProblem } from "../../tunnels/index.js";
import { CommandFailure } from "../command-failure.js";
import { loadOrFail } from "../configuration.js";
import { counterDocument } from "../counters.js";
import { type ExitCode, exitCode } from "../exit-codes.js";

export interface ReplayOptions {
  readonly config: string;
  /** `PORT=PCAP`, in the order they were written. */
  readonly in: readonly string[];
  readonly out: string;
  readonly seed: bigint;
}

/** Frames between two looks at the clock. */
const stepFrames = 4096;

/** `adit replay`: packets in, packets out, without a network. */
export function replay(options: ReplayOptions): ExitCode {
  const { table, warnings } = loadOrFail(options.config, false);
  for (const warning of warnings.filter(({ code }) => code !== noInterface)) {
    process.stderr.write(`warning: ${formatProblem(warning)}\n`);
  }
  const inputs = options.in.map((input) => parseInput(table, input));
  mkdirSync(options.out, { recursive: true });
  const run = createReplay(table, options.seed, inputs, options.out);
  runToEnd(run);
  const counters = counterDocument(table, run.totals());
  writeFileSync(join(options.out, "counters.json"), `${JSON.stringify(counters, null, 2)}\n`);
  return exitCode.done;
}

/** The warning that a port has no interface; a replay needs none. */
const noInterface = "ADIT-3001";

/** An input written as `PORT=PCAP`. @throws {CommandFailure} when it is not, or the port is unknown. */
export function parseInput(table: CompiledTable, input: string): { port: number; path: string } {
  const separator = input.indexOf("=");
  const name = input.slice(0, separator);
  const path = input.slice(separator + 1);
  if (separator <= 0 || path === "") {
    throw new CommandFailure(`--in ${input} is not PORT=PCAP`, exitCode.wrongUsage);
  }
  const port = table.ports.findIndex((candidate) => candidate.name === name);
  if (port < 0) {
    const known = table.ports.map((candidate) => candidate.name).join(", ");
    throw new CommandFailure(
      `--in ${input}: there is no port "${name}"`,
      exitCode.wrongUsage,
      `ports of the gateway file: ${known}`,
    );
  }
  return { port, path };
}

function runToEnd(run: Replay): void {
  let frames = 0;
  let shownAt = Date.now();
  while (run.step(stepFrames)) {
    frames += stepFrames;
    if (process.stderr.isTTY && Date.now() - shownAt >= 1000) {
      shownAt = Date.now();
      process.stderr.write(`\r${frames} frames`);
    }
  }
  if (process.stderr.isTTY && frames > 0) process.stderr.write("\r\x1b[K");
  run.finish();
}
