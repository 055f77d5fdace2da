import { type DataPath, dropReasons } from "../../native/index.js";
import type {
  CompiledAttachment,
  CompiledGre,
  CompiledTable,
  CompiledTags,
  CompiledTunnel,
} from "../../tunnels/index.js";
import { counterDocument } from "../counters.js";
import { formatAddress, formatMac } from "../names.js";
import { pathState } from "./path-state.js";

/** What `show` speaks of: the table that is forwarding, and the data path that does it. */
export interface Shown {
  readonly table: CompiledTable;
  readonly dataPath: DataPath;
}

/** Builds the JSON document of one `show` topic; rows are those of `name` where it is given. */
type Topic = (shown: Shown, name: string | undefined, counters: boolean) => object;

const topics = {
  tenants: showTenants,
  tunnels: showTunnels,
  attachments: showAttachments,
  ports: showPorts,
  routes: showRoutes,
  neighbors: showNeighbors,
  workers: showWorkers,
  drops: showDrops,
} as const satisfies Record<string, Topic>;

export type TopicName = keyof typeof topics;
export const topicNames = Object.keys(topics) as TopicName[];

export function isTopic(word: string): word is TopicName {
  return Object.hasOwn(topics, word);
}

export function showDocument(
  topic: TopicName,
  shown: Shown,
  name: string | undefined,
  counters: boolean,
): object {
  return topics[topic](shown, name, counters);
}

function isNamed(row: { readonly name: string }, name: string | undefined): boolean {
  return name === undefined || row.name === name;
}

function showTenants(
  { table, dataPath }: Shown,
  name: string | undefined,
  counters: boolean,
): object {
  const drops = counters ? dataPath.totals().tenantDrops : [];
  const rows = table.tenants.map((tenant) => ({ name: tenant.name, attachments: 0, tunnels: 0 }));
  for (const member of table.members) {
    const row = rows[member.tenant];
    if (row === undefined) continue;
    if (member.kind === "tunnel") row.tunnels++;
    else row.attachments++;
  }
  const withDrops = rows.map((row, index) =>
    counters ? { ...row, dropped: drops[index] ?? {} } : row,
  );
  return { tenants: withDrops.filter((row) => isNamed(row, name)) };
}

function showTunnels(
  { table, dataPath }: Shown,
  name: string | undefined,
  counters: boolean,
): object {
  const totals = counters ? dataPath.totals().members : [];
  const nextHops = dataPath.nextHops();
  const sizes = dataPath.memberSizes();
  const tunnels = table.members.flatMap((member, index) => {
    if (member.kind !== "tunnel" || !isNamed(member, name)) return [];
    const hop = nextHops[member.nextHop];
    return {
      tenant: tenantName(table, member),
      name: member.name,
      type: member.type,
      ...identity(member),
      local: formatAddress(member.local),
      remote: member.remote === undefined ? "any" : formatAddress(member.remote),
      state: member.remote === undefined ? "receive_only" : (hop?.status ?? "no_route"),
      ...(hop?.status === "up" ? { port: table.ports[hop.port]?.name } : {}),
      ...sizes[index],
      ...pathState(member, hop),
      ...(counters ? totals[index] : {}),
    };
  });
  return { tunnels };
}

function identity(tunnel: CompiledTunnel): object {
  switch (tunnel.type) {
    case "vxlan":
    case "geneve":
      return { vni: tunnel.vni, udpPort: tunnel.udpPort };
    case "nvgre":
      return { vsid: tunnel.vsid };
    case "gre":
      return { payload: tunnel.payload, ...keyOf(tunnel) };
  }
}

/** As a tunnel file writes it. */
function keyOf({ sendKey: send, receiveKey: receive }: CompiledGre): object {
  if (send === undefined) return {};
  return { key: send === receive ? send : { send, receive } };
}

