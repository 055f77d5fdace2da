import type { CompiledTags } from "../compiled.js";
import type { Claimant } from "./claimant.js";

const MATCHES = { untagged: 0, any: 1, single: 2, double: 3, outer: 4 } as const;
const SERVICE_TPID = 0x88a8;
const VIDS = 4096;

/** Which attachment has the frames of a tag set on a port. */
export class AttachmentClaims {
  /** By port, then by tag set as a number: there may be a million, and texts are large. */
  private readonly ports = new Map<string, Map<number, Claimant>>();

  /** Claims a tag set; one that was claimed before stays the first's, which is given. */
  claim(port: string, tags: CompiledTags, claimant: Claimant): Claimant | undefined {
    const number = numberOf(tags);
    let claims = this.ports.get(port);
    if (claims === undefined) {
      claims = new Map();
      this.ports.set(port, claims);
    }
    const first = claims.get(number);
    if (first === undefined) {
      claims.set(number, claimant);
    }
    return first;
  }

  /** Gives a tag set up again. */
  release(port: string, tags: CompiledTags): void {
    this.ports.get(port)?.delete(numberOf(tags));
  }

  /** Whether a port has attachments. */
  hasAny(port: string): boolean {
    return (this.ports.get(port)?.size ?? 0) > 0;
  }
}

/** Equal for equal tag sets alone. */
function numberOf(tags: CompiledTags): number {
  const match = MATCHES[tags.match];
  switch (tags.match) {
    case "untagged":
    case "any":
      return match;
    case "single":
      return match + 8 * tags.vid;
    case "outer":
      return match + 8 * (tags.outer + VIDS * tpidBit(tags.outerTpid));
    case "double":
      return match + 8 * (tags.outer + VIDS * (tpidBit(tags.outerTpid) + 2 * tags.inner));
  }
}

function tpidBit(tpid: number): number {
  return tpid === SERVICE_TPID ? 1 : 0;
}
