import type { Attachment } from "../schema/attachment.js";
import type { Tenant } from "../schema/tenant.js";
import type { Draft } from "./draft.js";
import { at, type Place } from "./place.js";
import type { Problems } from "./problems.js";
import type { TunnelFacts } from "./tunnels.js";

export type MemberFacts =
  | { readonly kind: "attachment"; readonly draft: Draft<Attachment> }
  | ({ readonly kind: "tunnel" } & TunnelFacts);

export interface Member {
  readonly facts: MemberFacts;
  readonly place: Place;
  /** Where a service takes it, once one does. */
  service?: Place;
}

/** The members of one tenant. */
export interface Members {
  readonly byName: ReadonlyMap<string, Member>;
  /** False: a name may be missing only because its member has errors. */
  readonly isComplete: boolean;
  /** Adds a member; a name used before is reported. */
  add(facts: MemberFacts, place: Place, problems: Problems): void;
}

export function newMembers(draft: Draft<Tenant>): Members {
  const byName = new Map<string, Member>();
  const lists = [draft.attachments, draft.tunnels];
  const isComplete =
    ["attachments", "tunnels"].every(
      (key, index) => !(key in draft) || lists[index] !== undefined,
    ) && lists.every((list) => list?.every((member) => member?.name !== undefined) ?? true);
  return {
    byName,
    isComplete,
    add(facts, place, problems) {
      const name = facts.draft.name;
      if (name === undefined) {
        return;
      }
      const first = byName.get(name);
      if (first === undefined) {
        byName.set(name, { facts, place });
        return;
      }
      problems.error(at(place, "name"), "ADIT-1302", {
        message: `the member name "${name}" is already used in this tenant`,
        other: at(first.place, "name"),
        fix: "write another name",
      });
    },
  };
}
