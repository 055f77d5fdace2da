import { refuseGroupMac } from "../address/mac.js";
import type { Attachment } from "../schema/attachment.js";
import { type CheckContext, refuse } from "./context.js";
import type { Draft } from "./draft.js";
import { checkLater, laterRules, onlyPlain, onlyValues } from "./later-rule.js";
import type { TenantScope } from "./ledger.js";
import { at, type Place } from "./place.js";
import { checkPortName } from "./port-reference.js";

const LATER_KEYS = laterRules([
  onlyPlain("vlan", ["any"], 'write one VID 1-4094 or "untagged"'),
  onlyValues("keepTag", [false], "write false or leave it out"),
  onlyPlain("pcp", ["inherit"], "write a number 0-7"),
  { key: "nextHopMac", isLater: () => true, instead: "leave it out: frames keep their header" },
]);

/** VID 1-4094 of a supported tag set, 0 for untagged; undefined for others. */
export function vidOf(vlan: Draft<Attachment["vlan"]>): number | undefined {
  if (vlan === undefined || vlan === "untagged") {
    return 0;
  }
  return typeof vlan === "number" ? vlan : undefined;
}

/** Checks an attachment by itself, its port, and that its frames are not another's. */
export function checkAttachment(
  place: Place,
  draft: Draft<Attachment>,
  label: string,
  scope: TenantScope,
): void {
  checkLater(place, draft, LATER_KEYS, scope.problems);
  if (draft.nextHopMac !== undefined) {
    refuse(at(place, "nextHopMac"), refuseGroupMac(draft.nextHopMac), scope);
  }
  const port = checkPortName(at(place, "port"), draft.port, scope.ports, scope);
  if (draft.port !== undefined) {
    scope.ledger.attachedPorts.add(draft.port);
  }
  // A `vlan` that broke the schema is there without a value: nothing is claimed then.
  const isTagKnown = draft.vlan !== undefined || !("vlan" in draft);
  if (draft.port !== undefined && isTagKnown) {
    claimTagSet(place, draft.port, draft.vlan, label, scope);
  }
  warnUnusedPriority(place, draft, scope);
  warnLargeMtu(place, draft.mtu, port?.draft.mtu, scope);
}

function claimTagSet(
  place: Place,
  port: string,
  vlan: Draft<Attachment["vlan"]>,
  label: string,
  { ledger, problems }: TenantScope,
): void {
  const tags = describeTags(vlan);
  const key = `${port} ${tags}`;
  const first = ledger.attachments.get(key);
  if (first === undefined) {
    ledger.attachments.set(key, { label, place });
    return;
  }
  const message = `${tags} on port ${port} is already taken by ${first.label}`;
  const fix = "write another vlan or port";
  problems.error(place, "ADIT-1301", { message, other: first.place, fix });
}

/** The tag set in words; equal words are equal tag sets. */
function describeTags(vlan: Draft<Attachment["vlan"]>): string {
  if (typeof vlan === "number") {
    return `vlan ${vlan}`;
  }
  if (typeof vlan === "object") {
    return `vlan ${vlan.outer}.${vlan.inner} (${vlan.outerTpid ?? "0x88a8"})`;
  }
  return vlan === "any" ? "every frame" : "untagged";
}

function warnUnusedPriority(place: Place, draft: Draft<Attachment>, { problems }: CheckContext) {
  const { pcp } = draft;
  if (vidOf(draft.vlan) === 0 && typeof pcp === "number" && pcp !== 0) {
    const message = `"pcp": ${pcp} has no effect on an untagged attachment`;
    problems.warn(at(place, "pcp"), "ADIT-3008", {
      message,
      fix: 'take it out, or write a "vlan"',
    });
  }
}

function warnLargeMtu(
  place: Place,
  mtu: number | undefined,
  portMtu: number | undefined,
  { problems }: CheckContext,
): void {
  if (mtu !== undefined && portMtu !== undefined && mtu > portMtu) {
    const message = `MTU ${mtu} is more than the port's ${portMtu}`;
    const fix = `write at most ${portMtu}, or raise the port's`;
    problems.warn(at(place, "mtu"), "ADIT-3010", { message, fix });
  }
}
