import { maskBytes } from "./address/prefix.js";
import type { CompiledAttachment, CompiledTable, CompiledTunnel } from "./compiled.js";

/** Finds the port that a remote leaves by, as far as the gateway file alone tells. */
export type StaticRoutes = (remote: Uint8Array) => number | undefined;

/** Longest prefix first over the static routes and the connected networks of the ports. */
export function staticRoutes(table: CompiledTable): StaticRoutes {
  const ports = new Map<string, number>();
  const lengths = new Map<number, Set<number>>();
  const add = (address: Uint8Array, length: number, port: number) => {
    const key = prefixKey(address, length);
    const known = lengths.get(address.length) ?? new Set();
    lengths.set(address.length, known.add(length));
    if (!ports.has(key)) {
      ports.set(key, port);
    }
  };
  for (const { prefix, port } of table.routes) {
    add(prefix.address, prefix.length, port);
  }
  table.ports.forEach(({ addresses }, port) => {
    for (const { address, length } of addresses) {
      add(address, length, port);
    }
  });
  const sorted = new Map(
    [...lengths].map(([family, known]) => [family, [...known].sort((a, b) => b - a)]),
  );
  return (remote) => {
    for (const length of sorted.get(remote.length) ?? []) {
      const port = ports.get(prefixKey(remote, length));
      if (port !== undefined) {
        return port;
      }
    }
    return undefined;
  };
}

function prefixKey(address: Uint8Array, length: number): string {
  return `${Buffer.from(maskBytes(address, length)).toString("hex")}/${length}`;
}

/** An attachment's port; a tunnel's by its static route, or the only one that takes tunnels. */
export function memberPorts(table: CompiledTable): (index: number) => number | undefined {
  const find = staticRoutes(table);
  const takers = table.ports.flatMap(({ takesTunnels }, port) => (takesTunnels ? [port] : []));
  const only = takers.length === 1 ? takers[0] : undefined;
  const byNextHop = table.nextHops.map(({ remote }) => find(remote) ?? only);
  const ofMember = (member: CompiledAttachment | CompiledTunnel | undefined) =>
    member?.kind === "tunnel" ? (byNextHop[member.nextHop] ?? only) : member?.port;
  return (index) => ofMember(table.members[index]);
}
