import type { Namespace } from "./namespace.js";

/** The far end of a tunnel: somebody else's implementation, with an inner address that answers. */
export interface Peer {
  /** What it is, for people. */
  readonly kind: string;
  readonly namespace: Namespace;
  /** The device that holds the inner addresses. */
  readonly device: string;
}
