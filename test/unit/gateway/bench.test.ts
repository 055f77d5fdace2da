import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { CommandFailure } from "../../../gateway/command-failure.js";
import { bench } from "../../../gateway/commands/bench.js";
import { exitCode } from "../../../gateway/exit-codes.js";

/** A folder where the benchmark writes its arguments to a file, a line each, and ends with `code`. */
function withBenchmark<T>(code: number, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "adit-bench-command-"));
  mkdirSync(join(folder, "test", "bench"), { recursive: true });
  const script = `printf '%s\\n' "$@" >'${join(folder, "arguments")}'\nexit ${code}\n`;
  writeFileSync(join(folder, "test", "bench", "run.sh"), script);
  return use(folder).finally(() => rmSync(folder, { recursive: true }));
}

function argumentsIn(folder: string): string[] {
  return readFileSync(join(folder, "arguments"), "utf8").split("\n").slice(0, -1);
}

describe("adit bench", () => {
  it("passes its options on, and paths as those of the folder it was called in", async () => {
    await withBenchmark(0, async (folder) => {
      const options = { filter: "vxlan/.*64$", quick: true, base: "a b.json", out: "/tmp/out" };
      assert.equal(await bench(options, folder), 0);
      const base = resolve("a b.json");
      const expected = ["--filter", "vxlan/.*64$", "--quick", "--base", base, "--out", "/tmp/out"];
      assert.deepEqual(argumentsIn(folder), expected);
    });
  });

  it("gives the benchmark nothing that was not written", async () => {
    await withBenchmark(0, async (folder) => {
      await bench({}, folder);
      assert.deepEqual(argumentsIn(folder), [""]);
    });
  });

  it("ends with the benchmark's exit code", async () => {
    await withBenchmark(1, async (folder) => assert.equal(await bench({}, folder), 1));
    await withBenchmark(77, async (folder) => assert.equal(await bench({}, folder), 77));
  });

  it("says where the benchmark is when it is not installed", async () => {
    const folder = join(tmpdir(), "there-is-no-source-tree");
    await assert.rejects(bench({}, folder), (error: unknown) => {
      assert(error instanceof CommandFailure);
      assert.equal(error.exitCode, exitCode.failed);
      assert.match(error.message, /^ADIT-2402 {2}the benchmark is not installed here/);
      assert.match(error.fix, /npm run bench/);
      return true;
    });
  });
});

/** Runs a compiled program of the source tree; `path` is below `dist/`. */
function runProgram(path: string, ...args: string[]) {
  const program = fileURLToPath(new URL(`../../../${path}`, import.meta.url));
  return spawnSync(process.execPath, [program, ...args], { encoding: "utf8" });
}

describe("options of the benchmarks", () => {
  const programs = [
    ["test/bench/main.js", "npm run bench --"],
    ["test/bench/scale/main.js", "npm run bench:scale --"],
    ["test/bench/peers/main.js", "npm run bench:peers --"],
  ] as const;
  for (const [path, usage] of programs) {
    it(`${path} --help prints the options`, () => {
      const { status, stdout, stderr } = runProgram(path, "--help");
      assert.deepEqual([status, stderr], [0, ""]);
      assert(stdout.includes(`usage: ${usage} [`));
    });

    it(`${path} tells an unknown option in two lines, with exit code 2`, () => {
      const { status, stdout, stderr } = runProgram(path, "--no-such-option");
      assert.deepEqual([status, stdout], [2, ""]);
      assert.match(stderr, /^error: .*--no-such-option.*\n {2}fix: .*\n$/);
    });
  }

  it("refuses values that make no sense", () => {
    for (const [path, ...args] of [
      ["test/bench/main.js", "--filter", "("],
      ["test/bench/scale/main.js", "--runs", "many"],
      ["test/bench/scale/main.js", "--runs", "0"],
      ["test/bench/peers/main.js", "--sink", "kitchen"],
      ["test/bench/peers/main.js", "--rounds"],
    ] as const) {
      const { status, stderr } = runProgram(path, ...args);
      assert.equal(status, 2, `${path} ${args.join(" ")}: ${stderr}`);
      assert.match(stderr, /^error: --|^error: Option '--/);
    }
  });

  it("adit bench --help names the same options as the benchmark", () => {
    const named = (text: string) => new Set(text.match(/--[a-z]+/g));
    const own = runProgram("test/bench/main.js", "--help").stdout;
    const command = runProgram("gateway/main.js", "bench", "--help").stdout;
    const options = named(own.slice(own.indexOf("\n  --filter")).replace("adit_bench --list", ""));
    assert.deepEqual(named(command), options.add("--help"));
  });
});
