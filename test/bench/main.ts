/** `npm run bench`: the packet path between memory rings; `run.sh` says how to call it. */
import { mkdir, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { patternOf, readOptions } from "./options.js";
import { plotScale } from "./plot.js";
import {
  countInstructions,
  isUpdateScene,
  measureTime,
  measureUpdates,
  sceneNames,
} from "./program.js";
import { formatGoals, formatScenes, formatUpdates } from "./report.js";
import { type Measured, readResult, type SceneResult, writeResult } from "./result.js";

const usage = `Measures what the packet path costs in memory, against the gates: times, instructions,
what it loses while tunnels are changed, and a plot of cost against table size. Ends with exit code 1 when a gate is missed.

usage: npm run bench -- [--filter REGEX] [--quick] [--base FILE] [--out FOLDER]
  --filter  scenes whose names match alone; \`build-bench/bench/adit_bench --list\` names them
  --quick   one short run of each instead of the least of ten, and no instructions
  --base    a result.json of before to compare with
  --out     where result.json, table.txt and scale.svg are written; .cache/bench unless given
`;

const values = readOptions(
  usage,
  {
    filter: { type: "string", default: "" },
    quick: { type: "boolean", default: false },
    base: { type: "string" },
    out: { type: "string", default: ".cache/bench" },
  },
  ({ filter, ...others }) => ({ ...others, filter: patternOf("--filter", filter) }),
);

async function measureAll(): Promise<Measured> {
  const names = (await sceneNames()).filter((name) => values.filter.test(name));
  const measured = new Map<string, SceneResult>();
  for (const [i, name] of names.entries()) {
    process.stderr.write(`${i + 1} of ${names.length}: ${name}\n`);
    measured.set(name, await measure(name));
  }
  return measured;
}

async function measure(name: string): Promise<SceneResult> {
  if (isUpdateScene(name)) return await measureUpdates(name, values.quick ? 5 : 45);
  const time = await measureTime(name, values.quick ? 1 : 10, values.quick ? 0.05 : 0.2);
  return values.quick ? { time } : { time, instructions: await countInstructions(name) };
}

const base = values.base === undefined ? undefined : await readResult(values.base);
const measured = await measureAll();
await mkdir(values.out, { recursive: true });
await writeResult(join(values.out, "result.json"), measured);
await plotScale(values.out, measured);
const { text, missed } = formatGoals(measured);
const tables = [formatScenes(measured, base), formatUpdates(measured), text];
const table = tables.filter((part) => part !== "").join("\n");
await writeFile(join(values.out, "table.txt"), table);
process.stdout.write(table);
process.stderr.write(`load average ${loadavg()[0]?.toFixed(2)}; results are in ${values.out}\n`);
if (missed > 0) {
  process.stderr.write(`${missed} of the gates were missed\n`);
  process.exitCode = 1;
}
