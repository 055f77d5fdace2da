import { type Static, Type } from "@sinclair/typebox";
import { laterRules, onlyPlain, onlyValues } from "../check/later-rule.js";
import type { CompiledGre } from "../compiled.js";
import { choice, closed, whole } from "../schema/parts.js";
import { tunnelSchema } from "../schema/tunnel.js";
import { outerHeaderBytes, type TunnelType } from "./tunnel-type.js";

/** RFC 2784 §2: flags, version and protocol type. */
const GRE_HEADER_BYTES = 4;
/** RFC 2890 §2.1. */
const KEY_BYTES = 4;

const key = (description?: string) => whole(0, 4294967295, description);

const Keepalive = Type.Object(
  {
    intervalMs: Type.Optional(whole(10, 3600000, "Default 10000.")),
    retries: Type.Optional(whole(1, 255, "Default 3.")),
  },
  closed,
);

const schema = tunnelSchema("gre", {
  key: Type.Optional(
    Type.Union([key(), Type.Object({ send: key(), receive: key() }, closed)], {
      description: "GRE key. Default: none, and keyed packets do not match.",
    }),
  ),
  sequence: Type.Optional(Type.Boolean({ default: false })),
  checksum: Type.Optional(
    Type.Union([Type.Boolean(), Type.Literal("require")], {
      description: 'Send the GRE checksum; "require" it, too. Default false.',
    }),
  ),
  payload: Type.Optional(choice(["ethernet", "ip"], { default: "ethernet" })),
  keepalive: Type.Optional(Type.Union([Type.Literal(false), Keepalive])),
});

type GreTunnel = Static<typeof schema>;

/** GRE with an Ethernet payload (RFC 2784, protocol type 0x6558) and an optional key (RFC 2890). */
export const gre: TunnelType<GreTunnel, typeof schema> = {
  type: "gre",
  schema,
  later: laterRules([
    onlyPlain("key", [], "write one number for both directions"),
    onlyValues("sequence", [false], "write false or leave it out"),
    onlyValues("checksum", [false], "write false or leave it out: received ones are verified"),
    onlyValues("payload", ["ethernet"], 'write "ethernet" or leave it out'),
    onlyValues("keepalive", [false], "leave it out"),
  ]),

  overhead(options, family) {
    const keyBytes = options.key === undefined ? 0 : KEY_BYTES;
    return outerHeaderBytes(family) + GRE_HEADER_BYTES + keyBytes;
  },

  identity(tunnel) {
    const received = typeof tunnel.key === "object" ? tunnel.key.receive : tunnel.key;
    return received === undefined ? "no key" : `key ${received}`;
  },

  check() {
    return [];
  },

  compile(tunnel, common): CompiledGre {
    const compiled = { ...common, type: "gre" } as const;
    return typeof tunnel.key === "number" ? { ...compiled, key: tunnel.key } : compiled;
  },
};
