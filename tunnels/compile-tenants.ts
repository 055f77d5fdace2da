import type { Address } from "./address/address.js";
import type { AddressBook } from "./address/address-book.js";
import { vidOf } from "./check/attachments.js";
import { checkedAddress, checkedLookup } from "./checked.js";
import type {
  CompiledAttachment,
  CompiledMember,
  CompiledNextHop,
  CompiledTable,
  CompiledTunnel,
} from "./compiled.js";
import type { Attachment } from "./schema/attachment.js";
import type { Tenant } from "./schema/tenant.js";
import { findTunnelType, type SupportedTunnel, type Tunnel } from "./types/registry.js";

const DEFAULT_TTL = 64;

/** One next hop for all tunnels between the same two addresses. */
class NextHops {
  readonly list: CompiledNextHop[] = [];
  private readonly indexes = new Map<string, number>();

  indexOf(local: Address, remote: Address): number {
    const key = `${local.key} ${remote.key}`;
    let index = this.indexes.get(key);
    if (index === undefined) {
      index = this.list.push({ local: local.bytes, remote: remote.bytes }) - 1;
      this.indexes.set(key, index);
    }
    return index;
  }
}

/** Tenants in order, their members one after the other, and the next hops of all tunnels. */
export function compileTenants(
  tenants: readonly Tenant[],
  portIndex: (name: string) => number,
  addresses: AddressBook,
): Pick<CompiledTable, "tenants" | "members" | "nextHops"> {
  const nextHops = new NextHops();
  const members: CompiledMember[] = [];
  tenants.forEach((tenant, index) => {
    const peers = peersOf(tenant, members.length);
    for (const attachment of tenant.attachments ?? []) {
      members.push(compileAttachment(attachment, index, peers, portIndex));
    }
    for (const tunnel of tenant.tunnels ?? []) {
      members.push(compileTunnel(tunnel, index, peers, nextHops, addresses));
    }
  });
  return {
    tenants: tenants.map(({ tenant }) => ({ name: tenant })),
    members,
    nextHops: nextHops.list,
  };
}

/** Index of the member at the other end of each member's cross-connect, by name. */
function peersOf(tenant: Tenant, firstIndex: number): ReadonlyMap<string, number> {
  const indexes = new Map<string, number>();
  for (const { name } of [...(tenant.attachments ?? []), ...(tenant.tunnels ?? [])]) {
    indexes.set(name, firstIndex + indexes.size);
  }
  const peers = new Map<string, number>();
  for (const { between } of tenant.crossConnects ?? []) {
    const [a, b] = between;
    peers.set(a, checkedLookup(indexes.get(b), b));
    peers.set(b, checkedLookup(indexes.get(a), a));
  }
  return peers;
}

function compileAttachment(
  attachment: Attachment,
  tenant: number,
  peers: ReadonlyMap<string, number>,
  portIndex: (name: string) => number,
): CompiledAttachment {
  const { name, port, vlan, pcp, mtu } = attachment;
  return {
    kind: "attachment",
    name,
    tenant,
    peer: peers.get(name) ?? -1,
    port: portIndex(port),
    vlan: checkedLookup(vidOf(vlan), name),
    pcp: typeof pcp === "number" ? pcp : 0,
    ...(mtu === undefined ? {} : { mtu }),
  };
}

function compileTunnel(
  tunnel: Tunnel,
  tenant: number,
  peers: ReadonlyMap<string, number>,
  nextHops: NextHops,
  addresses: AddressBook,
): CompiledTunnel {
  const { name, ttl, dscp, df } = tunnel;
  const type = checkedLookup(findTunnelType(tunnel.type), tunnel.type);
  const local = checkedAddress(addresses.parse(tunnel.local));
  const remote = checkedAddress(addresses.parse(String(tunnel.remote)));
  const common = {
    kind: "tunnel",
    name,
    tenant,
    peer: peers.get(name) ?? -1,
    local: local.bytes,
    remote: remote.bytes,
    nextHop: nextHops.indexOf(local, remote),
    ttl: typeof ttl === "number" ? ttl : DEFAULT_TTL,
    dscp: typeof dscp === "number" ? dscp : 0,
    df: df !== "clear",
    // "auto" keeps tags only beside attachments that leave them on, which come later.
    keepInnerTags: false,
  } as const;
  return type.compile(tunnel as SupportedTunnel, common, local.family);
}
