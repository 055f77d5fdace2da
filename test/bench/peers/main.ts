/** `npm run bench:peers`: Adit beside other programs on one machine; `run.sh` says how to call it. */
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { missingCapabilities } from "../../../deploy/lab/capabilities.js";
import { numberOf, patternOf, readOptions, WrongUsage } from "../options.js";
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

const usage = `Measures Adit beside other programs that do the same work, on the same interfaces and under the
same load. Needs root, and two processors that do nothing else. Ends with exit code 1 when a gate
is missed.

usage: npm run bench:peers -- [--quick] [--rounds N] [--seconds S] [--filter REGEX]
                              [--patience S] [--sink inline|threaded] [--out FOLDER]
  --quick    3 rounds of a second instead of 7 of 3 seconds
  --rounds   how often each is measured; --seconds: for how long each time
  --filter   peers whose names match alone; "memory" and "light load" are names as well
  --patience seconds for which, each time, it waits until other programs do nothing, and does
             again what they disturbed; 0 unless given
  --sink     threaded: the far ends receive in threads on the load's processor
  --out      where result.json and table.txt are written; .cache/bench-peers unless given
`;

const { filter, out, options } = readOptions(
  usage,
  {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
    filter: { type: "string", default: "" },
    patience: { type: "string", default: "0" },
    sink: { type: "string", default: "inline" },
    out: { type: "string", default: ".cache/bench-peers" },
  },
  ({ quick, sink, ...values }) => {
    if (sink !== "inline" && sink !== "threaded") {
      throw new WrongUsage(`--sink ${sink}: neither inline nor threaded`);
    }
    return {
      filter: patternOf("--filter", values.filter),
      out: values.out,
      options: {
        rounds: numberOf("--rounds", values.rounds ?? (quick ? "3" : "7"), 1),
        seconds: numberOf("--seconds", values.seconds ?? (quick ? "1" : "3"), 0.1),
        restSeconds: quick ? 3 : 10,
        patience: numberOf("--patience", values.patience, 0),
        threadedSink: sink === "threaded",
      },
    };
  },
);

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

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function missing(): Promise<readonly string[]> {
  const few = cpus().length < 2 ? ["two processors: one for the load, one for what has it"] : [];
  return [...(await missingCapabilities()), ...few];
}

async function measureAll(): Promise<Result> {
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
  await mkdir(out, { recursive: true });
  await writeFile(join(out, "result.json"), formatResult(machine, options, result));
  await writeFile(join(out, "table.txt"), report);
  process.stdout.write(report);
  const load = machine.loadAverage[0]?.toFixed(2);
  say(otherLoad(result));
  say(`Linux ${machine.kernel}, load average ${load} before; results are in ${out}`);
  for (const row of missed) say(`gate missed: ${row}`);
  const failed = result.skipped.some(({ what }) => what === names.adit || what === names.noop);
  return missed.length === 0 && !failed ? 0 : 1;
}

process.exitCode = await main();
