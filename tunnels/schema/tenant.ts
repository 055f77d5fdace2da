import { type Static, Type } from "@sinclair/typebox";
import { Tunnel } from "../types/registry.js";
import { Attachment } from "./attachment.js";
import { closed, name, prefix, SchemaKey, someOf, whole } from "./parts.js";
import { Bridge, CrossConnect, Router } from "./services.js";

const LIMIT = Number.MAX_SAFE_INTEGER;

const Rate = Type.Object(
  {
    bitsPerSecond: Type.Optional(whole(1, LIMIT)),
    packetsPerSecond: Type.Optional(whole(1, LIMIT)),
    burstBytes: Type.Optional(whole(1, LIMIT)),
    burstPackets: Type.Optional(whole(1, LIMIT)),
  },
  { ...closed, description: "Per direction; a burst is one second's worth unless given." },
);

const tenantKeys = {
  tenant: name("Unique over all tunnel files."),
  description: Type.Optional(Type.String({ maxLength: 4096 })),
  attachments: Type.Optional(Type.Array(Attachment)),
  tunnels: Type.Optional(Type.Array(Tunnel)),
  crossConnects: Type.Optional(Type.Array(CrossConnect)),
  bridges: Type.Optional(Type.Array(Bridge)),
  routers: Type.Optional(Type.Array(Router)),
  block: Type.Optional(Type.Array(prefix("An inner source prefix to drop."))),
  allowSources: Type.Optional(someOf(prefix("An inner source prefix to allow."))),
  rate: Type.Optional(Rate),
  macLimit: Type.Optional(whole(1, LIMIT, "MACs learned over all bridges of the tenant.")),
  icmpPerSecond: Type.Optional(whole(0, 1000000, "ICMP errors made for it. Default 100.")),
};

export const Tenant = Type.Object(tenantKeys, closed);

/** A tunnel file with one tenant. */
export const TenantFile = Type.Object({ $schema: SchemaKey, ...tenantKeys }, closed);

/** A tunnel file with several tenants. */
export const TenantsFile = Type.Object({ $schema: SchemaKey, tenants: Type.Array(Tenant) }, closed);

export const TunnelsFile = Type.Union([TenantFile, TenantsFile]);

export type Tenant = Static<typeof Tenant>;
export type TenantsFile = Static<typeof TenantsFile>;
