/** The end of a path, and the header bytes that it takes off on the way in, or puts on going out. */
export interface PathEnd {
  readonly kind: "attachment" | "tunnel";
  readonly bytes: number;
}

/** Bytes of the tag of an underlay in a VLAN. */
export const UNDERLAY_TAG_BYTES = 4;

/**
 * Bytes that a path needs in front of a frame as it was received. What is popped comes first and
 * makes room; only the tags of an attachment are not set against the header of a tunnel, so that
 * the number is that header's length.
 */
export function pushBytes(from: PathEnd, to: PathEnd): number {
  const isIntoTunnel = from.kind === "attachment" && to.kind === "tunnel";
  return isIntoTunnel ? to.bytes : Math.max(0, to.bytes - from.bytes);
}
