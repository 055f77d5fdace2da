/**
 * One process, one table, one tenant's file that changes. Prints as JSON what a change costs.
 * usage: node --expose-gc change.js FOLDER TENANTS
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { createDataPath, type DataPath } from "../../../native/index.js";
import { ChangingConfiguration } from "../../../tunnels/index.js";
import { tenantFile, tenantText, tunnelsPerTenant } from "./files.js";
import { type Stage, StageClock } from "./stages.js";

export interface ChangeResult {
  readonly tunnels: number;
  /** Medians of all rounds. */
  readonly stages: readonly Stage[];
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
    writeFileSync(file, tenantText(tenant));
    if (configuration.change(file) === undefined) throw new Error("the way back was not taken in");
  }
  return { tunnels, stages: medians(measured) };
}

/** Of each stage by itself. */
function medians(measured: readonly (readonly Stage[])[]): Stage[] {
  const [first = []] = measured;
  return first.map(({ name }, index) => {
    const middle = (key: "wallMs" | "cpuMs") =>
      measured.map((stages) => stages[index]?.[key] ?? 0).sort((a, b) => a - b)[rounds >> 1] ?? 0;
    return { name, wallMs: middle("wallMs"), cpuMs: middle("cpuMs") };
  });
}

const [folder, tenants] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await measure(folder ?? "", Number(tenants)))}\n`);
