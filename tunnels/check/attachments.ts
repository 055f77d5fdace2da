import { refuseGroupMac } from "../address/mac.js";
import type { CompiledTags } from "../compiled.js";
import type { Attachment } from "../schema/attachment.js";
import { quote } from "../text/printable.js";
import { type Claimant, labelOf } from "./claimant.js";
import { type CheckContext, refuse } from "./context.js";
import type { Draft } from "./draft.js";
import type { TenantScope } from "./ledger.js";
import { at, type Place } from "./place.js";
import { checkPortName } from "./port-reference.js";
import { describeTagSet, movedTagBytes, readTagSet } from "./tag-set.js";

/** Checks an attachment by itself, its port, and that its frames are not another's. */
export function checkAttachment(
  claimant: Claimant,
  draft: Draft<Attachment>,
  scope: TenantScope,
): void {
  const { place } = claimant;
  if (draft.nextHopMac !== undefined) {
    refuse(at(place, "nextHopMac"), refuseGroupMac(draft.nextHopMac), scope);
  }
  const port = checkPortName(at(place, "port"), draft.port, scope.ports, scope);
  if (draft.port !== undefined) {
    scope.ledger.attachedPorts.add(draft.port);
  }
  const tags = readTagSet(draft);
  if (draft.port !== undefined && tags !== undefined) {
    claimTagSet(claimant, draft.port, tags, scope);
  }
  if (tags !== undefined) {
    warnUnusedPriority(place, draft, tags, scope);
  }
  warnLargeMtu(place, draft.mtu, port?.draft.mtu, scope);
}

function claimTagSet(
  claimant: Claimant,
  port: string,
  tags: CompiledTags,
  { ledger, problems }: TenantScope,
): void {
  const first = ledger.attachments.claim(port, tags, claimant);
  if (first === undefined) {
    return;
  }
  const message = `${describeTagSet(tags)} on port ${port} is already taken by ${labelOf(first)}`;
  const fix = "write another vlan or port";
  problems.error(claimant.place, "ADIT-1301", { message, other: first.place, fix });
}

function warnUnusedPriority(
  place: Place,
  { pcp, keepTag }: Draft<Attachment>,
  tags: CompiledTags,
  { problems }: CheckContext,
): void {
  const isPushed = movedTagBytes(tags, keepTag === true) > 0;
  if (isPushed || pcp === undefined || pcp === 0) {
    return;
  }
  const message = `"pcp": ${quote(pcp)} has no effect: no tag is pushed here`;
  problems.warn(at(place, "pcp"), "ADIT-3008", { message, fix: "take it out" });
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
