/** `npm run bench`: the packet path between memory rings; `run.sh` says how to call it. */
import { mkdir, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { plotScale } from "./plot.js";
import { countInstructions, measureTime, sceneNames } from "./program.js";
import { formatGoals, formatScenes } from "./report.js";
import { type Measured, readResult, type SceneResult, writeResult } from "./result.js";

const { values } = parseArgs({
  options: {
    filter: { type: "string", default: "" },
    quick: { type: "boolean", default: false },
    base: { type: "string" },
    out: { type: "string", default: ".cache/bench" },
  },
});

async function measureAll(): Promise<Measured> {
  const filter = new RegExp(values.filter);
  const names = (await sceneNames()).filter((name) => filter.test(name));
  const measured = new Map<string, SceneResult>();
  for (const [i, name] of names.entries()) {
    process.stderr.write(`${i + 1} of ${names.length}: ${name}\n`);
    const time = await measureTime(name, values.quick ? 1 : 10, values.quick ? 0.05 : 0.2);
    const counted = values.quick ? {} : { instructions: await countInstructions(name) };
    measured.set(name, { time, ...counted });
  }
  return measured;
}

const base = values.base === undefined ? undefined : await readResult(values.base);
const measured = await measureAll();
await mkdir(values.out, { recursive: true });
await writeResult(join(values.out, "result.json"), measured);
await plotScale(values.out, measured);
const { text, missed } = formatGoals(measured);
const table = formatScenes(measured, base) + (text === "" ? "" : `\n${text}`);
await writeFile(join(values.out, "table.txt"), table);
process.stdout.write(table);
process.stderr.write(`load average ${loadavg()[0]?.toFixed(2)}; results are in ${values.out}\n`);
if (missed > 0) {
  process.stderr.write(`${missed} of the gates were missed\n`);
  process.exitCode = 1;
}
