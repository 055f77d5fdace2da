import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CommandFailure } from "../command-failure.js";
import { exitCode } from "../exit-codes.js";

/** Of `test/bench/main.ts`, which says what each is. */
export interface BenchOptions {
  readonly filter?: string;
  readonly quick?: boolean;
  readonly base?: string;
  readonly out?: string;
}

/** The folder above `dist/gateway/commands/`: the source tree, or where the program is installed. */
const programFolder = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * `adit bench`: runs the benchmark of the source tree, as `npm run bench` does.
 * @returns the benchmark's exit code.
 * @throws {CommandFailure} where the program was installed without it.
 */
export async function bench(options: BenchOptions, folder = programFolder): Promise<number> {
  const script = join(folder, "test", "bench", "run.sh");
  if (!existsSync(script)) {
    throw new CommandFailure(
      `ADIT-2402  the benchmark is not installed here: there is no ${script}`,
      exitCode.failed,
      "it is in the source tree: run `npm run bench` there, which also installs what it needs",
    );
  }
  return await exitCodeOf("bash", [script, ...benchArguments(options)]);
}

/** The script works in the source tree, so paths are made absolute. */
function benchArguments({ filter, quick, base, out }: BenchOptions): string[] {
  return [
    ...(filter === undefined ? [] : ["--filter", filter]),
    ...(quick === true ? ["--quick"] : []),
    ...(base === undefined ? [] : ["--base", resolve(base)]),
    ...(out === undefined ? [] : ["--out", resolve(out)]),
  ];
}

function exitCodeOf(command: string, args: readonly string[]): Promise<number> {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { stdio: "inherit" });
    child.on("error", failed);
    // Without a code a signal ended it.
    child.on("exit", (code) => done(code ?? exitCode.failed));
  });
}
