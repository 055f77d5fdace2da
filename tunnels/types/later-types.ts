import { Type } from "@sinclair/typebox";
import { whole } from "../schema/parts.js";
import { tunnelSchema, udpTunnelKeys } from "../schema/tunnel.js";

/** Types of the contract that this version knows but does not support, and what comes near. */
export const laterTunnelTypes = {
  nvgre: {
    schema: tunnelSchema("nvgre", {
      vsid: whole(4096, 16777214, "Virtual subnet identifier."),
      flowId: Type.Optional(
        Type.Union([whole(0, 255), Type.Literal("hash")], {
          description: 'A number, or the flow hash. Default "hash".',
        }),
      ),
    }),
    instead: 'write "type": "gre" or "vxlan"',
  },
  geneve: {
    schema: tunnelSchema("geneve", {
      vni: whole(0, 16777215, "Virtual network identifier, 24 bits."),
      ...udpTunnelKeys(6081),
    }),
    instead: 'write "type": "vxlan"',
  },
} as const;
