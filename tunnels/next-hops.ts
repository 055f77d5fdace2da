import type { Address } from "./address/address.js";
import type { AddressBytes, CompiledNextHop } from "./compiled.js";

interface CountedHop extends CompiledNextHop {
  /** Tunnels that use it. */
  users: number;
}

/** One next hop for all tunnels between the same two addresses. */
export class NextHops {
  private readonly hops: CountedHop[] = [];
  private readonly indexes = new Map<string, number>();

  get list(): CompiledNextHop[] {
    return this.hops.map(({ local, remote }) => ({ local, remote }));
  }

  /** Index of the next hop of one more tunnel. */
  indexOf(local: Address, remote: Address): number {
    const key = `${local.key} ${remote.key}`;
    const known = this.indexes.get(key);
    const hop = known === undefined ? undefined : this.hops[known];
    if (known !== undefined && hop !== undefined) {
      hop.users++;
      return known;
    }
    const index = this.hops.push({ local: local.bytes, remote: remote.bytes, users: 1 }) - 1;
    this.indexes.set(key, index);
    return index;
  }

  /** A tunnel uses it no longer. */
  release(index: number): void {
    const hop = this.hops[index];
    if (hop !== undefined) {
      hop.users--;
    }
  }

  /**
   * Takes out what no tunnel uses.
   * \returns the new index of each old one, or undefined where all stay as they are
   */
  compact(): readonly number[] | undefined {
    if (this.hops.every(({ users }) => users > 0)) {
      return undefined;
    }
    const kept = this.hops.filter(({ users }) => users > 0);
    let next = 0;
    const moved = this.hops.map(({ users }) => (users > 0 ? next++ : -1));
    this.hops.length = 0;
    this.indexes.clear();
    for (const hop of kept) {
      this.indexes.set(keyOf(hop), this.hops.push(hop) - 1);
    }
    return moved;
  }
}

function keyOf({ local, remote }: CompiledNextHop): string {
  const hex = (bytes: AddressBytes) => Buffer.from(bytes).toString("hex");
  return `${hex(local)} ${hex(remote)}`;
}
