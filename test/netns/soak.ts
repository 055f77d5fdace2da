/** `npm run soak -- --minutes N`: load over a VXLAN and a GRE tunnel, 10 minutes by default. */
import { parseArgs } from "node:util";
import { missingCapabilities } from "../../deploy/lab/capabilities.js";
import { withLab } from "../../deploy/lab/lab.js";
import { residentGrowth, soak } from "./soak-run.js";

const allowedGrowthBytes = 8 * 2 ** 20;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" } } });
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= 24 * 60)) {
    process.stderr.write("usage: npm run soak -- --minutes N, N above 0 and up to 1440\n");
    return 2;
  }
  const missing = await missingCapabilities();
  if (missing.length > 0) {
    process.stderr.write(`The soak cannot run on this machine:\n  - ${missing.join("\n  - ")}\n`);
    return 1;
  }
  const report = (line: string): void => void process.stderr.write(`${line}\n`);
  const result = await withLab((lab) => soak(lab, minutes * 60, report));
  const { residentBytes, flows, counts } = result;
  const growth = residentGrowth(residentBytes);
  const said = `${(growth / 2 ** 20).toFixed(1)} MiB`;
  process.stdout.write(`${[...flows, ...counts, `memory grew by ${said}`].join("\n")}\n`);
  if (growth <= allowedGrowthBytes) return 0;
  process.stderr.write(`memory is not flat: ${said} more in the last quarter than in the second\n`);
  return 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`The soak failed: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
