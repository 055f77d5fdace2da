import type { CheckContext } from "./context.js";
import type { Place } from "./place.js";
import type { PortSet } from "./ports.js";

/** A cross-connected way of frames from an attachment into a tunnel, and the bytes it pushes. */
export interface PushPath {
  /** `tenant/attachment -> tenant/tunnel`. */
  readonly label: string;
  readonly push: number;
}

/** What tenants of all files claim, and must not claim twice. */
export interface Ledger {
  readonly tenants: Map<string, Place>;
  /** By port and tag set. */
  readonly attachments: Map<string, { readonly label: string; readonly place: Place }>;
  /** By what a received packet shows. */
  readonly tunnels: Map<string, { readonly label: string; readonly place: Place }>;
  /** The deepest push of frames received on a port, by the port's name. */
  readonly deepestPush: Map<string, PushPath>;
  /** Ports that have attachments. */
  readonly attachedPorts: Set<string>;
  tunnelCount: number;
}

/** What the checks of a tenant are given. */
export interface TenantScope extends CheckContext {
  readonly ports: PortSet;
  readonly ledger: Ledger;
}

export function newLedger(): Ledger {
  return {
    tenants: new Map(),
    attachments: new Map(),
    tunnels: new Map(),
    deepestPush: new Map(),
    attachedPorts: new Set(),
    tunnelCount: 0,
  };
}
