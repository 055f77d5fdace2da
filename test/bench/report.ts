/** Results as a person reads them. */
import { textTable } from "../../gateway/text-table.js";
import { goals, type Judgement, judge } from "./goals.js";
import type { Measured } from "./result.js";

/** @param base what the same scenes gave before. */
export function formatScenes(measured: Measured, base: Measured | undefined): string {
  const rows = [...measured].map(([name, { time, instructions }]) => {
    const before = base?.get(name);
    return [
      name,
      time.nanoseconds.toFixed(1),
      (1000 / time.nanoseconds).toFixed(1),
      time.cycles.toFixed(0),
      instructions?.toFixed(1) ?? "",
      change(before?.time.nanoseconds, time.nanoseconds),
      change(before?.instructions, instructions),
    ];
  });
  const headers = ["scene", "ns", "Mpps", "TSC cycles", "instructions", "ns", "instructions"];
  const compared = base === undefined ? 5 : headers.length;
  return textTable(
    headers.slice(0, compared),
    rows.map((row) => row.slice(0, compared)),
  );
}

/** What forwarding lost while tunnels were changed; empty where that was not measured. */
export function formatUpdates(measured: Measured): string {
  const rows = [...measured].flatMap(([name, { updates }]) =>
    updates === undefined
      ? []
      : [
          [
            name,
            updates.updatesPerSecond.toFixed(0),
            updates.publicationsPerSecond.toFixed(1),
            updates.buildMs.toFixed(1),
            String(updates.mostRetired),
            `${(updates.loss * 100).toFixed(2)} %`,
            `${(updates.lossIqr * 100).toFixed(2)} %`,
            String(updates.pairs),
          ],
        ],
  );
  if (rows.length === 0) return "";
  const headers = ["updates/s", "tables/s", "ms a table", "waiting, most", "loss", "IQR", "pairs"];
  return textTable(["while tunnels change", ...headers], rows);
}

function change(before: number | undefined, now: number | undefined): string {
  if (before === undefined || now === undefined) return "";
  const percent = (now / before - 1) * 100;
  return `${percent < 0 ? "" : "+"}${percent.toFixed(1)} %`;
}

export const judgementWords: Readonly<Record<Judgement, string>> = {
  target: "reached",
  gate: "gate kept",
  missed: "MISSED",
};

export interface GoalReport {
  readonly text: string;
  /** Gates that were not kept. */
  readonly missed: number;
}

export function formatGoals(measured: Measured): GoalReport {
  const found = goals.flatMap((goal) => {
    const value = goal.value(measured);
    return value === undefined ? [] : [{ goal, value, judgement: judge(goal, value) }];
  });
  const rows = found.map(({ goal, value, judgement }) => [
    goal.what,
    value < 10 ? value.toFixed(3) : value.toFixed(1),
    goal.gate < 10 ? String(Number(goal.gate.toFixed(3))) : String(goal.gate),
    goal.target < 10 ? String(Number(goal.target.toFixed(3))) : String(goal.target),
    judgementWords[judgement],
  ]);
  if (rows.length === 0) return { text: "", missed: 0 };
  return {
    text: textTable(["goal", "measured", "gate", "target", ""], rows),
    missed: found.filter(({ judgement }) => judgement === "missed").length,
  };
}
