/** The benchmark's program, which measures one scene after another. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ratios, summarize } from "./peers/statistics.js";

const run = promisify(execFile);
const program = "build-bench/bench/adit_bench";
const megabytes = 1 << 20;

/**
 * One packet's time in one scene: the least of all runs, which other load disturbed least; while
 * tunnels are changed, the median of all turns.
 */
export interface Time {
  readonly nanoseconds: number;
  /** Ticks of the TSC. */
  readonly cycles: number;
}

export async function sceneNames(): Promise<readonly string[]> {
  const { stdout } = await run(program, ["--list"]);
  return stdout.split("\n").filter((line) => line !== "");
}

interface GoogleBenchmark {
  readonly benchmarks: readonly {
    readonly name: string;
    readonly run_type: string;
    readonly ns: number;
    readonly cycles: number;
  }[];
}

/** @param runs how often each scene is measured, for `seconds` of measured work. */
export async function measureTime(scene: string, runs: number, seconds: number): Promise<Time> {
  const { stdout } = await run(
    program,
    [
      `--benchmark_filter=^${scene}/manual_time(/threads:[0-9]+)?$`,
      `--benchmark_repetitions=${runs}`,
      `--benchmark_min_time=${seconds}`,
      "--benchmark_format=json",
    ],
    { maxBuffer: 16 * megabytes },
  );
  const { benchmarks } = JSON.parse(stdout) as GoogleBenchmark;
  const single = benchmarks.filter(({ run_type: type }) => type === "iteration");
  if (single.length === 0) throw new Error(`${scene}: nothing was measured`);
  return {
    nanoseconds: Math.min(...single.map(({ ns }) => ns)),
    cycles: Math.min(...single.map(({ cycles }) => cycles)),
  };
}

/** What forwarding cost while tunnels were changed, turn and turn about with turns without. */
export interface Updates {
  /** What is lost of the rate without updates: the median of all pairs of turns, 0 to 1. */
  readonly loss: number;
  /** Half of all pairs lie in a band this wide. */
  readonly lossIqr: number;
  readonly pairs: number;
  /** Reached. */
  readonly updatesPerSecond: number;
  readonly publicationsPerSecond: number;
  /** From records to a table that forwards, milliseconds, mean. */
  readonly buildMs: number;
  /** Tables that waited to be freed, at most. */
  readonly mostRetired: number;
}

interface UpdateRun extends Omit<Updates, "loss" | "lossIqr" | "pairs"> {
  /** Ticks a packet, by turn. */
  readonly still: readonly number[];
  readonly updated: readonly number[];
  readonly ticksPerNs: number;
}

export const isUpdateScene = (scene: string): boolean => scene.startsWith("updates/");

export async function measureUpdates(
  scene: string,
  seconds: number,
): Promise<{ readonly time: Time; readonly updates: Updates }> {
  const { stdout } = await run(program, ["--updates", scene, String(seconds)]);
  const { still, updated, ticksPerNs, ...reached } = JSON.parse(stdout) as UpdateRun;
  // Of a pair, since what another guest of the machine takes away lasts longer than a turn.
  const lost = summarize(ratios(still, updated).map((ratio) => 1 - ratio));
  const cycles = summarize(updated).median;
  return {
    time: { nanoseconds: cycles / ticksPerNs, cycles },
    updates: { loss: lost.median, lossIqr: lost.iqr, pairs: lost.rounds, ...reached },
  };
}

const burst = 64;
/** So many that what the first bursts cost more does not count. */
const bursts = 500;

/** Instructions that one packet takes, all of the path and the rings' work, by callgrind. */
export async function countInstructions(scene: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "adit-bench-"));
  try {
    const { stderr } = await run("valgrind", [
      "--tool=callgrind",
      `--callgrind-out-file=${join(folder, "callgrind.out")}`,
      "--toggle-collect=adit::bench::Path::run()",
      ...[program, "--run", scene, String(bursts)],
    ]);
    const collected = /Collected *: *(\d+)/.exec(stderr)?.[1];
    if (collected === undefined) throw new Error(`${scene}: valgrind counted nothing:\n${stderr}`);
    return Number(collected) / (bursts * burst);
  } finally {
    await rm(folder, { recursive: true });
  }
}
