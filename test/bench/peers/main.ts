/** `npm run bench:peers`: Adit beside other programs on one machine; `run.sh` says how to call it. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { withLab } from "../../../deploy/lab/lab.js";
import { aditNoop, aditTunnel } from "./adit-peers.js";
import { buildBed } from "./bed.js";
import { forwarder } from "./forwarder-peer.js";
import { kernelBridged, kernelRouted } from "./kernel-peers.js";
import { openVswitch } from "./ovs-peer.js";
import type { Peer } from "./peer.js";
import { formatResult, type Result, thisMachine } from "./result.js";
import { Rounds } from "./run.js";
import { testpmd } from "./testpmd-peer.js";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
    peers: { type: "string", default: "" },
    sink: { type: "string", default: "inline" },
    out: { type: "string", default: ".cache/bench-peers" },
  },
});

const peers: readonly Peer[] = [
  aditTunnel,
  aditNoop,
  kernelRouted({ rps: false }),
  kernelRouted({ rps: true }),
  kernelBridged({ rps: false }),
  kernelBridged({ rps: true }),
  openVswitch,
  testpmd,
  forwarder,
];

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const options = {
  rounds: Number(values.rounds ?? (values.quick ? 3 : 7)),
  seconds: Number(values.seconds ?? (values.quick ? 1 : 3)),
};
const chosen = peers.filter(({ name }) => new RegExp(values.peers).test(name));
const machine = thisMachine();
const result = await withLab(async (lab): Promise<Result> => {
  const rounds = new Rounds(await buildBed(lab, values.sink === "threaded"), options, say);
  await rounds.run(chosen);
  return { samples: rounds.samples, figures: new Map(), skipped: rounds.skipped };
});
await mkdir(values.out, { recursive: true });
await writeFile(join(values.out, "result.json"), formatResult(machine, options, result));
