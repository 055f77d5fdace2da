import type { CompiledTable } from "./compiled.js";
import type { HeaderBytes } from "./header-bytes.js";
import { type PathSummary, summarisePaths } from "./path-summary.js";

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

/**
 * Sums up a table.
 * @param headers of each member
 * @param mtus IP MTU of each port where it is known
 */
export function summarise(
  table: CompiledTable,
  headers: readonly (HeaderBytes | undefined)[],
  mtus: readonly (number | undefined)[],
): Summary {
  return { tenants: countMembers(table), paths: summarisePaths(table, headers, mtus) };
}

function countMembers(table: CompiledTable): TenantSummary[] {
  const counts = table.tenants.map(({ name }) => ({
    name,
    attachments: 0,
    tunnels: 0,
    crossConnects: 0,
  }));
  for (const member of table.members) {
    const count = counts[member.tenant];
    if (count !== undefined) {
      count[member.kind === "tunnel" ? "tunnels" : "attachments"]++;
      // Both members know of a cross-connect; it is counted at the first.
      count.crossConnects += member.peerOffset > 0 ? 1 : 0;
    }
  }
  return counts;
}
