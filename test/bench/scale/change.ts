/**
 * One process, one table, one tenant's file that changes. Prints as JSON what the change costs.
 * usage: node --expose-gc change.js FOLDER TENANTS
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createDataPath } from "../../../native/index.js";
import { tenantFile, tenantText, tunnelsPerTenant } from "./files.js";
import { load, type Stage, StageClock } from "./stages.js";

export interface ChangeResult {
  readonly tunnels: number;
  readonly stages: readonly Stage[];
}

function measure(folder: string, tenants: number): ChangeResult {
  const file = join(folder, "adit.json");
  load(file, new StageClock());
  const changed = Math.floor(tenants / 2);
  writeFileSync(tenantFile(folder, changed), tenantText(changed, tenants * tunnelsPerTenant));
  const clock = new StageClock();
  const { table } = load(file, clock);
  clock.begin("native");
  createDataPath(table, () => undefined);
  const stages = clock.end();
  writeFileSync(tenantFile(folder, changed), tenantText(changed));
  return { tunnels: tenants * tunnelsPerTenant, stages };
}

const [folder, tenants] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(measure(folder ?? "", Number(tenants)))}\n`);
