/** The soak, 10 seconds of it: `npm run soak` runs as long as it is told. */
import assert from "node:assert/strict";
import { labTest } from "./lab-test.js";
import { residentGrowth, soak } from "./soak-run.js";

/** Ten seconds are too short for the collector to settle, so only runaway growth is caught here. */
const allowedGrowthBytes = 64 * 2 ** 20;

labTest("10 s of TCP and UDP both ways over VXLAN and GRE", async (lab, context) => {
  const { residentBytes, flows } = await soak(lab, 10, (line) => context.diagnostic(line));
  for (const line of flows) context.diagnostic(line);
  const growth = residentGrowth(residentBytes);
  assert.ok(growth < allowedGrowthBytes, `memory grew by ${growth} bytes`);
});
