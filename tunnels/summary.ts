import type { CompiledTable } from "./compiled.js";
import { type PathSummary, summarisePaths } from "./path-summary.js";
import type { Tenant } from "./schema/tenant.js";

/** What a caller who has looked at an interface knows of it. */
export interface InterfaceFacts {
  /** IP MTU, bytes. */
  readonly mtu?: number;
}

export interface TenantSummary {
  readonly name: string;
  readonly attachments: number;
  readonly tunnels: number;
  readonly crossConnects: number;
}

/** What `adit validate` prints of a valid configuration. */
export interface Summary {
  readonly tenants: readonly TenantSummary[];
  readonly paths: readonly PathSummary[];
}

/** IP MTU of each port: the file's, the interface's, 1500 without an interface; else unknown. */
export function knownMtus(
  table: CompiledTable,
  interfaces: ReadonlyMap<string, InterfaceFacts>,
): (number | undefined)[] {
  return table.ports.map((port) => {
    const ofInterface = port.interface === undefined ? 1500 : interfaces.get(port.interface)?.mtu;
    return port.mtu ?? ofInterface;
  });
}

/** Sums up a table and the tenants it was compiled from. */
export function summarise(
  table: CompiledTable,
  tenants: readonly Tenant[],
  interfaces: ReadonlyMap<string, InterfaceFacts>,
): Summary {
  const paths = summarisePaths(table, tenants, knownMtus(table, interfaces));
  return { tenants: countMembers(table), paths };
}

function countMembers(table: CompiledTable): TenantSummary[] {
  const counts = table.tenants.map(({ name }) => ({
    name,
    attachments: 0,
    tunnels: 0,
    crossConnects: 0,
  }));
  table.members.forEach((member, index) => {
    const count = counts[member.tenant];
    if (count !== undefined) {
      count[member.kind === "tunnel" ? "tunnels" : "attachments"]++;
      // Both members know of a cross-connect; it is counted at the first.
      count.crossConnects += member.peer > index ? 1 : 0;
    }
  });
  return counts;
}
