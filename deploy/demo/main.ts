/**
 * `npm run demo`: two tenants with the same addresses, each behind a gateway that carries them over
 * a tunnel of another kind to a peer of another make.
 *
 *   acme host --untagged--------------.                    .-- vxlan -- Linux kernel vxlan device
 *                                      gateway -- router --
 *   globex host -- switch --VLAN 200--'                    '-- gre ---- Open vSwitch userspace
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { missingCapabilities } from "../lab/capabilities.js";
import { Gateway } from "../lab/gateway.js";
import { Lab } from "../lab/lab.js";
import { buildScenario, type Scenario } from "../lab/scenario.js";
import type { TenantPlan } from "../lab/tenant-plan.js";
import { Checks, detail, say, step } from "./console.js";
import { thingsToTry } from "./keep.js";
import { checkTunnelCounts, type Measurement, measure, settledTunnels } from "./measure.js";
import { formatDrops, formatSummary } from "./summary.js";

const plans: readonly TenantPlan[] = [
  { name: "acme", tunnel: { type: "vxlan", vni: 5001 }, peer: "kernel", site: "east" },
  { name: "globex", tunnel: { type: "gre", key: 7001 }, peer: "ovs", site: "west", vlan: 200 },
];

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { keep: { type: "boolean", default: false } } });
  const missing = await missingCapabilities();
  if (missing.length > 0) {
    process.stderr.write(`The demo cannot run on this machine:\n  - ${missing.join("\n  - ")}\n`);
    return 1;
  }
  const lab = new Lab();
  try {
    const checks = new Checks();
    const kept = await demonstrate(lab, checks);
    const exitCode = checks.failed.length === 0 ? 0 : 1;
    if (values.keep) await keep(kept.scenario, kept.gateway, exitCode);
    return exitCode;
  } finally {
    step("Taking everything down");
    lab.close();
  }
}

interface Running {
  readonly scenario: Scenario;
  readonly gateway: Gateway;
}

async function demonstrate(lab: Lab, checks: Checks): Promise<Running> {
  step(`Building the lab: namespaces ${lab.id}-*, files in ${lab.folder}`);
  const scenario = await buildScenario(lab, plans);
  for (const { plan, host, peer } of scenario.tenants) {
    detail(`${plan.name}: host in ${host.name}, peer in ${peer.namespace.name}: ${peer.kind}`);
  }
  const gateway = await startGateway(scenario, checks);
  const measurements: Measurement[] = [];
  let before = await settledTunnels(gateway);
  for (const tenant of scenario.tenants) {
    step(`Traffic of ${tenant.plan.name}: pings, then TCP both ways (iperf3)`);
    measurements.push(await measure(tenant, checks));
    const after = await settledTunnels(gateway);
    checkTunnelCounts(tenant.plan.name, before, after, checks);
    before = after;
  }
  await showResult(gateway, measurements, checks);
  return { scenario, gateway };
}

async function startGateway(scenario: Scenario, checks: Checks): Promise<Gateway> {
  const { gateway: namespace, gatewayFile, tenants } = scenario;
  for (const file of [gatewayFile, ...tenants.map((tenant) => tenant.tunnelFile)]) {
    step(`Wrote ${file}`);
    detail(await readFile(file, "utf8"));
  }
  step("adit validate");
  const { exitCode, stdout, stderr } = await Gateway.validate(namespace, gatewayFile);
  detail(stdout + stderr);
  checks.check(exitCode === 0, "adit validate", `exit ${exitCode}`);
  step("adit run, until adit status calls it healthy");
  const gateway = await Gateway.start(namespace, gatewayFile);
  detail((await gateway.command("status")).stdout);
  return gateway;
}

async function showResult(
  gateway: Gateway,
  measurements: readonly Measurement[],
  checks: Checks,
): Promise<void> {
  step("Result");
  try {
    const sum = await gateway.settledAccounting();
    checks.check(true, "accounting holds", sum.sentence);
    say(`\n${formatDrops(await gateway.counters(), sum)}\n`);
  } catch (error) {
    checks.check(false, "accounting holds", String(error));
  }
  say(`${formatSummary(measurements, await gateway.tunnels())}\n`);
  say(checks.summary());
}

/** Waits for the signal that ends the program, and with it the lab. */
async function keep(scenario: Scenario, gateway: Gateway, exitCode: number): Promise<void> {
  say(`\n${thingsToTry(scenario, gateway)}\n\nCtrl-C takes everything down.`);
  process.exitCode = exitCode;
  await gateway.process.exited;
  process.stderr.write("The gateway has ended, so the demo ends too.\n");
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`The demo failed: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
