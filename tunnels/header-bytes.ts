import type { AddressFamily } from "./address/address.js";
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
  const headers: (HeaderBytes | undefined)[] = new Array(members.length).fill(undefined);
  let index = 0;
  for (const { attachments = [], tunnels = [] } of tenants) {
    index += attachments.length;
    for (const tunnel of tunnels) {
      const member = members[index];
      if (member?.kind === "tunnel") {
        headers[index] = bytesOf(tunnel, member.local.length === 4 ? 4 : 6);
      }
      index++;
    }
  }
  return headers;
}

function bytesOf(tunnel: Tunnel, family: AddressFamily): HeaderBytes {
  const { overhead, leastReceived = overhead } = getTunnelType(tunnel.type);
  return { sent: overhead(tunnel, family), received: leastReceived(tunnel, family) };
}
