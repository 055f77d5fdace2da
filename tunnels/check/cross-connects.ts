import type { Tenant } from "../schema/tenant.js";
import { quote } from "../text/printable.js";
import type { Draft } from "./draft.js";
import type { TenantScope } from "./ledger.js";
import type { Member, MemberFacts, Members } from "./members.js";
import { notePush } from "./note-push.js";
import { at, type Place } from "./place.js";
import { pickName } from "./port-reference.js";

/** Checks the cross-connects of a tenant, and warns of members that are in no service. */
export function checkCrossConnects(
  place: Place,
  draft: Draft<Tenant>,
  members: Members,
  scope: TenantScope,
): void {
  let isComplete = !("crossConnects" in draft) || draft.crossConnects !== undefined;
  draft.crossConnects?.forEach((crossConnect, index) => {
    const between = crossConnect?.between;
    if (between === undefined) {
      isComplete = false;
      return;
    }
    const own = at(place, "crossConnects", index, "between");
    checkBetween(own, between, members, draft.tenant ?? "?", scope);
  });
  const usesLater = (draft.bridges?.length ?? 0) + (draft.routers?.length ?? 0) > 0;
  if (isComplete && !usesLater) {
    warnUnused(members, scope);
  }
}

function checkBetween(
  place: Place,
  between: readonly (string | undefined)[],
  members: Members,
  tenant: string,
  scope: TenantScope,
): void {
  const [first, second] = between;
  if (first !== undefined && first === second) {
    const message = `the cross-connect joins ${quote(first)} with itself`;
    const fix = "write the names of two different members";
    scope.problems.error(at(place, 1), "ADIT-1308", { message, fix });
    const member = members.byName.get(first);
    if (member !== undefined) {
      member.service ??= at(place, 0);
    }
    return;
  }
  const joined = between.map((name, index) => take(at(place, index), name, members, scope));
  const [a, b] = joined;
  if (a !== undefined && b !== undefined) {
    checkPayloads(place, a.facts, b.facts, scope);
    checkKeptTags(place, a, b, scope);
    checkKeptTags(place, b, a, scope);
    notePush(a.facts, b.facts, tenant, scope);
    notePush(b.facts, a.facts, tenant, scope);
  }
}

/** The member of that name, which from now on is in this service. */
function take(
  place: Place,
  name: string | undefined,
  members: Members,
  { problems }: TenantScope,
): Member | undefined {
  const member = name === undefined ? undefined : members.byName.get(name);
  if (name === undefined || member === undefined) {
    if (name !== undefined && members.isComplete) {
      const message = `the tenant has no member ${quote(name)}`;
      const fix = pickName(name, members.byName.keys(), "member");
      problems.error(place, "ADIT-1309", { message, fix });
    }
    return undefined;
  }
  if (member.service === undefined) {
    member.service = place;
    return member;
  }
  const message = `${quote(name)} is already in a service`;
  const fix = "take it out of one of them";
  problems.error(place, "ADIT-1307", { message, other: member.service, fix });
  return undefined;
}

/** Ethernet tunnels carry no IP packets, and IP tunnels no frames; attachments take both. */
function checkPayloads(
  place: Place,
  a: MemberFacts,
  b: MemberFacts,
  { problems }: TenantScope,
): void {
  if (a.kind === "attachment" || b.kind === "attachment") {
    return;
  }
  if (a.payload === undefined || b.payload === undefined || a.payload === b.payload) {
    return;
  }
  const [ethernet, ip] = a.payload === "ethernet" ? [a, b] : [b, a];
  const message = `${quote(ethernet.draft.name)} carries Ethernet frames, ${quote(ip.draft.name)} IP packets`;
  const fix = "join tunnels of one payload, or each with an attachment";
  problems.error(place, "ADIT-1320", { message, fix });
}

/** IP packets carry no tags, and on the way back none would be there for `keepTag` to find. */
function checkKeptTags(
  place: Place,
  { facts, place: own }: Member,
  other: Member,
  { problems }: TenantScope,
): void {
  const isKept = facts.kind === "attachment" && facts.draft.keepTag === true;
  if (!isKept || other.facts.kind !== "tunnel" || other.facts.payload !== "ip") {
    return;
  }
  problems.error(at(own, "keepTag"), "ADIT-1321", {
    message: `${quote(other.facts.draft.name)} carries IP packets, which have no tags to keep`,
    other: place,
    fix: 'take "keepTag" out, or join the attachment with an Ethernet tunnel',
  });
}

function warnUnused({ byName }: Members, { problems }: TenantScope): void {
  for (const [name, { place, service }] of byName) {
    if (service === undefined) {
      const message = `${quote(name)} is in no service: all it receives is dropped`;
      problems.warn(place, "ADIT-3002", { message, fix: "name it in crossConnects" });
    }
  }
}
