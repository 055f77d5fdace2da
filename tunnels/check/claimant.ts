import type { Place } from "./place.js";

/** A member that claims packets, for the report of another that wants the same. */
export interface Claimant {
  readonly tenant: string;
  /** Its name, or its place in the list. */
  readonly member: string | number;
  readonly place: Place;
}

/** `tenant/member` */
export function labelOf({ tenant, member }: Claimant): string {
  return `${tenant}/${member}`;
}
