/** The benchmark's program, which measures one scene after another. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const program = "build-bench/bench/adit_bench";
const megabytes = 1 << 20;

/** One packet's time in one scene: the least of all runs, which other load disturbed least. */
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
