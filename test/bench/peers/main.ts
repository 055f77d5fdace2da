/** `npm run bench:peers`: Adit beside other programs on one machine; `run.sh` says how to call it. */
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { missingCapabilities } from "../../../deploy/lab/capabilities.js";
import { aditNoop, aditTunnel } from "./adit-peers.js";
import { FigureRuns } from "./figures.js";
import { forwarder } from "./forwarder-peer.js";
import { kernelBridged, kernelRouted } from "./kernel-peers.js";
import { names } from "./names.js";
import { openVswitch } from "./ovs-peer.js";
import type { Peer } from "./peer.js";
import { formatFigures, formatGoals, formatRates, formatSkipped, otherLoad } from "./report.js";
import { formatResult, type Result, thisMachine } from "./result.js";
import { Rounds } from "./run.js";
import { testpmd } from "./testpmd-peer.js";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
    filter: { type: "string", default: "" },
    patience: { type: "string", default: "0" },
    sink: { type: "string", default: "inline" },
    out: { type: "string", default: ".cache/bench-peers" },
  },
});

const peers: readonly Peer[] = [
  aditTunnel,
  aditNoop,
  forwarder,
  testpmd,
  openVswitch,
  kernelRouted({ rps: false }),
  kernelRouted({ rps: true }),
  kernelBridged({ rps: false }),
  kernelBridged({ rps: true }),
];

const options = {
  rounds: Number(values.rounds ?? (values.quick ? 3 : 7)),
  seconds: Number(values.seconds ?? (values.quick ? 1 : 3)),
  restSeconds: values.quick ? 3 : 10,
  patience: Number(values.patience),
  threadedSink: values.sink === "threaded",
};

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function missing(): Promise<readonly string[]> {
  const few = cpus().length < 2 ? ["two processors: one for the load, one for what has it"] : [];
  return [...(await missingCapabilities()), ...few];
}

async function measureAll(): Promise<Result> {
  const filter = new RegExp(values.filter);
  const live = peers.filter(({ name }) => filter.test(name));
  const rounds = new Rounds(options, say);
  await rounds.run(live);
  const runs = new FigureRuns(options, say);
  if (filter.test("memory")) await runs.memory();
  if (filter.test("light load")) await runs.lightLoad(options.restSeconds);
  const skipped = [...rounds.skipped, ...runs.skipped];
  return { samples: rounds.samples, figures: runs.figures, skipped };
}

async function main(): Promise<number> {
  if (!(options.rounds >= 1 && options.seconds > 0 && options.patience >= 0)) {
    say("--rounds, --seconds and --patience are numbers: 1, above 0 and 0 at least");
    return 2;
  }
  if (!["inline", "threaded"].includes(values.sink)) {
    say(`--sink is "inline" or "threaded", not "${values.sink}"`);
    return 2;
  }
  const lacking = await missing();
  if (lacking.length > 0) {
    say(`the benchmark cannot run on this machine:\n  - ${lacking.join("\n  - ")}`);
    return 1;
  }
  const machine = thisMachine();
  const result = await measureAll();
  const { text, missed } = formatGoals(result);
  const tables = [formatRates(result), formatFigures(result), text, formatSkipped(result)];
  const report = tables.filter((table) => table !== "").join("\n");
  await mkdir(values.out, { recursive: true });
  await writeFile(join(values.out, "result.json"), formatResult(machine, options, result));
  await writeFile(join(values.out, "table.txt"), report);
  process.stdout.write(report);
  const load = machine.loadAverage[0]?.toFixed(2);
  say(otherLoad(result));
  say(`Linux ${machine.kernel}, load average ${load} before; results are in ${values.out}`);
  for (const row of missed) say(`gate missed: ${row}`);
  const failed = result.skipped.some(({ what }) => what === names.adit || what === names.noop);
  return missed.length === 0 && !failed ? 0 : 1;
}

process.exitCode = await main();
