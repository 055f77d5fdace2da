import { Tunnel } from "../types/registry.js";
import { Attachment } from "./attachment.js";
import { GatewayFile, Port } from "./gateway.js";
import { Bridge, CrossConnect, Router } from "./services.js";
import { TunnelsFile } from "./tenant.js";

const DRAFT_07 = "http://json-schema.org/draft-07/schema#";

const documents = {
  gateway: { title: "Adit gateway file", schema: GatewayFile, named: { port: Port } },
  tunnels: {
    title: "Adit tunnel file",
    schema: TunnelsFile,
    named: {
      attachment: Attachment,
      tunnel: Tunnel,
      crossConnect: CrossConnect,
      bridge: Bridge,
      router: Router,
    },
  },
} as const;

/** The JSON schema (draft-07) of a kind of file, as text that ends in a line feed. */
export function schemaText(kind: keyof typeof documents): string {
  const { title, schema, named } = documents[kind];
  const names = new Map(
    Object.entries(named).map(([name, definition]) => [JSON.stringify(definition), name]),
  );
  const whole = {
    $schema: DRAFT_07,
    title,
    ...(hoist(JSON.parse(JSON.stringify(schema)), names) as object),
    definitions: named,
  };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

/** Replaces every copy of a named schema by a reference to its definition. */
function hoist(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const name = names.get(JSON.stringify(value));
  if (name !== undefined) {
    return { $ref: `#/definitions/${name}` };
  }
  if (Array.isArray(value)) {
    return value.map((entry) => hoist(entry, names));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, hoist(entry, names)]),
  );
}
