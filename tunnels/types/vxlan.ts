import { type Static, Type } from "@sinclair/typebox";
import type { CompiledVxlan } from "../compiled.js";
import { choice, whole } from "../schema/parts.js";
import { tunnelSchema, udpTunnelKeys } from "../schema/tunnel.js";
import type { TunnelType } from "./tunnel-type.js";
import { checkUdpKeys, compileUdp, udpIdentity, udpOverhead } from "./udp.js";

/** IANA's port (RFC 7348 §8). */
const UDP_PORT = 4789;

const schema = tunnelSchema("vxlan", {
  vni: whole(0, 16777215, "VXLAN network identifier, 24 bits."),
  ...udpTunnelKeys(UDP_PORT),
  reserved: Type.Optional(choice(["ignore", "drop"], { default: "ignore" })),
});

type VxlanTunnel = Static<typeof schema>;

/** VXLAN (RFC 7348). */
export const vxlan: TunnelType<VxlanTunnel, typeof schema> = {
  type: "vxlan",
  schema,
  payload: () => "ethernet",
  overhead: (_tunnel, family) => udpOverhead(family),
  identity: (tunnel) => udpIdentity(tunnel, UDP_PORT),
  check: checkUdpKeys,

  compile(tunnel, common): CompiledVxlan {
    const dropReserved = tunnel.reserved === "drop";
    const udp = compileUdp(tunnel, common, UDP_PORT);
    return Object.assign(common, udp, { type: "vxlan" as const, dropReserved });
  },
};
