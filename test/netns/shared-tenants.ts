import { Gateway } from "../../deploy/lab/gateway.js";
import type { Lab } from "../../deploy/lab/lab.js";
import type { SharedPlan } from "../../deploy/lab/shared-far-ends.js";
import { buildShared, type SharedScenario } from "../../deploy/lab/shared-scenario.js";
import { expectReachable } from "./expectations.js";

export type RunningTenants = SharedScenario & { readonly running: Gateway };

/** Many tenants behind a gateway that runs; hosts and far ends have found each other. */
export async function buildTenants(
  lab: Lab,
  plans: readonly SharedPlan[],
  mtu: number,
): Promise<RunningTenants> {
  const scenario = await buildShared(lab, plans, mtu);
  const running = await Gateway.start(scenario.gateway, scenario.gatewayFile);
  for (const { inner } of scenario.tenants) {
    await expectReachable(scenario.hosts, inner.peer);
    await expectReachable(scenario.hosts, inner.peer6);
  }
  return { ...scenario, running };
}
