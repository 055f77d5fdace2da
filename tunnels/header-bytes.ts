import type { CompiledTable } from "./compiled.js";
import type { Tenant } from "./schema/tenant.js";
import { getTunnelType, type Tunnel } from "./types/registry.js";

/** Bytes of a tunnel's headers (`TunnelType.overhead`), sent and least received. */
export interface HeaderBytes {
  readonly sent: number;
  readonly received: number;
}

/** Those of each tunnel, by member. The table's members are the tenants', in the same order. */
export function headerBytes(
  { members }: CompiledTable,
  tenants: readonly Tenant[],
): (HeaderBytes | undefined)[] {
  const documents = tenants.flatMap(({ attachments = [], tunnels = [] }) => [
    ...attachments.map(() => undefined),
    ...tunnels,
  ]);
  return members.map((member, index) => {
    const tunnel: Tunnel | undefined = documents[index];
    if (member.kind === "attachment" || tunnel === undefined) {
      return undefined;
    }
    const family = member.local.length === 4 ? 4 : 6;
    const { overhead, leastReceived = overhead } = getTunnelType(tunnel.type);
    return { sent: overhead(tunnel, family), received: leastReceived(tunnel, family) };
  });
}
