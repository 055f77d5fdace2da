import { type Static, Type } from "@sinclair/typebox";
import type { CompiledNvgre } from "../compiled.js";
import { whole } from "../schema/parts.js";
import { tunnelSchema } from "../schema/tunnel.js";
import { keyedIdentity } from "./gre.js";
import { ETHERNET_BYTES, ipHeaderBytes, type TunnelType } from "./tunnel-type.js";

/** GRE with a key and nothing else (RFC 7637 §3.2). */
const HEADER_BYTES = 8;

const schema = tunnelSchema("nvgre", {
  vsid: whole(4096, 16777214, "Virtual subnet identifier."),
  flowId: Type.Optional(
    Type.Union([whole(0, 255), Type.Literal("hash")], {
      description: 'A number, or the flow hash. Default "hash".',
    }),
  ),
});

type NvgreTunnel = Static<typeof schema>;

/** NVGRE (RFC 7637). */
export const nvgre: TunnelType<NvgreTunnel, typeof schema> = {
  type: "nvgre",
  schema,
  payload: () => "ethernet",
  overhead: (_tunnel, family) => ETHERNET_BYTES + ipHeaderBytes(family) + HEADER_BYTES,
  identity: ({ vsid }) => (vsid === undefined ? undefined : keyedIdentity(vsid)),

  /** RFC 7637 §3.3: a decapsulated frame with a tag is dropped. */
  check({ innerTags }) {
    if (innerTags !== "keep") {
      return [];
    }
    const message = "NVGRE carries no inner VLAN tags";
    const fix = 'write "drop" or leave it out';
    return [{ path: ["innerTags"], code: "ADIT-1319", message, fix }];
  },

  compile({ vsid, flowId }, common): CompiledNvgre {
    return Object.assign(common, { type: "nvgre" as const, vsid, flowId: flowId ?? "hash" });
  },
};
