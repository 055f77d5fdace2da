/** Figures of large tables as a person reads them. */
import { textTable } from "../../../gateway/text-table.js";
import { judge } from "../goals.js";
import { judgementWords } from "../report.js";
import type { ChangeResult } from "./change.js";
import type { ScaleResult } from "./measure.js";

const mebibyte = 1024 * 1024;

export function formatScale(results: readonly ScaleResult[]): string {
  const rows = results.flatMap(({ tunnels, stages, total }) =>
    [...stages, { name: "all, with the start of the program", ...total }].map((stage) => [
      tunnels,
      stage.name,
      stage.wallMs.toFixed(0),
      stage.cpuMs.toFixed(0),
    ]),
  );
  const memory = results.map(({ tunnels, nativeBytes, heapBytes, peakBytes }) => [
    tunnels,
    (nativeBytes / mebibyte).toFixed(1),
    (nativeBytes / tunnels).toFixed(0),
    (heapBytes / mebibyte).toFixed(0),
    (peakBytes / mebibyte).toFixed(0),
  ]);
  const headers = ["tunnels", "native MiB", "bytes a tunnel", "JavaScript MiB", "peak MiB"];
  return `${textTable(["tunnels", "stage", "ms", "CPU ms"], rows)}\n${textTable(headers, memory)}`;
}

export function formatChange({ tunnels, stages, packing }: ChangeResult): string {
  const rowsOf = (list: ChangeResult["stages"]) =>
    list.map(({ name, wallMs }) => [tunnels, name, wallMs.toFixed(1)]);
  const changed = textTable(["tunnels", "one tenant changed", "ms"], rowsOf(stages));
  return `${changed}\n${textTable(["tunnels", "packed for the data path", "ms"], rowsOf(packing))}`;
}

interface Measured {
  readonly what: string;
  readonly value: number | undefined;
  readonly gate: number;
  readonly target: number;
}

export function formatGoals(
  hundredThousand: ScaleResult,
  million: ScaleResult | undefined,
  change: ChangeResult,
): { readonly text: string; readonly missed: number } {
  const changeMs = change.stages.reduce((sum, { wallMs }) => sum + wallMs, 0);
  const goals: readonly Measured[] = [
    {
      what: "100 k tunnels from files to forwarding, s",
      value: hundredThousand.total.wallMs / 1000,
      gate: 4,
      target: 2,
    },
    { what: "one tenant changed of 10 k, ms", value: changeMs, gate: 100, target: 50 },
    {
      what: "1 M tunnels in native memory, MiB",
      value: million === undefined ? undefined : million.nativeBytes / mebibyte,
      gate: 400,
      target: 256,
    },
  ];
  const judged = goals.flatMap(({ what, value, gate, target }) =>
    value === undefined
      ? []
      : [{ what, value, gate, target, judgement: judge({ gate, target }, value) }],
  );
  const rows = judged.map(({ what, value, gate, target, judgement }) => [
    what,
    value.toFixed(value < 10 ? 2 : 1),
    String(gate),
    String(target),
    judgementWords[judgement],
  ]);
  return {
    text: textTable(["goal", "measured", "gate", "target", ""], rows),
    missed: judged.filter(({ judgement }) => judgement === "missed").length,
  };
}
