/**
 * One process, one table, one tenant's file that changes. Prints as JSON what a change costs, and
 * what it takes to pack members for the data path: all, and a tenth of the tunnels.
 * usage: node --expose-gc change.js FOLDER TENANTS
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { createDataPath, type DataPath } from "../../../native/index.js";
import { memberRecords } from "../../../native/member-records.js";
import { ChangingConfiguration, type CompiledTable } from "../../../tunnels/index.js";
import { tenantFile, tenantText, tunnelsPerTenant } from "./files.js";
import { type Stage, StageClock } from "./stages.js";

export interface ChangeResult {
  readonly tunnels: number;
  /** Medians of all rounds. */
  readonly stages: readonly Stage[];
  /** The same of packing members, by which. */
  readonly packing: readonly Stage[];
}

const rounds = 9;

/** Frees what nobody holds, native memory too, which is given back when the event loop comes round. */
async function release(): Promise<void> {
  globalThis.gc?.();
  await setImmediate();
  await setImmediate();
}

async function measure(folder: string, tenants: number): Promise<ChangeResult> {
  const configuration = new ChangingConfiguration(join(folder, "adit.json"));
  const tunnels = tenants * tunnelsPerTenant;
  const measured: (readonly Stage[])[] = [];
  // As in a running gateway there is always the table before, and none from before that.
  let before: DataPath | undefined;
  let table: CompiledTable | undefined;
  for (let round = 0; round < rounds; round++) {
    const tenant = Math.floor((tenants * round) / rounds);
    const file = tenantFile(folder, tenant);
    // Identifiers that no tenant has, and every other round a tunnel less than before.
    const firstVni = tunnels + round * tunnelsPerTenant;
    writeFileSync(file, tenantText(tenant, firstVni, tunnelsPerTenant - (round % 2)));
    await release();
    const clock = new StageClock();
    clock.begin("read, check and compile");
    const changed = configuration.change(file);
    if (changed === undefined) throw new Error("the change was not taken in");
    clock.begin("hand over, build");
    const next = createDataPath(changed.table, () => undefined);
    measured.push(clock.end());
    before?.stop();
    before = next;
    table = changed.table;
    writeFileSync(file, tenantText(tenant));
    if (configuration.change(file) === undefined) throw new Error("the way back was not taken in");
  }
  if (table === undefined) throw new Error("no round was made");
  return { tunnels, stages: medians(measured), packing: packing(table) };
}

/** As often as a stream of updates would have it done, so compiled to machine code. */
function packing({ members }: CompiledTable): readonly Stage[] {
  const tenth = members.filter(({ kind }) => kind === "tunnel").filter((_, i) => i % 10 === 0);
  const measured = Array.from({ length: 3 * rounds }, () => {
    const clock = new StageClock();
    for (const [name, list] of [
      ["all members", members],
      ["a tenth of the tunnels", tenth],
    ] as const) {
      clock.begin(name);
      const next = memberRecords(list);
      while (next() !== undefined);
    }
    return clock.end();
  });
  return medians(measured);
}

/** Of each stage by itself. */
function medians(measured: readonly (readonly Stage[])[]): Stage[] {
  const [first = []] = measured;
  return first.map(({ name }, index) => {
    const middle = (key: "wallMs" | "cpuMs") =>
      measured.map((stages) => stages[index]?.[key] ?? 0).sort((a, b) => a - b)[
        measured.length >> 1
      ] ?? 0;
    return { name, wallMs: middle("wallMs"), cpuMs: middle("cpuMs") };
  });
}

const [folder, tenants] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await measure(folder ?? "", Number(tenants)))}\n`);
