import { type Static, Type } from "@sinclair/typebox";
import { laterRules, onlyValues } from "../check/later-rule.js";
import type { CompiledVxlan } from "../compiled.js";
import { choice, whole } from "../schema/parts.js";
import { tunnelSchema, udpTunnelKeys } from "../schema/tunnel.js";
import { outerHeaderBytes, type TunnelProblem, type TunnelType } from "./tunnel-type.js";

/** IANA's port (RFC 7348 §8). */
const UDP_PORT = 4789;
/** Dynamic ports (RFC 7348 §5). */
const SOURCE_PORTS = [49152, 65535] as const;
const UDP_HEADER_BYTES = 8;
const VXLAN_HEADER_BYTES = 8;

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
  later: laterRules([
    onlyValues("reserved", ["ignore"], 'write "ignore" or leave it out: set bits are ignored'),
  ]),

  overhead(_options, family) {
    return outerHeaderBytes(family) + UDP_HEADER_BYTES + VXLAN_HEADER_BYTES;
  },

  identity(tunnel) {
    return tunnel.vni === undefined
      ? undefined
      : `UDP port ${tunnel.udpPort ?? UDP_PORT}, VNI ${tunnel.vni}`;
  },

  check(tunnel, family) {
    const problems: TunnelProblem[] = [];
    const [first, last] = tunnel.sourcePorts ?? SOURCE_PORTS;
    if (first !== undefined && last !== undefined && first > last) {
      const message = `the range ${first}-${last} is reversed`;
      const fix = `write [${last}, ${first}]`;
      problems.push({ path: ["sourcePorts"], code: "ADIT-1212", message, fix });
    }
    if (tunnel.udpChecksum === false && family === 6) {
      const message = '"udpChecksum": false on IPv6 is not supported by this version yet';
      const fix = "write true or leave it out";
      problems.push({ path: ["udpChecksum"], code: "ADIT-1401", message, fix });
    }
    return problems;
  },

  compile(tunnel, common, family): CompiledVxlan {
    const [first, last] = tunnel.sourcePorts ?? SOURCE_PORTS;
    return {
      ...common,
      type: "vxlan",
      vni: tunnel.vni,
      udpPort: tunnel.udpPort ?? UDP_PORT,
      sourcePorts: [first, last],
      udpChecksum: tunnel.udpChecksum ?? family === 6,
    };
  },
};
