import type { TenantScope } from "./ledger.js";
import type { MemberFacts } from "./members.js";
import { type PathEnd, pushBytes } from "./push.js";
import { movedTagBytes, readTagSet } from "./tag-set.js";

/** Notes what the way from one member to another pushes, if it is the deepest so far. */
export function notePush(
  from: MemberFacts,
  to: MemberFacts,
  tenant: string,
  { ledger, ports }: TenantScope,
): void {
  const popped = poppedBy(from);
  const pushed = pushedBy(to, ports.underlayTag);
  if (popped === undefined || pushed === undefined) {
    return;
  }
  const push = pushBytes(popped, pushed);
  const path = () => ({
    label: `${tenant}/${from.draft.name} -> ${tenant}/${to.draft.name}`,
    push,
  });
  if (from.kind === "tunnel") {
    if (push > (ledger.deepestStitch?.push ?? 0)) {
      ledger.deepestStitch = path();
    }
    return;
  }
  const { port } = from.draft;
  if (port !== undefined && push > (ledger.deepestPush.get(port)?.push ?? 0)) {
    ledger.deepestPush.set(port, path());
  }
}

function poppedBy(member: MemberFacts): PathEnd | undefined {
  if (member.kind === "attachment") {
    return tagsOf(member);
  }
  const { draft, type, local } = member;
  if (type === undefined || local === undefined) {
    return undefined;
  }
  const least = type.leastReceived ?? type.overhead;
  return { kind: "tunnel", bytes: least(draft, local.family) };
}

/** Nothing is sent to a remote that may be any. */
function pushedBy(member: MemberFacts, underlayTag: number): PathEnd | undefined {
  if (member.kind === "attachment") {
    return tagsOf(member);
  }
  const { draft, type, local } = member;
  return type === undefined || local === undefined || draft.remote === "any"
    ? undefined
    : { kind: "tunnel", bytes: type.overhead(draft, local.family) + underlayTag };
}

function tagsOf({ draft }: MemberFacts & { readonly kind: "attachment" }): PathEnd | undefined {
  const tags = readTagSet(draft);
  return tags && { kind: "attachment", bytes: movedTagBytes(tags, draft.keepTag === true) };
}
