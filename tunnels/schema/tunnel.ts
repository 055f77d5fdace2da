import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { address, choice, closed, ipMtu, name, prefix, someOf, whole } from "./parts.js";

const inherit = Type.Literal("inherit");

const Remote = Type.Object(
  {
    address: address("Peer address."),
    weight: Type.Optional(whole(1, 65535, "Share of the flows. Default 1.")),
    backup: Type.Optional(Type.Boolean({ description: "Serves while no other is up." })),
  },
  closed,
);

/** The keys that every type of tunnel takes, beside `type`. */
export const commonTunnelKeys = {
  name: name("Unique among the members of the tenant."),
  local: address("Own endpoint address, IPv4 or IPv6."),
  remote: Type.Union([address('Peer address, or "any".'), someOf(Remote)], {
    description: 'Peer address, a list of remotes, or "any".',
  }),
  acceptFrom: Type.Optional(
    someOf(prefix("An outer source prefix."), "Sources allowed to send into this tunnel."),
  ),
  ttl: Type.Optional(
    Type.Union([whole(1, 255), inherit], { description: "TTL or hop limit. Default 64." }),
  ),
  dscp: Type.Optional(
    Type.Union([whole(0, 63), inherit], { description: "DSCP sent. Default 0." }),
  ),
  dscpDecap: Type.Optional(
    Type.Union([Type.Literal("copy"), Type.Literal(false)], {
      description: '"copy": the inner DSCP is overwritten by the outer on decap.',
    }),
  ),
  ecn: Type.Optional(choice(["rfc6040", "zero"], { default: "rfc6040" })),
  df: Type.Optional(
    choice(["set", "clear", "inherit"], {
      description: "Don't-fragment bit of an IPv4 outer header.",
      default: "set",
    }),
  ),
  flowLabel: Type.Optional(
    Type.Union([whole(0, 1048575), Type.Literal("hash")], {
      description: 'IPv6 outer: the flow hash, or a number. Default "hash".',
    }),
  ),
  mtu: Type.Optional(ipMtu("Inner IP MTU. Default: worked out.")),
  pathMtu: Type.Optional(
    choice(["learn", "ignore"], {
      description: "Whether ICMP errors from the underlay lower the path MTU.",
      default: "learn",
    }),
  ),
  innerTags: Type.Optional(choice(["auto", "keep", "drop"], { default: "auto" })),
  mssClamp: Type.Optional(Type.Boolean({ default: false })),
  oversize: Type.Optional(choice(["icmp", "fragment-inner", "drop"], { default: "icmp" })),
};

/** The keys that the types over UDP add. */
export function udpTunnelKeys(udpPort: number) {
  return {
    udpPort: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65535,
        description: "Destination port sent and accepted.",
        default: udpPort,
      }),
    ),
    sourcePorts: Type.Optional(
      Type.Unsafe<readonly [number, number]>({
        type: "array",
        items: { type: "integer", minimum: 1, maximum: 65535 },
        minItems: 2,
        maxItems: 2,
        description: "First and last UDP source port for the flow hash.",
        default: [49152, 65535],
      }),
    ),
    udpChecksum: Type.Optional(
      Type.Boolean({ description: "Send an outer UDP checksum. Default: IPv6 yes, IPv4 no." }),
    ),
  };
}

/** The schema of one type of tunnel. */
export function tunnelSchema<K extends string, P extends Record<string, TSchema>>(
  type: K,
  keys: P,
) {
  return Type.Object({ type: Type.Literal(type), ...commonTunnelKeys, ...keys }, closed);
}

const Common = Type.Object(commonTunnelKeys, closed);
/** The part of a tunnel that all types share. */
export type CommonTunnel = Static<typeof Common>;
