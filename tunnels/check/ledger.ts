import { AttachmentClaims } from "./attachment-claims.js";
import type { CheckContext } from "./context.js";
import { PacketClaims } from "./packet-claims.js";
import type { Place } from "./place.js";
import type { PortSet } from "./ports.js";

/** A cross-connected way of frames from one member to another, and the bytes it pushes. */
export interface PushPath {
  /** `tenant/member -> tenant/member`. */
  readonly label: string;
  readonly push: number;
}

/** What tenants of all files claim, and must not claim twice. */
export interface Ledger {
  readonly tenants: Map<string, Place>;
  readonly attachments: AttachmentClaims;
  readonly packets: PacketClaims;
  /** The deepest push of frames that attachments receive on a port, by the port's name. */
  readonly deepestPush: Map<string, PushPath>;
  /** The deepest push of frames out of a tunnel, which any port may receive that takes tunnels. */
  deepestStitch: PushPath | undefined;
  /** Ports that have attachments. */
  readonly attachedPorts: Set<string>;
  tunnelCount: number;
  /** Where tunnels have an MTU of their own, by `tenant/tunnel`. */
  readonly ownMtus: Map<string, Place>;
}

/** What the checks of a tenant are given. */
export interface TenantScope extends CheckContext {
  readonly ports: PortSet;
  readonly ledger: Ledger;
}

export function newLedger(): Ledger {
  return {
    tenants: new Map(),
    attachments: new AttachmentClaims(),
    packets: new PacketClaims(),
    deepestPush: new Map(),
    deepestStitch: undefined,
    attachedPorts: new Set(),
    tunnelCount: 0,
    ownMtus: new Map(),
  };
}
