import { roomForPush, sharedHeadroom } from "./check/headroom.js";
import { mayPushTag, pushBytes, UNDERLAY_TAG_BYTES } from "./check/push.js";
import { movedTagBytes, tagBytes } from "./check/tag-set.js";
import type { CompiledMember, CompiledTable } from "./compiled.js";
import type { HeaderBytes } from "./header-bytes.js";
import { memberPorts } from "./static-routes.js";

/** The way of frames from one member of a cross-connect to the other. */
export interface PathSummary {
  readonly tenant: string;
  readonly kind: `${CompiledMember["kind"]}-${CompiledMember["kind"]}`;
  /** Names of the members. */
  readonly from: string;
  readonly to: string;
  /** Name of the port that frames come in by, where it is known. */
  readonly port?: string;
  /** Name of the port that they leave by, where it is known. */
  readonly outPort?: string;
  /** Bytes needed in front of the frame as it was received, at most: a tag that may be found counts. */
  readonly push: number;
  /** Bytes that a push may take. */
  readonly room: number;
  /** Bytes that headers, and tags that are always kept inside, take of the underlay's IP MTU. */
  readonly overhead: number;
  /** Largest IP packet that fits the way out, bytes; absent while that port's MTU is not known. */
  readonly innerMtu?: number;
}

/** What the ends of paths are looked up in. */
interface Facts {
  readonly table: CompiledTable;
  /** By member. */
  readonly headers: readonly (HeaderBytes | undefined)[];
  readonly mtus: readonly (number | undefined)[];
  readonly rooms: readonly number[];
  /** Port of a member, by its index; undefined: the kernel's routes decide. */
  readonly portOf: (index: number) => number | undefined;
}

/**
 * Sums up every cross-connect: from an attachment into its tunnel, and both ways where it joins
 * two of a kind. Nothing leads into a tunnel that only receives.
 * @param headers of each member
 * @param mtus IP MTU of each port where it is known
 */
export function summarisePaths(
  table: CompiledTable,
  headers: readonly (HeaderBytes | undefined)[],
  mtus: readonly (number | undefined)[],
): PathSummary[] {
  const shared = sharedHeadroom(table.ports);
  const facts: Facts = {
    table,
    headers,
    mtus,
    rooms: table.ports.map((port) => roomForPush(port, shared)),
    portOf: memberPorts(table),
  };
  const paths: PathSummary[] = [];
  table.members.forEach((from, index) => {
    const to = from.peerOffset === 0 ? undefined : table.members[index + from.peerOffset];
    const isWayBack = from.kind === "tunnel" && to?.kind === "attachment";
    const isDeadEnd = to === undefined || (to.kind === "tunnel" && to.remote === undefined);
    if (!isWayBack && !isDeadEnd) {
      paths.push(summarisePath(from, index, to, facts));
    }
  });
  return paths;
}

function summarisePath(
  from: CompiledMember,
  index: number,
  to: CompiledMember,
  facts: Facts,
): PathSummary {
  const { table, mtus, headers, portOf } = facts;
  const peer = index + from.peerOffset;
  const [port, outPort] = [portOf(index), portOf(peer)];
  const portName = port === undefined ? undefined : table.ports[port]?.name;
  const outName = outPort === undefined ? undefined : table.ports[outPort]?.name;
  const popped = { kind: from.kind, bytes: poppedBytes(from, index, port, facts) };
  const pushed = { kind: to.kind, bytes: pushedBytes(to, peer, outPort, facts) };
  const overhead = (headers[peer]?.sent ?? 0) + keptTagBytes(from, to);
  const mtu = outPort === undefined ? undefined : mtus[outPort];
  const limit = sizeLimit(to, facts.headers[peer]?.sent ?? 0, mtu);
  return Object.assign(
    { tenant: table.tenants[from.tenant]?.name ?? "", kind: kindOf(from, to) },
    { from: from.name, to: to.name },
    portName === undefined ? undefined : { port: portName },
    outName === undefined ? undefined : { outPort: outName },
    { push: pushBytes(popped, pushed), room: roomOf(port, facts), overhead },
    limit === undefined ? undefined : { innerMtu: limit - overhead },
  );
}

/** One text a kind, not one a path. */
function kindOf(from: CompiledMember, to: CompiledMember): PathSummary["kind"] {
  const kinds = {
    attachment: { attachment: "attachment-attachment", tunnel: "attachment-tunnel" },
    tunnel: { attachment: "tunnel-attachment", tunnel: "tunnel-tunnel" },
  } as const;
  return kinds[from.kind][to.kind];
}

/** Largest IP packet sent by a member, outer headers included, as the data path works it out. */
function sizeLimit(
  to: CompiledMember,
  headers: number,
  portMtu: number | undefined,
): number | undefined {
  const own = to.mtu === undefined ? undefined : to.mtu + headers;
  return own === undefined || portMtu === undefined ? portMtu : Math.min(own, portMtu);
}

function poppedBytes(
  member: CompiledMember,
  index: number,
  port: number | undefined,
  facts: Facts,
) {
  if (member.kind === "attachment") {
    return movedTagBytes(member.tags, member.keepTag);
  }
  const isTagged = port !== undefined && facts.table.ports[port]?.tunnelVlan !== undefined;
  return (facts.headers[index]?.received ?? 0) + (isTagged ? UNDERLAY_TAG_BYTES : 0);
}

/** On a way out that only the kernel knows, a tag is counted if any port may have one. */
function pushedBytes(
  member: CompiledMember,
  index: number,
  port: number | undefined,
  facts: Facts,
) {
  if (member.kind === "attachment") {
    return movedTagBytes(member.tags, member.keepTag);
  }
  const { ports } = facts.table;
  const out = port === undefined ? ports : ports.slice(port, port + 1);
  const isTagged = out.some((one) => mayPushTag(one.tunnelVlan, one.interface));
  return (facts.headers[index]?.sent ?? 0) + (isTagged ? UNDERLAY_TAG_BYTES : 0);
}

/** Bytes of tags of the way in that are in every frame inside the tunnel. */
function keptTagBytes(from: CompiledMember, to: CompiledMember): number {
  const isKept = from.kind === "attachment" && from.keepTag;
  return isKept && to.kind === "tunnel" && to.payload === "ethernet" ? tagBytes(from.tags) : 0;
}

/** Frames of a tunnel may come in by every port that takes them, where it is not known by which. */
function roomOf(port: number | undefined, { table, rooms }: Facts): number {
  if (port !== undefined) {
    return rooms[port] ?? 0;
  }
  const takers = rooms.filter((_, index) => table.ports[index]?.takesTunnels);
  return Math.min(...takers);
}
