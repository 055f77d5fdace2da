import { type Static, Type } from "@sinclair/typebox";
import type { CompiledTunnel } from "../compiled.js";
import { gre } from "./gre.js";
import { laterTunnelTypes } from "./later-types.js";
import type { TunnelType } from "./tunnel-type.js";
import { vxlan } from "./vxlan.js";

/** One row a type: this is the list to add to. */
const supported = [vxlan, gre] as const;

const later = Object.values(laterTunnelTypes);

/** A tunnel that this version supports, as its file describes it. */
export type SupportedTunnel = Static<(typeof supported)[number]["schema"]>;
type LaterTunnel = Static<(typeof later)[number]["schema"]>;

/** The schema of a tunnel of any type; `type` says which branch describes it. */
export const Tunnel = Type.Unsafe<SupportedTunnel | LaterTunnel>({
  type: "object",
  discriminator: { propertyName: "type" },
  oneOf: [...supported, ...later].map(({ schema }) => schema),
});

export type Tunnel = Static<typeof Tunnel>;

const byName: ReadonlyMap<string, TunnelType<SupportedTunnel>> = new Map(
  supported.map((type): [string, TunnelType<SupportedTunnel>] => [type.type, type]),
);

/** The type of that name if this version supports it. */
export function findTunnelType(name: string): TunnelType<SupportedTunnel> | undefined {
  return byName.get(name);
}

/** The type of a tunnel that has been checked. */
export function getTunnelType(name: CompiledTunnel["type"]): TunnelType<SupportedTunnel> {
  const type = byName.get(name);
  if (type === undefined) {
    throw new Error(`tunnel type ${name} has no row in the registry`);
  }
  return type;
}

/** What to write in place of a type that comes later; undefined for any other word. */
export function insteadOfLaterType(name: string): string | undefined {
  return Object.entries(laterTunnelTypes).find(([type]) => type === name)?.[1].instead;
}
