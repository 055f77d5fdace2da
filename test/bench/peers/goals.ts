/** What is to be reached against the peers, and what a change may not fall below. */
import { names } from "./names.js";
import { quietShare } from "./quiet.js";
import { keyOf, type Result, type Sample } from "./result.js";
import { ratios } from "./statistics.js";

export interface Goal {
  readonly what: string;
  /** One value a round; none where a peer could not run or was not asked for. */
  values(result: Result): readonly number[];
  readonly gate: number;
  readonly target: number;
  readonly better: "more" | "less";
}

type Value = (sample: Sample | undefined) => number | undefined;
type Row = readonly (number | undefined)[];

const rate: Value = (sample) => sample?.rate;
const cpu: Value = (sample) => sample?.cpu;
const quietRate: Value = (sample) => (isQuiet(sample?.others) ? sample?.rate : undefined);
const quietCpu: Value = (sample) => (isQuiet(sample?.cpuOthers) ? sample?.cpu : undefined);

function isQuiet(others = 0): boolean {
  return others <= quietShare;
}

/** Rounds that other programs disturbed count only where there is no other one. */
function quietFirst(values: (value: Value) => readonly number[], quiet: Value, any: Value) {
  const undisturbed = values(quiet);
  return undisturbed.length > 0 ? undisturbed : values(any);
}

const scenario = "push/64";

function row({ samples }: Result, peer: string, value: Value): Row {
  return (samples.get(keyOf(peer, scenario)) ?? []).map(value);
}

/** The best of several peers in each round; their best, and not their mean, is to be beaten. */
function best(rows: readonly Row[], choose: (...values: number[]) => number): Row {
  const rounds = Math.max(0, ...rows.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) => {
    const there = rows.map((values) => values[round]).filter((value) => value !== undefined);
    return there.length === 0 ? undefined : choose(...there);
  });
}

type Limits = readonly [gate: number, target: number];

function faster(what: string, peers: readonly string[], [gate, target]: Limits): Goal {
  const values = (result: Result): readonly number[] => {
    const of = (value: Value): readonly number[] => {
      const theirs = peers.map((peer) => row(result, peer, value));
      return ratios(row(result, names.adit, value), best(theirs, Math.max));
    };
    return quietFirst(of, quietRate, rate);
  };
  return { what: `rate against ${what}`, values, gate, target, better: "more" };
}

function cheaper(what: string, peers: readonly string[], [gate, target]: Limits): Goal {
  const values = (result: Result): readonly number[] => {
    const of = (value: Value): readonly number[] => {
      const theirs = peers.map((peer) => row(result, peer, value));
      return ratios(best(theirs, Math.min), row(result, names.adit, value));
    };
    return quietFirst(of, quietCpu, cpu);
  };
  const name = `processor time of ${what} against ours`;
  return { what: name, values, gate, target, better: "more" };
}

function figures(what: string, one: string, other: string, better: Goal["better"], limits: Limits) {
  const [gate, target] = limits;
  const values = ({ figures: all }: Result): readonly number[] =>
    ratios(all.get(one) ?? [], all.get(other) ?? []);
  return { what, values, gate, target, better };
}

const routed = [names.routed, names.routedRps];
const bridged = [names.bridged, names.bridgedRps];

export const goals: readonly Goal[] = [
  faster("own forwarding without header work", [names.noop], [0.95, 0.98]),
  faster("the better of testpmd and the forwarder", [names.testpmd, names.forwarder], [0.93, 1]),
  faster("Open vSwitch AF_XDP", [names.openVswitch], [1.03, 1.1]),
  faster("kernel vxlan routed", routed, [1.4, 1.7]),
  faster("kernel bridge + vxlan", bridged, [1.9, 2.3]),
  cheaper("kernel vxlan routed", routed, [1.2, 1.4]),
  cheaper("kernel bridge + vxlan", bridged, [1.6, 1.9]),
  figures("in memory, OVS-DPDK push against ours", names.dpdkPush, names.ownPush, "more", [3, 5]),
  figures("in memory, OVS-DPDK pop against ours", names.dpdkPop, names.ownPop, "more", [4, 6]),
  {
    what: "processor time at rest, % of one",
    values: (result) => (result.figures.get(names.idle) ?? []).map((share) => share * 100),
    gate: 5,
    target: 2,
    better: "less",
  },
  figures(
    "p99 latency added, against the kernel",
    names.addedAdit,
    names.addedKernel,
    "less",
    [1.5, 1],
  ),
];

export type Judgement = "target" | "gate" | "missed";

/** @param value the median of all rounds. */
export function judge({ gate, target, better }: Goal, value: number): Judgement {
  const reaches = (limit: number): boolean => (better === "more" ? value >= limit : value <= limit);
  if (reaches(target)) return "target";
  return reaches(gate) ? "gate" : "missed";
}
