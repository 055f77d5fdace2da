import type { CompiledNextHop, CompiledTable } from "../tunnels/compiled.js";
import { memberRecords, type RecordSource } from "./member-records.js";

/** A compiled table as the addon takes it: what may be there a million times is packed. */
export interface PackedTable extends Omit<CompiledTable, "tenants" | "members" | "nextHops"> {
  /** By tenant. */
  readonly icmpPerSecond: Uint32Array;
  readonly memberCount: number;
  readonly members: RecordSource;
  /** 36 bytes each: the family, 4 or 6; 3 bytes of 0; the local and the remote address, 16 each. */
  readonly nextHops: Uint8Array;
}

export function packTable({ tenants, members, nextHops, ...rest }: CompiledTable): PackedTable {
  return {
    ...rest,
    icmpPerSecond: Uint32Array.from(tenants, ({ icmpPerSecond }) => icmpPerSecond),
    memberCount: members.length,
    members: memberRecords(members),
    nextHops: packNextHops(nextHops),
  };
}

const NEXT_HOP_BYTES = 36;

function packNextHops(nextHops: readonly CompiledNextHop[]): Uint8Array {
  const packed = new Uint8Array(nextHops.length * NEXT_HOP_BYTES);
  nextHops.forEach(({ local, remote }, index) => {
    const at = index * NEXT_HOP_BYTES;
    packed[at] = local.length === 4 ? 4 : 6;
    packed.set(local, at + 4);
    packed.set(remote, at + 20);
  });
  return packed;
}
