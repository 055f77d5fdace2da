import { type TObject, type TSchema, Type } from "@sinclair/typebox";
import { Ajv, type ValidateFunction } from "ajv";
import { Tunnel } from "../types/registry.js";
import { Attachment } from "./attachment.js";
import { GatewayFile } from "./gateway.js";
import { closed } from "./parts.js";
import { CrossConnect } from "./services.js";
import { Tenant, TenantFile, TenantsFile } from "./tenant.js";
import { commonTunnelKeys } from "./tunnel.js";

/** All errors with the values they are about; `discriminator` picks a tunnel's branch by type. */
const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  discriminator: true,
  strict: true,
  strictRequired: false,
});

/** Compiling a schema takes tens of milliseconds, so it waits for the first use. */
function lazily(schema: TSchema): () => ValidateFunction {
  let compiled: ValidateFunction | undefined;
  return () => {
    compiled ??= ajv.compile(schema);
    return compiled;
  };
}

/** The lists of a tenant that can be long; their entries are checked one by one. */
export const LONG_LISTS = ["attachments", "tunnels", "crossConnects"] as const;

/** The same object with the entries of some lists left open. */
function openLists(schema: TObject, keys: readonly string[]): TObject {
  const open = keys.map((key) => [key, Type.Optional(Type.Array(Type.Unknown()))] as const);
  return Type.Object({ ...schema.properties, ...Object.fromEntries(open) }, closed);
}

export const gatewayValidator = lazily(GatewayFile);
/** A tunnel file with several tenants, these left open. */
export const tenantsValidator = lazily(openLists(TenantsFile, ["tenants"]));
/** A tenant as a whole file, and as one of several; their long lists left open. */
export const tenantFileValidator = lazily(openLists(TenantFile, LONG_LISTS));
export const tenantValidator = lazily(openLists(Tenant, LONG_LISTS));
/** The keys that all types of tunnel share, and any others. */
export const typelessTunnelValidator = lazily(Type.Object(commonTunnelKeys));
export const entryValidators = {
  attachments: lazily(Attachment),
  tunnels: lazily(Tunnel),
  crossConnects: lazily(CrossConnect),
} as const;
