import type { Lab } from "../../deploy/lab/lab.js";
import {
  buildScenario,
  type Scenario,
  type ScenarioOptions,
  type Tenant,
} from "../../deploy/lab/scenario.js";
import type { TenantPlan } from "../../deploy/lab/tenant-plan.js";

/** The plainest tenant: untagged, through VXLAN to the kernel, across a router. */
export const plainPlan: TenantPlan = {
  name: "acme",
  tunnel: { type: "vxlan", vni: 5001 },
  peer: "kernel",
  site: "east",
};

/** A gateway's surroundings with one tenant. */
export async function buildOneTenant(
  lab: Lab,
  plan: TenantPlan = plainPlan,
  options: ScenarioOptions = {},
): Promise<Scenario & Tenant> {
  const scenario = await buildScenario(lab, [plan], options);
  const [tenant] = scenario.tenants;
  if (tenant === undefined) throw new Error("no tenant was built");
  return { ...scenario, ...tenant };
}
