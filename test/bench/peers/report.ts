/** Results as a person reads them. */
import { textTable } from "../../../gateway/text-table.js";
import { type Goal, goals, judge } from "./goals.js";
import { names } from "./names.js";
import { quietShare } from "./quiet.js";
import { keyOf, type Result, type Sample } from "./result.js";
import { scenarios } from "./scenarios.js";
import { ratios, summarize } from "./statistics.js";

/** One row a peer and scenario: rates, their ratio to Adit's, processor time; or why there is none. */
export function formatRates({ samples, skipped }: Result): string {
  const missing = skipped.map(({ what }) => ["", what, "SKIPPED", ...Array(5).fill("")]);
  const measured = scenarios.flatMap(({ name }) => {
    const own = (samples.get(keyOf(names.adit, name)) ?? []).map((sample) => sample?.rate);
    return [...samples]
      .filter(([key]) => key.endsWith(`: ${name}`))
      .map(([key, all]) => [name, key.slice(0, -name.length - 2), ...cells(all, own)]);
  });
  const headers = ["load", "what", "Mpps", "IQR", "Adit is", "IQR", "ns CPU", "IQR"];
  const rows = [...measured, ...missing];
  return rows.length === 0 ? "" : textTable(headers, rows);
}

function cells(all: readonly (Sample | undefined)[], own: readonly (number | undefined)[]) {
  const rates = all.map((sample) => sample?.rate);
  const cpu = all.flatMap((sample) => (sample?.cpu === undefined ? [] : [sample.cpu * 1e9]));
  return [
    ...spread(
      rates.flatMap((rate) => (rate === undefined ? [] : [rate / 1e6])),
      3,
      "",
    ),
    ...spread(ratios(own, rates), 2, " x"),
    ...spread(cpu, 0, ""),
  ];
}

function spread(values: readonly number[], digits: number, unit: string): [string, string] {
  if (values.length === 0) return ["", ""];
  const { median, iqr } = summarize(values);
  return [`${median.toFixed(digits)}${unit}`, iqr.toFixed(digits)];
}

export function formatFigures({ figures }: Result): string {
  const rows = [...figures].map(([name, values]) => [name, ...spread(values, 4, "")]);
  return rows.length === 0 ? "" : textTable(["figure", "median", "IQR"], rows);
}

export interface GoalReport {
  readonly text: string;
  /** Gates that were not kept. */
  readonly missed: readonly string[];
}

export function formatGoals(result: Result): GoalReport {
  const found = goals.map((goal) => rowOf(goal, goal.values(result)));
  return {
    text: textTable(
      ["goal", "median", "IQR", "gate", "target", ""],
      found.map(({ row }) => row),
    ),
    missed: found.filter(({ missed }) => missed).map(({ row }) => row.join("  ")),
  };
}

function rowOf(goal: Goal, values: readonly number[]): { row: string[]; missed: boolean } {
  const limits = [String(goal.gate), String(goal.target)];
  if (values.length === 0)
    return { row: [goal.what, "", "", ...limits, "not measured"], missed: false };
  const { median, iqr } = summarize(values);
  const judgement = judge(goal, median);
  const said = { target: "reached", gate: "gate kept", missed: "MISSED" }[judgement];
  const row = [goal.what, median.toFixed(3), iqr.toFixed(3), ...limits, said];
  return { row, missed: judgement === "missed" };
}

/** A peer that cannot run leaves a line, never only a gap. */
export function formatSkipped({ skipped }: Result): string {
  return skipped.map(({ what, why }) => `SKIPPED ${what}: ${why}\n`).join("");
}

/** Other load slows all, though not alike, and is counted where processor time is. */
export function otherLoad({ samples }: Result): string {
  const all = [...samples.values()].flat().filter((sample) => sample !== undefined);
  const disturbed = all.filter(
    ({ others = 0, cpuOthers = 0 }) => Math.max(others, cpuOthers) > quietShare,
  );
  const limit = `${quietShare * 100} % of a processor`;
  return `other programs took more than ${limit} in ${disturbed.length} of ${all.length} samples`;
}
