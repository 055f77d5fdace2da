import type { CompiledTags } from "../compiled.js";
import type { Attachment } from "../schema/attachment.js";
import type { Draft } from "./draft.js";

const OUTER_TPIDS = { "0x88a8": 0x88a8, "0x8100": 0x8100 } as const;

/** Bytes of one VLAN tag (IEEE 802.1Q §9.3). */
const TAG_BYTES = 4;

/** The tag set that an attachment's `vlan` describes; undefined while a part of it is wrong. */
export function readTagSet(attachment: Draft<Attachment>): CompiledTags | undefined {
  const { vlan } = attachment;
  if (vlan === undefined) {
    return "vlan" in attachment ? undefined : { match: "untagged" };
  }
  if (vlan === "untagged" || vlan === "any") {
    return { match: vlan };
  }
  if (typeof vlan === "number") {
    return { match: "single", vid: vlan };
  }
  const { outer, inner } = vlan;
  const tpid = "outerTpid" in vlan ? vlan.outerTpid : "0x88a8";
  if (outer === undefined || inner === undefined || tpid === undefined) {
    return undefined;
  }
  const outerTpid = OUTER_TPIDS[tpid];
  return inner === "any"
    ? { match: "outer", outerTpid, outer }
    : { match: "double", outerTpid, outer, inner };
}

/** The tag set in words; equal words are equal tag sets. */
export function describeTagSet(tags: CompiledTags): string {
  switch (tags.match) {
    case "untagged":
      return "untagged";
    case "any":
      return "every other frame";
    case "single":
      return `vlan ${tags.vid}`;
    case "double":
      return `vlan ${tags.outer}.${tags.inner} (${tpidText(tags.outerTpid)})`;
    case "outer":
      return `vlan ${tags.outer}.any (${tpidText(tags.outerTpid)})`;
  }
}

function tpidText(tpid: number): string {
  return `0x${tpid.toString(16)}`;
}

/** Bytes of the tags that every frame of the set has; a priority tag counts for nothing. */
export function tagBytes(tags: CompiledTags): number {
  switch (tags.match) {
    case "untagged":
    case "any":
      return 0;
    case "single":
    case "outer":
      return TAG_BYTES;
    case "double":
      return 2 * TAG_BYTES;
  }
}

/** What is popped from a frame that comes in, and pushed on one that goes out, bytes. */
export function movedTagBytes(tags: CompiledTags, keepTag: boolean): number {
  return keepTag ? 0 : tagBytes(tags);
}