function showAttachments(
  { table, dataPath }: Shown,
  name: string | undefined,
  counters: boolean,
): object {
  const totals = counters ? dataPath.totals().members : [];
  const sizes = dataPath.memberSizes();
  const attachments = table.members.flatMap((member, index) => {
    if (member.kind !== "attachment" || !isNamed(member, name)) return [];
    return {
      tenant: tenantName(table, member),
      name: member.name,
      port: table.ports[member.port]?.name,
      vlan: vlanOf(member.tags),
      ...(member.keepTag ? { keepTag: true } : {}),
      ...sizes[index],
      ...(counters ? totals[index] : {}),
    };
  });
  return { attachments };
}

/** As a tunnel file writes it. */
function vlanOf(tags: CompiledTags): unknown {
  switch (tags.match) {
    case "untagged":
    case "any":
      return tags.match;
    case "single":
      return tags.vid;
    case "double":
    case "outer": {
      const inner = tags.match === "double" ? tags.inner : "any";
      return { outer: tags.outer, inner, outerTpid: `0x${tags.outerTpid.toString(16)}` };
    }
  }
}

function tenantName(table: CompiledTable, member: CompiledAttachment | CompiledTunnel): string {
  return table.tenants[member.tenant]?.name ?? "";
}

function showPorts(
  { table, dataPath }: Shown,
  name: string | undefined,
  counters: boolean,
): object {
  const totals = counters ? dataPath.totals().ports : [];
  const ports = dataPath.ports().map((info, index) => {
    const { mac, rxDropped, rxRingFull, rxFillRingEmpty, rxInvalid, txInvalid, ...facts } = info;
    const sockets = { rxDropped, rxRingFull, rxFillRingEmpty, rxInvalid, txInvalid };
    return {
      name: table.ports[index]?.name ?? "",
      ...facts,
      mac: formatMac(mac),
      rss: info.rss ?? "not told",
      takesTunnels: table.ports[index]?.takesTunnels ?? false,
      tunnelVlan: info.tunnelVlan === 0 ? null : info.tunnelVlan,
      ...(counters ? { ...totals[index], sockets } : {}),
    };
  });
  return { ports: ports.filter((row) => isNamed(row, name)) };
}

function showRoutes({ table, dataPath }: Shown): object {
  const nextHops = dataPath.nextHops();
  const routes = table.nextHops.map(({ local, remote }, index) => {
    const hop = nextHops[index];
    const known = hop !== undefined && hop.status !== "no_route";
    return {
      local: formatAddress(local),
      remote: formatAddress(remote),
      state: hop?.status ?? "no_route",
      ...(known ? { port: table.ports[hop.port]?.name, mtu: hop.mtu } : {}),
      ...(hop?.status === "up" ? { nextHopMac: formatMac(hop.destination) } : {}),
    };
  });
  return { routes };
}

function showNeighbors({ table, dataPath }: Shown): object {
  const neighbors = dataPath.neighbors().map((neighbor) => ({
    address: formatAddress(neighbor.address),
    port: table.ports[neighbor.port]?.name,
    mac: formatMac(neighbor.mac),
    state: neighbor.state,
    used: neighbor.used,
  }));
  return { neighbors };
}

function showWorkers({ dataPath }: Shown): object {
  const workers = dataPath.workers().map((info, worker) => ({
    worker,
    cpu: info.cpu < 0 ? null : info.cpu,
    received: info.received,
    sent: info.sent,
    frames: info.frames,
    loops: info.loops,
    busyLoops: info.busyLoops,
    heartbeatMs: info.heartbeatMs,
  }));
  return { workers };
}

function showDrops({ table, dataPath }: Shown): object {
  const document = counterDocument(table, dataPath.totals());
  const reasons = new Map(dropReasons.map(({ word, meaning }) => [word, meaning]));
  const meanings = Object.fromEntries(
    Object.keys(document.dropped).map((word) => [word, reasons.get(word) ?? ""]),
  );
  return { ...document, meanings };
}
