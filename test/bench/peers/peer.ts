/** What a peer is to the run: something that forwards between `access` and `underlay`. */
import type { Bed } from "./bed.js";

export interface Peer {
  readonly name: string;
  /** Whether it pushes and pops VXLAN headers, or passes frames on as they are. */
  readonly work: "tunnel" | "forward";
  /**
   * Starts it on the bed, ready for traffic; what it needs and lacks here is an error. It ends with
   * the bed's lab: each bed is for one peer, so that none finds what another left behind.
   */
  start(bed: Bed): Promise<RunningPeer>;
}

export interface RunningPeer {
  /** To which MAC the tenant's frames are sent, on the way in and within the tunnel. */
  readonly destinations: { readonly push: string; readonly pop: string };
  /** Frames that it dropped so far, by reason, where it tells. */
  drops?(): Promise<Readonly<Record<string, number>>>;
  /** Of the process that does the work, where it is one. */
  readonly pid?: number | undefined;
  /** Whether the kernel works in interrupts of an idle processor, which belong to no process. */
  readonly inInterrupts?: boolean;
}
