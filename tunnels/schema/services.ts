import { type Static, Type } from "@sinclair/typebox";
import { address, closed, mac, name, prefix, reference, whole } from "./parts.js";

const member = () => reference("A member of the tenant.");

/** Two members: everything one receives leaves by the other. */
export const CrossConnect = Type.Object(
  {
    between: Type.Unsafe<readonly [string, string]>({
      type: "array",
      items: member(),
      minItems: 2,
      maxItems: 2,
      description: "The names of two members of the tenant.",
    }),
  },
  closed,
);

const FdbEntry = Type.Object(
  {
    mac: mac("A host's MAC."),
    member: member(),
    remote: Type.Optional(address("Of several remotes of a tunnel, the one.")),
  },
  closed,
);

const Host = Type.Object({ ip: address("A host's address."), mac: mac("Its MAC.") }, closed);

export const Bridge = Type.Object(
  {
    name: name("Unique within the tenant."),
    members: Type.Array(member()),
    learning: Type.Optional(Type.Boolean({ default: true })),
    agingSeconds: Type.Optional(whole(0, 1000000, "0: never. Default 300.")),
    fdb: Type.Optional(Type.Array(FdbEntry)),
    flood: Type.Optional(Type.Array(member())),
    splitHorizon: Type.Optional(Type.Boolean({ default: true })),
    suppressArp: Type.Optional(Type.Boolean({ default: false })),
    hosts: Type.Optional(Type.Array(Host)),
    forwardReserved: Type.Optional(Type.Boolean({ default: false })),
  },
  closed,
);

const RouterAddress = Type.Union([
  prefix("An address with its prefix length."),
  Type.Object({ address: prefix("An address with its prefix length."), member: member() }, closed),
]);

const RouterRoute = Type.Object(
  {
    prefix: prefix("Destination inside the tenant."),
    member: member(),
    via: Type.Optional(address("Next hop inside the tenant.")),
    mac: Type.Optional(mac("Its MAC, where it is not resolved.")),
  },
  closed,
);

const RouterNeighbor = Type.Object(
  { address: address("A neighbor's address."), mac: mac("Its MAC."), member: member() },
  closed,
);

export const Router = Type.Object(
  {
    name: name("Unique within the tenant."),
    members: Type.Array(member()),
    mac: Type.Optional(mac("The router's own.")),
    addresses: Type.Optional(Type.Array(RouterAddress)),
    routes: Type.Optional(Type.Array(RouterRoute)),
    neighbors: Type.Optional(Type.Array(RouterNeighbor)),
  },
  closed,
);

export type CrossConnect = Static<typeof CrossConnect>;
