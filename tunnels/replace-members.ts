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
 * Makes of a member what it is after next hops moved to where `hops` says. Members are shared with
 * the old table, so one that changes is copied.
 */
export function moveNextHop(hops: readonly number[]): (member: CompiledMember) => CompiledMember {
  return (member) => {
    if (member.kind === "attachment") {
      return member;
    }
    const nextHop = hops[member.nextHop] ?? member.nextHop;
    return nextHop === member.nextHop ? member : { ...member, nextHop };
  };
}
