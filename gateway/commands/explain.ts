import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReplay, type ReplayInput } from "../../native/index.js";
import type { CompiledTable } from "../../tunnels/index.js";
import { CommandFailure } from "../command-failure.js";
import { loadOrFail } from "../configuration.js";
import { type ExitCode, exitCode } from "../exit-codes.js";
import { onePacketCapture } from "../one-packet-capture.js";
import { explainedPacket, packetText } from "../show/explained.js";
import { parseInput } from "./replay.js";

export interface ExplainOptions {
  readonly config: string;
  /** `PORT=PCAP` or `PORT:HEX`. */
  readonly in: readonly string[];
  readonly seed: bigint;
  readonly json?: boolean;
}

/** `adit explain`: every step that the data path takes with each packet. */
export function explain(options: ExplainOptions): ExitCode {
  const { table } = loadOrFail(options.config, false);
  const folder = mkdtempSync(join(tmpdir(), "adit-explain-"));
  try {
    const inputs = options.in.map((input, index) => toInput(table, input, folder, index));
    explainAll(table, inputs, folder, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return exitCode.done;
}

function explainAll(
  table: CompiledTable,
  inputs: readonly ReplayInput[],
  folder: string,
  options: ExplainOptions,
): void {
  const run = createReplay(table, options.seed, inputs, folder);
  run.record();
  const packets: object[] = [];
  for (let number = 1; run.step(1); number++) {
    const packet = explainedPacket(table, number, run.trace());
    if (options.json) packets.push(packet);
    else process.stdout.write(packetText(packet));
  }
  run.finish();
  if (options.json) process.stdout.write(`${JSON.stringify({ packets })}\n`);
}

/** Hex becomes a capture of one packet in the run's own folder. */
function toInput(table: CompiledTable, input: string, folder: string, index: number): ReplayInput {
  const colon = input.indexOf(":");
  const isHex = colon > 0 && !input.slice(0, colon).includes("=");
  if (!isHex) return parseInput(table, input);
  const hex = input.slice(colon + 1).replaceAll(/[\s:]/g, "");
  if (!/^([0-9a-fA-F]{2})+$/.test(hex)) {
    throw new CommandFailure(
      `--in ${input.slice(0, colon)}:… is not a packet in hex`,
      exitCode.wrongUsage,
      "write two hex digits a byte, from the destination MAC on, or PORT=PCAP",
    );
  }
  const path = join(folder, `input-${index}.capture`);
  writeFileSync(path, onePacketCapture(Buffer.from(hex, "hex")));
  return parseInput(table, `${input.slice(0, colon)}=${path}`);
}
