/** `npm run bench:scale`: from tunnel files to a table that forwards, stage by stage. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { numberOf, readOptions } from "../options.js";
import type { ChangeResult } from "./change.js";
import { tunnelsPerTenant, writeConfiguration } from "./files.js";
import type { ScaleResult } from "./measure.js";
import { formatChange, formatGoals, formatScale } from "./report.js";

const usage = `Measures the way from tunnel files to a table that forwards: 100,000 tunnels, one tenant
changed of them, and a million. Ends with exit code 1 when a gate is missed.

usage: npm run bench:scale -- [--runs N] [--quick] [--out FOLDER]
  --runs   of 100,000 tunnels, of which the least counts; 5 unless given
  --quick  one run, and without the million
  --out    where scale.json is written; .cache/bench unless given
`;

const values = readOptions(
  usage,
  {
    runs: { type: "string", default: "5" },
    quick: { type: "boolean", default: false },
    out: { type: "string", default: ".cache/bench" },
  },
  ({ runs, ...others }) => ({ ...others, runs: numberOf("--runs", runs, 1) }),
);

/** Runs a program beside this one in a process of its own, so that its memory is its own, too. */
async function runBeside<T>(name: string, folder: string, tenants: number): Promise<T> {
  const program = fileURLToPath(new URL(name, import.meta.url));
  const options = ["--expose-gc", program, folder, String(tenants)];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  return JSON.parse(stdout) as T;
}

async function inFolder<T>(tenants: number, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "adit-scale-"));
  try {
    process.stderr.write(`writing ${tenants} files\n`);
    writeConfiguration(folder, tenants);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function least<T>(results: readonly T[], value: (result: T) => number): T {
  const [first, ...others] = results;
  if (first === undefined) throw new Error("nothing was measured");
  return others.reduce((best, other) => (value(other) < value(best) ? other : best), first);
}

async function measureScale(folder: string, tenants: number, runs: number): Promise<ScaleResult> {
  const results: ScaleResult[] = [];
  for (let run = 1; run <= runs; run++) {
    process.stderr.write(`${tenants * tunnelsPerTenant} tunnels: ${run} of ${runs}\n`);
    results.push(await runBeside<ScaleResult>("measure.js", folder, tenants));
  }
  return least(results, ({ total }) => total.wallMs);
}

const runs = values.quick ? 1 : values.runs;
const tenants = 10_000;
const [hundredThousand, change] = await inFolder(tenants, async (folder) => [
  await measureScale(folder, tenants, runs),
  await runBeside<ChangeResult>("change.js", folder, tenants),
]);
const million = values.quick
  ? undefined
  : await inFolder(10 * tenants, (folder) => measureScale(folder, 10 * tenants, 1));
await mkdir(values.out, { recursive: true });
const scales = million === undefined ? [hundredThousand] : [hundredThousand, million];
const result = { loadAverage: loadavg(), scales, change };
await writeFile(join(values.out, "scale.json"), `${JSON.stringify(result, null, 2)}\n`);
const { text, missed } = formatGoals(hundredThousand, million, change);
process.stdout.write(`${formatScale(scales)}\n${formatChange(change)}\n${text}`);
process.stderr.write(`load average ${loadavg()[0]?.toFixed(2)}\n`);
if (missed > 0) {
  process.stderr.write(`${missed} of the gates were missed\n`);
  process.exitCode = 1;
}
