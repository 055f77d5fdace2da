import { sites } from "./fabric.js";
import { controlSocket } from "./gateway.js";
import type { JsonObject } from "./json-file.js";
import type { Tunnel } from "./tunnel.js";

/** What a tenant of the lab wants. Each sits at an underlay site of its own. */
export interface TenantPlan {
  readonly name: string;
  readonly tunnel: Tunnel;
  readonly peer: "kernel" | "ovs";
  readonly site: "east" | "west";
  /** The outer IP version; 4 unless given. */
  readonly outer?: 4 | 6;
  /** The host is tagged on the way to the gateway; untagged, on a port of its own, without. */
  readonly vlan?: number;
  /** More keys for the tunnel in the tunnel file, such as `ttl`. */
  readonly tunnelKeys?: JsonObject;
}

/** The gateway's interface to the fabric, as that of every site. */
export const underlayDevice = "underlay";
export const trunkDevice = "trunk";

/** Both ends of a tenant's tunnel. */
export function outerAddresses({ site, outer = 4 }: TenantPlan): { gateway: string; peer: string } {
  const family = outer === 4 ? "ipv4" : "ipv6";
  return { gateway: sites.gateway[family], peer: sites[site][family] };
}

/** The gateway's port, and interface, that a tenant's host is behind. */
export function accessPort(plan: TenantPlan): string {
  return plan.vlan === undefined ? `lan-${plan.name}` : trunkDevice;
}

/** The gateway file; `more` goes into every port. */
export function gatewayDocument(
  folder: string,
  plans: readonly TenantPlan[],
  more: JsonObject = {},
): JsonObject {
  const names = new Set([underlayDevice, ...plans.map(accessPort)]);
  return {
    ports: [...names].map((name) => ({ name, interface: name, ...more })),
    tunnelFiles: ["tunnels.d/*.json"],
    listen: { control: controlSocket(folder) },
  };
}

export function tenantDocument(plan: TenantPlan): JsonObject {
  const { gateway: local, peer: remote } = outerAddresses(plan);
  const tag = plan.vlan === undefined ? {} : { vlan: plan.vlan };
  return {
    tenant: plan.name,
    attachments: [{ name: "lan", port: accessPort(plan), ...tag }],
    tunnels: [{ name: "wan", ...plan.tunnel, local, remote, ...plan.tunnelKeys }],
    crossConnects: [{ between: ["lan", "wan"] }],
  };
}
