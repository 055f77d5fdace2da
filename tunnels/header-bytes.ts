import type { CompiledTunnel } from "./compiled.js";
import { getTunnelType, type Tunnel } from "./types/registry.js";

/** Bytes of a tunnel's headers (`TunnelType.overhead`), sent and least received. */
export interface HeaderBytes {
  readonly sent: number;
  readonly received: number;
}

/** The few that there are: tunnels of one kind share theirs. */
const known = new Map<number, HeaderBytes>();

/** Those of a tunnel, given as its document and compiled. */
export function headerBytes(tunnel: Tunnel, { local }: CompiledTunnel): HeaderBytes {
  const family = local.length === 4 ? 4 : 6;
  const { overhead, leastReceived = overhead } = getTunnelType(tunnel.type);
  const [sent, received] = [overhead(tunnel, family), leastReceived(tunnel, family)];
  const key = sent * 256 + received;
  const bytes = known.get(key) ?? { sent, received };
  known.set(key, bytes);
  return bytes;
}
