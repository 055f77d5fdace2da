/** The end of a path, and the header bytes that it takes off on the way in, or puts on going out. */
export interface PathEnd {
  readonly kind: "attachment" | "tunnel";
  readonly bytes: number;
}

/** Bytes of the tag of an underlay in a VLAN. */
export const UNDERLAY_TAG_BYTES = 4;

/**
 * Whether tunnel packets may leave a port with a tag: where one is given, and where one may be found,
 * since the kernel may have a VLAN interface on the port's whenever the gateway runs.
 */
export function mayPushTag(vlan: number | undefined, device: string | undefined): boolean {
  return vlan !== undefined || device !== undefined;
}

/**
 * Bytes that a path needs in front of a frame as it was received. What is popped comes first and
 * makes room; only the tags of an attachment are not set against the header of a tunnel, so that
 * the number is that header's length.
 */
export function pushBytes(from: PathEnd, to: PathEnd): number {
  const isIntoTunnel = from.kind === "attachment" && to.kind === "tunnel";
  return isIntoTunnel ? to.bytes : Math.max(0, to.bytes - from.bytes);
}
