import { roomForPush, sharedHeadroom } from "./check/headroom.js";
import type { CompiledMember, CompiledTable, CompiledTunnel } from "./compiled.js";
import { staticRoutes } from "./static-routes.js";
import { getTunnelType } from "./types/registry.js";

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

/** The way of frames from an attachment into a tunnel. */
export interface PathSummary {
  readonly tenant: string;
  readonly attachment: string;
  readonly tunnel: string;
  /** Names of the port that frames come in by, and, where known, of the one they leave by. */
  readonly port: string;
  readonly underlayPort?: string;
  /** Bytes pushed in front of the inner frame. */
  readonly push: number;
  /** Bytes that a push may take. */
  readonly room: number;
  /** Bytes that the tunnel takes of the underlay's IP MTU. */
  readonly overhead: number;
  /** Largest inner IP packet, bytes; absent while the underlay's MTU is not known. */
  readonly innerMtu?: number;
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

export function summarise(
  table: CompiledTable,
  interfaces: ReadonlyMap<string, InterfaceFacts>,
): Summary {
  const mtus = knownMtus(table, interfaces);
  const shared = sharedHeadroom(table.ports);
  const rooms = table.ports.map((port) => roomForPush(port, shared));
  const findPort = underlayPorts(table);
  const paths: PathSummary[] = [];
  for (const member of table.members) {
    const peer = table.members[member.peer];
    if (member.kind !== "attachment" || peer?.kind !== "tunnel") {
      continue;
    }
    const overhead = overheadOf(peer);
    const underlay = findPort(peer);
    const mtu = underlay === undefined ? undefined : mtus[underlay];
    paths.push({
      tenant: table.tenants[member.tenant]?.name ?? "",
      attachment: member.name,
      tunnel: peer.name,
      port: table.ports[member.port]?.name ?? "",
      ...(underlay === undefined ? {} : { underlayPort: table.ports[underlay]?.name ?? "" }),
      push: overhead,
      room: rooms[member.port] ?? 0,
      overhead,
      ...(mtu === undefined ? {} : { innerMtu: mtu - overhead }),
    });
  }
  return { tenants: countMembers(table), paths };
}

function overheadOf(tunnel: CompiledTunnel): number {
  const options = "key" in tunnel ? { key: tunnel.key } : {};
  return getTunnelType(tunnel.type).overhead(options, tunnel.local.length === 4 ? 4 : 6);
}

/** The port a tunnel's packets leave by: the static route's, or the only one that takes tunnels. */
function underlayPorts(table: CompiledTable): (tunnel: CompiledTunnel) => number | undefined {
  const find = staticRoutes(table);
  const takers = table.ports.flatMap(({ takesTunnels }, port) => (takesTunnels ? [port] : []));
  const only = takers.length === 1 ? takers[0] : undefined;
  const byNextHop = table.nextHops.map(({ remote }) => find(remote) ?? only);
  return ({ nextHop }) => byNextHop[nextHop];
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
      addMember(count, member);
    }
  }
  return counts;
}

/** A cross-connect has one attachment, so counting joined attachments counts cross-connects. */
function addMember(
  count: { attachments: number; tunnels: number; crossConnects: number },
  member: CompiledMember,
): void {
  if (member.kind === "tunnel") {
    count.tunnels++;
    return;
  }
  count.attachments++;
  count.crossConnects += member.peer >= 0 ? 1 : 0;
}
