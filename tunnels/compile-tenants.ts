import type { Address } from "./address/address.js";
import type { AddressBook } from "./address/address-book.js";
import { macBytes } from "./address/mac.js";
import { compilePrefix, parsePrefix } from "./address/prefix.js";
import { readTagSet } from "./check/tag-set.js";
import { checkedAddress, checkedLookup, checkedPrefix } from "./checked.js";
import type {
  CompiledAttachment,
  CompiledMember,
  CompiledPrefix,
  CompiledTenant,
  CompiledTunnel,
} from "./compiled.js";
import { type HeaderBytes, headerBytes } from "./header-bytes.js";
import { keepsInnerTags } from "./inner-tags.js";
import type { NextHops } from "./next-hops.js";
import type { Attachment } from "./schema/attachment.js";
import type { Tenant } from "./schema/tenant.js";
import { getTunnelType, type Tunnel } from "./types/registry.js";
import type { CommonCompiled } from "./types/tunnel-type.js";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const DEFAULT_TTL = 64;
const DEFAULT_ICMP_PER_SECOND = 100;

/** What a member is joined with: how many places behind it that stands, and its document. */
interface Peer {
  readonly offset: number;
  readonly member: Attachment | Tunnel;
}

/** Compiles tenants one by one, in order, each with its attachments, then its tunnels. */
export class TenantCompiler {
  readonly tenants: CompiledTenant[] = [];
  readonly members: CompiledMember[] = [];
  /** Of each member. */
  readonly headers: (HeaderBytes | undefined)[] = [];
  readonly hops: NextHops;
  private readonly portIndex: (name: string) => number;
  private readonly addresses: AddressBook;
  private readonly firstTenant: number;

  /** @param firstTenant index that the first tenant is given */
  constructor(
    portIndex: (name: string) => number,
    addresses: AddressBook,
    hops: NextHops,
    firstTenant = 0,
  ) {
    this.portIndex = portIndex;
    this.addresses = addresses;
    this.hops = hops;
    this.firstTenant = firstTenant;
  }

  /** Adds a tenant that has been checked; nothing of its document is kept. */
  add(tenant: Tenant): void {
    const { members, headers, hops, portIndex, addresses } = this;
    const index = this.firstTenant + this.tenants.length;
    const peers = peersOf(tenant);
    for (const attachment of tenant.attachments ?? []) {
      members.push(compileAttachment(attachment, index, peers, portIndex));
      headers.push(undefined);
    }
    for (const tunnel of tenant.tunnels ?? []) {
      const compiled = compileTunnel(tunnel, index, peers, hops, addresses);
      members.push(compiled);
      headers.push(headerBytes(tunnel, compiled));
    }
    const icmpPerSecond = tenant.icmpPerSecond ?? DEFAULT_ICMP_PER_SECOND;
    this.tenants.push({ name: tenant.tenant, icmpPerSecond });
  }
}

/** The member at the other end of each member's cross-connect, by name. */
function peersOf(tenant: Tenant): ReadonlyMap<string, Peer> {
  const members = new Map<string, { readonly place: number; readonly member: Peer["member"] }>();
  const lists: readonly (readonly (Attachment | Tunnel)[])[] = [
    tenant.attachments ?? [],
    tenant.tunnels ?? [],
  ];
  for (const list of lists) {
    for (const member of list) {
      members.set(member.name, { place: members.size, member });
    }
  }
  const peers = new Map<string, Peer>();
  for (const { between } of tenant.crossConnects ?? []) {
    const a = checkedLookup(members.get(between[0]), between[0]);
    const b = checkedLookup(members.get(between[1]), between[1]);
    peers.set(a.member.name, { offset: b.place - a.place, member: b.member });
    peers.set(b.member.name, { offset: a.place - b.place, member: a.member });
  }
  return peers;
}

function compileAttachment(
  attachment: Attachment,
  tenant: number,
  peers: ReadonlyMap<string, Peer>,
  portIndex: (name: string) => number,
): CompiledAttachment {
  const { name, port, keepTag, pcp, nextHopMac, mtu } = attachment;
  const compiled: Writable<CompiledAttachment> = {
    kind: "attachment",
    name,
    tenant,
    peerOffset: peers.get(name)?.offset ?? 0,
    port: portIndex(port),
    tags: checkedLookup(readTagSet(attachment), name),
    keepTag: keepTag ?? false,
    pcp: pcp ?? 0,
  };
  if (nextHopMac !== undefined) {
    compiled.nextHopMac = macBytes(nextHopMac);
  }
  if (mtu !== undefined) {
    compiled.mtu = mtu;
  }
  return compiled;
}

function compileTunnel(
  tunnel: Tunnel,
  tenant: number,
  peers: ReadonlyMap<string, Peer>,
  nextHops: NextHops,
  addresses: AddressBook,
): CompiledTunnel {
  const { name } = tunnel;
  const peer = peers.get(name);
  const local = checkedAddress(addresses.parse(tunnel.local));
  const remote = remoteOf(tunnel, addresses);
  // One literal, and what is optional set after it: of a million objects each spread would count.
  const common: Writable<CommonCompiled> = {
    kind: "tunnel",
    name,
    tenant,
    peerOffset: peer?.offset ?? 0,
    payload: "ethernet",
    local: local.bytes,
    nextHop: remote === undefined ? -1 : nextHops.indexOf(local, remote),
    acceptFrom: compileSources(tunnel.acceptFrom),
    ttl: tunnel.ttl ?? DEFAULT_TTL,
    dscp: tunnel.dscp ?? 0,
    copyDscp: tunnel.dscpDecap === "copy",
    ecn: tunnel.ecn ?? "rfc6040",
    df: tunnel.df ?? "set",
    flowLabel: tunnel.flowLabel ?? "hash",
    learnPath: tunnel.pathMtu !== "ignore",
    keepInnerTags: keepsInnerTags(tunnel, peer?.member),
    oversize: tunnel.oversize ?? "icmp",
    mssClamp: tunnel.mssClamp ?? false,
  };
  if (remote !== undefined) {
    common.remote = remote.bytes;
  }
  if (tunnel.mtu !== undefined) {
    common.mtu = tunnel.mtu;
  }
  return getTunnelType(tunnel.type).compile(tunnel, common);
}

function remoteOf({ remote }: Tunnel, addresses: AddressBook): Address | undefined {
  return remote === "any" ? undefined : checkedAddress(addresses.parse(String(remote)));
}

const REMOTE_ALONE: readonly CompiledPrefix[] = [];

function compileSources(acceptFrom: readonly string[] | undefined): readonly CompiledPrefix[] {
  return acceptFrom === undefined
    ? REMOTE_ALONE
    : acceptFrom.map((text) => compilePrefix(checkedPrefix(parsePrefix(text))));
}
