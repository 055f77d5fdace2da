import { formatAddress } from "../names.js";
import type { Shown } from "./documents.js";

export interface StatusProblem {
  /** What is wrong, such as `port underlay`. */
  readonly what: string;
  readonly why: string;
}

export interface StatusDocument {
  readonly healthy: boolean;
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly tenants: number;
  readonly tunnels: number;
  readonly problems: readonly StatusProblem[];
  /** Problems beyond those listed. */
  readonly moreProblems: number;
}

/** A worker that has been silent for longer is stuck. */
const heartbeatLimitMs = 1000;
const mostProblems = 50;

/** Whether everything is up, and if not, what and why. */
export function statusDocument(shown: Shown, version: string): StatusDocument {
  const problems = [
    ...portProblems(shown),
    ...workerProblems(shown),
    ...localProblems(shown),
    ...nextHopProblems(shown),
  ];
  return {
    healthy: problems.length === 0,
    version,
    uptimeSeconds: Math.floor(process.uptime()),
    tenants: shown.table.tenants.length,
    tunnels: shown.table.members.filter(({ kind }) => kind === "tunnel").length,
    problems: problems.slice(0, mostProblems),
    moreProblems: Math.max(0, problems.length - mostProblems),
  };
}

function portProblems({ table, dataPath }: Shown): StatusProblem[] {
  return dataPath.ports().flatMap((port, index) => {
    const what = `port ${table.ports[index]?.name}`;
    if (!port.present) return { what, why: `interface ${port.interface} is gone` };
    if (!port.up) return { what, why: `interface ${port.interface} is down or has no carrier` };
    return [];
  });
}

function workerProblems({ dataPath }: Shown): StatusProblem[] {
  return dataPath.workers().flatMap(({ heartbeatMs }, index) => {
    if (heartbeatMs <= heartbeatLimitMs) return [];
    return { what: `worker ${index}`, why: `silent for ${heartbeatMs} ms` };
  });
}

/** Peers send to the local addresses: one that the host does not have is never asked for by ARP. */
function localProblems({ table, dataPath }: Shown): StatusProblem[] {
  const given = new Set(
    table.ports.flatMap(({ addresses }) => addresses.map(({ address }) => formatAddress(address))),
  );
  const tunnels = table.members.filter((member) => member.kind === "tunnel");
  const locals = new Map(tunnels.map(({ local }) => [formatAddress(local), local]));
  return [...locals].flatMap(([text, local]) => {
    if (given.has(text) || dataPath.hasAddress(local)) return [];
    return { what: `local address ${text}`, why: "no interface of this host has it" };
  });
}

const nextHopReasons = {
  no_route: "no route out of a port that is in the gateway file",
  resolving: "its next hop's MAC address is being asked for",
  no_neighbor: "its next hop does not answer ARP or neighbor discovery",
  port_down: "the port on its way is down",
} as const;

function nextHopProblems({ table, dataPath }: Shown): StatusProblem[] {
  return dataPath.nextHops().flatMap(({ status }, index) => {
    const nextHop = table.nextHops[index];
    if (status === "up" || nextHop === undefined) return [];
    return { what: `remote ${formatAddress(nextHop.remote)}`, why: nextHopReasons[status] };
  });
}
