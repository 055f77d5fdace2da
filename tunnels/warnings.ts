import { formatAddress } from "./address/prefix.js";
import { fitsFrame, frameSizeOf } from "./check/headroom.js";
import { at, type Place } from "./check/place.js";
import type { Problems } from "./check/problems.js";
import type { CompiledPort, CompiledTable } from "./compiled.js";
import type { PathSummary } from "./path-summary.js";
import { staticRoutes } from "./static-routes.js";

/**
 * Warns of what is valid but may not do what was meant.
 * @param gateway the gateway file's root
 * @param mtus IP MTU of each port where it is known
 */
export function warnAboutTable(
  gateway: Place,
  table: CompiledTable,
  paths: readonly PathSummary[],
  mtus: readonly (number | undefined)[],
  problems: Problems,
): void {
  if (table.ports.length === 0) {
    problems.warn(gateway, "ADIT-3009", { message: "there are no ports", fix: 'add "ports"' });
  }
  table.ports.forEach((port, index) => {
    warnAboutPort(at(gateway, "ports", index), port, mtus[index], problems);
  });
  warnAboutRemotes(gateway, table, problems);
  warnAboutSmallPaths(gateway, table, paths, mtus, problems);
  warnAboutIpv6(gateway, paths, problems);
}

function warnAboutPort(
  place: Place,
  port: CompiledPort,
  mtu: number | undefined,
  problems: Problems,
): void {
  if (port.interface === undefined) {
    problems.warn(place, "ADIT-3001", {
      message: `port "${port.name}" has no interface: \`run\` cannot use it`,
      fix: 'add "interface"',
    });
  }
  const frameSize = frameSizeOf(port, mtu);
  if (mtu !== undefined && !fitsFrame(port, mtu, frameSize)) {
    problems.warn(place, "ADIT-3003", {
      message:
        `packets of MTU ${mtu} do not fit one frame of ${frameSize} bytes: ` +
        "`run` needs Linux 6.6 or later and a driver that lets them take several",
      fix:
        frameSize === 2048
          ? 'write "frameSize": 4096, or see that the port can'
          : "see that the port can, or lower the MTU or the headroom",
    });
  }
}

/** Remotes named one by one; of a large table the rest is counted. */
const NAMED_REMOTES = 100;

/** With an interface the kernel may know routes that the file does not name. */
function warnAboutRemotes(gateway: Place, table: CompiledTable, problems: Problems): void {
  const find = staticRoutes(table);
  const isLab = table.ports.every((port) => port.interface === undefined);
  const seen = new Set<string>();
  let unnamed = 0;
  for (const { remote } of table.nextHops) {
    const port = find(remote);
    const isTaken = port === undefined ? !isLab : table.ports[port]?.takesTunnels === true;
    const key = isTaken ? "" : remote.join(".");
    if (isTaken || seen.has(key)) {
      continue;
    }
    seen.add(key);
    if (seen.size > NAMED_REMOTES) {
      unnamed++;
    } else {
      const name = port === undefined ? undefined : table.ports[port]?.name;
      warnAboutRemote(gateway, formatAddress(remote), name, problems);
    }
  }
  if (unnamed > 0) {
    const message = `${unnamed} more remotes have no route, or one out of a port without tunnels`;
    problems.warn(gateway, "ADIT-3006", { message, fix: 'complete "routes"' });
  }
}

function warnAboutRemote(
  gateway: Place,
  remote: string,
  port: string | undefined,
  problems: Problems,
): void {
  if (port === undefined) {
    const fix = 'add one to "routes", or "addresses" to a port';
    problems.warn(gateway, "ADIT-3006", { message: `the remote ${remote} has no route`, fix });
    return;
  }
  const message = `the remote ${remote} is routed out of "${port}", which takes no tunnel packets`;
  const fix = 'write "tunnels": true there, or route it out of another port';
  problems.warn(gateway, "ADIT-3005", { message, fix });
}

/** One warning for all paths: with equal MTUs on both sides every path is one of them. */
function warnAboutSmallPaths(
  gateway: Place,
  table: CompiledTable,
  paths: readonly PathSummary[],
  mtus: readonly (number | undefined)[],
  problems: Problems,
): void {
  const portMtu = new Map(table.ports.map(({ name }, index) => [name, mtus[index]]));
  let count = 0;
  let first: PathSummary | undefined;
  let needed = 0;
  for (const path of paths) {
    const isIntoTunnel = path.kind === "attachment-tunnel";
    const tenantMtu = isIntoTunnel ? portMtu.get(path.port ?? "") : undefined;
    if (path.innerMtu !== undefined && tenantMtu !== undefined && path.innerMtu < tenantMtu) {
      count++;
      first ??= path;
      needed = Math.max(needed, tenantMtu + path.overhead);
    }
  }
  if (first !== undefined) {
    const label = `${first.tenant}/${first.from} -> ${first.tenant}/${first.to}`;
    const others = count > 1 ? ` and ${count - 1} more` : "";
    problems.warn(at(gateway, "ports"), "ADIT-3007", {
      message: `full-size packets do not fit ${label} (inner MTU ${first.innerMtu})${others}`,
      fix: `raise the underlay's MTU to ${needed} (and "mtu" of tunnels that have it), or lower that of the tenants`,
    });
  }
}

/** IPv6 needs links that carry this many bytes whole (RFC 8200 §5). */
const IPV6_MTU = 1280;

/** One warning for all: what an IPv6 host may send unasked is dropped, and nothing told helps. */
function warnAboutIpv6(gateway: Place, paths: readonly PathSummary[], problems: Problems): void {
  const small = paths.filter(({ innerMtu }) => innerMtu !== undefined && innerMtu < IPV6_MTU);
  const [first] = small;
  if (first === undefined) return;
  const label = `${first.tenant}/${first.from} -> ${first.tenant}/${first.to}`;
  const others = small.length > 1 ? ` and ${small.length - 1} more` : "";
  problems.warn(at(gateway, "ports"), "ADIT-3011", {
    message: `IPv6 packets of ${IPV6_MTU} bytes do not fit ${label} (inner MTU ${first.innerMtu})${others}`,
    fix: `raise the MTU of the way out to ${IPV6_MTU + first.overhead}, or carry IPv4 alone`,
  });
}
