import type { CompiledMember } from "./compiled.js";

/** Tenants, and their members, which others take the place of. */
export interface Replaced {
  readonly tenant: number;
  /** How many. */
  readonly tenants: number;
  /** Members from `start` up to `end`. */
  readonly start: number;
  readonly end: number;
}

/** A list with others in the place of some. */
export function replaceRange<T>(
  list: readonly T[],
  start: number,
  end: number,
  others: readonly T[],
): T[] {
  return list.slice(0, start).concat(others, list.slice(end));
}

/**
 * Makes of a member of the new list, by its index, what it is after the move: those behind the
 * replaced ones have moved by `delta`, and next hops to where `hops` says. Members are shared with
 * the old table, so one that changes is copied.
 */
export function moveMember(
  { start, end }: Replaced,
  delta: number,
  hops: readonly number[] | undefined,
): (member: CompiledMember, index: number) => CompiledMember {
  return (member, index) => {
    const isOther = index < start || index >= end + delta;
    const peer = isOther && member.peer >= end ? member.peer + delta : member.peer;
    if (member.kind === "attachment") {
      return peer === member.peer ? member : { ...member, peer };
    }
    const nextHop = hops?.[member.nextHop] ?? member.nextHop;
    const isSame = peer === member.peer && nextHop === member.nextHop;
    return isSame ? member : { ...member, peer, nextHop };
  };
}
