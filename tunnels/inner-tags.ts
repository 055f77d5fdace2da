import { readTagSet } from "./check/tag-set.js";
import { checkedLookup } from "./checked.js";
import type { Attachment } from "./schema/attachment.js";
import { getTunnelType, type Tunnel } from "./types/registry.js";

/** Whether frames of an attachment may have tags that are the tenant's own. */
function leavesTags(attachment: Attachment): boolean {
  const { match } = checkedLookup(readTagSet(attachment), attachment.name);
  return match === "any" || match === "outer" || attachment.keepTag === true;
}

/**
 * Whether VLAN tags inside a decapsulated frame pass: `innerTags`, resolved by what the tunnel is
 * joined with (RFC 7348 §6; RFC 7637 §3.3: never with NVGRE).
 * @param peer the other member of its cross-connect
 */
export function keepsInnerTags(tunnel: Tunnel, peer: Attachment | Tunnel | undefined): boolean {
  if (tunnel.type === "nvgre" || getTunnelType(tunnel.type).payload(tunnel) === "ip") {
    return false;
  }
  switch (tunnel.innerTags) {
    case "keep":
      return true;
    case "drop":
      return false;
    default:
      return peer !== undefined && ("type" in peer || leavesTags(peer));
  }
}
