/** What is offered to each peer. */
import type { Bed, Way } from "./bed.js";
import { type LoadFrame, plainFrame, tunnelBytes, tunnelFrame } from "./frames.js";
import type { Peer, RunningPeer } from "./peer.js";

export interface Scenario {
  readonly name: string;
  readonly way: Way;
  /** Of the tenant's frame. */
  readonly bytes: number;
}

/** The first is what most goals are about, and the one whose processor time is measured. */
export const scenarios: readonly Scenario[] = [
  { name: "push/64", way: "push", bytes: 64 },
  { name: "push/1400", way: "push", bytes: 1400 },
  { name: "pop/64", way: "pop", bytes: 64 },
];

/**
 * The frames that a peer is offered. What only forwards is offered frames as long as those that a
 * tunnel's peer sends, so that all send the same bytes.
 */
export function frameFor(
  { way, bytes }: Scenario,
  { work }: Peer,
  { destinations }: RunningPeer,
  { macs }: Bed,
): LoadFrame {
  if (work === "forward") {
    return plainFrame(way === "push" ? bytes + tunnelBytes : bytes, destinations[way], way);
  }
  if (way === "push") return plainFrame(bytes, destinations.push, way);
  return tunnelFrame(bytes, { inner: destinations.pop, outer: macs.underlay });
}
