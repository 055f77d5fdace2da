import { type Static, Type } from "@sinclair/typebox";
import { geneve } from "./geneve.js";
import { gre } from "./gre.js";
import { nvgre } from "./nvgre.js";
import type { TunnelType } from "./tunnel-type.js";
import { vxlan } from "./vxlan.js";

/** One row a type: this is the list to add to. */
const types = [vxlan, gre, nvgre, geneve] as const;

/** A tunnel as its file describes it. */
export type Tunnel = Static<(typeof types)[number]["schema"]>;

/** The schema of a tunnel of any type; `type` says which branch describes it. */
export const Tunnel = Type.Unsafe<Tunnel>({
  type: "object",
  discriminator: { propertyName: "type" },
  oneOf: types.map(({ schema }) => schema),
});

const byName: ReadonlyMap<string, TunnelType<Tunnel>> = new Map(
  types.map((type): [string, TunnelType<Tunnel>] => [type.type, type]),
);

/** The type of that name. */
export function getTunnelType(name: Tunnel["type"]): TunnelType<Tunnel> {
  const type = byName.get(name);
  if (type === undefined) {
    throw new Error(`tunnel type ${name} has no row in the registry`);
  }
  return type;
}
