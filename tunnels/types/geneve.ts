import type { Static } from "@sinclair/typebox";
import type { CompiledGeneve } from "../compiled.js";
import { whole } from "../schema/parts.js";
import { tunnelSchema, udpTunnelKeys } from "../schema/tunnel.js";
import type { TunnelType } from "./tunnel-type.js";
import { checkUdpKeys, compileUdp, udpIdentity, udpOverhead } from "./udp.js";

/** IANA's port (RFC 8926 §3.3). */
const UDP_PORT = 6081;

const schema = tunnelSchema("geneve", {
  vni: whole(0, 16777215, "Virtual network identifier, 24 bits."),
  ...udpTunnelKeys(UDP_PORT),
});

type GeneveTunnel = Static<typeof schema>;

/** Geneve with an Ethernet payload (RFC 8926); options are never sent. */
export const geneve: TunnelType<GeneveTunnel, typeof schema> = {
  type: "geneve",
  schema,
  payload: () => "ethernet",
  overhead: (_tunnel, family) => udpOverhead(family),
  identity: (tunnel) => udpIdentity(tunnel, UDP_PORT),
  check: checkUdpKeys,

  compile(tunnel, common): CompiledGeneve {
    const udp = compileUdp(tunnel, common, UDP_PORT);
    return Object.assign(common, udp, { type: "geneve" as const });
  },
};
