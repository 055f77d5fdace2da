import { maskBytes } from "./address/prefix.js";
import type { CompiledTable } from "./compiled.js";

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
