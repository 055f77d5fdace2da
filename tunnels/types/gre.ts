import { type Static, Type } from "@sinclair/typebox";
import type { AddressFamily } from "../address/address.js";
import type { Draft } from "../check/draft.js";
import { laterRules, onlyValues } from "../check/later-rule.js";
import type { CompiledGre } from "../compiled.js";
import { choice, closed, whole } from "../schema/parts.js";
import { tunnelSchema } from "../schema/tunnel.js";
import {
  ETHERNET_BYTES,
  ipHeaderBytes,
  type PacketIdentity,
  type TunnelType,
} from "./tunnel-type.js";

/** RFC 2784 §2: flags, version and protocol type. */
const GRE_HEADER_BYTES = 4;
/** Key and sequence number (RFC 2890 §2), checksum with Reserved1 (RFC 2784 §2.1): 4 each. */
const OPTIONAL_FIELD_BYTES = 4;

/** The group of packets without a key: no VSID. */
const NO_KEY = -1;

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

/**
 * The identity of a GRE packet with a key. An NVGRE tunnel takes all 256 keys of its VSID
 * (RFC 7637 §3.2: the last 8 bits are the FlowID), so the first 24 bits make the group.
 */
export function keyedIdentity(vsid: number, key?: number): PacketIdentity {
  const keyed = { space: "gre", group: vsid };
  return key === undefined
    ? { ...keyed, words: () => `VSID ${vsid}` }
    : { ...keyed, id: key, words: () => `key ${key}` };
}

function sharedBytes({ payload, key }: Draft<GreTunnel>, family: AddressFamily): number {
  // An IP packet takes the place of the whole inner frame, its Ethernet header included.
  const ethernet = payload === "ip" ? 0 : ETHERNET_BYTES;
  const keyBytes = key === undefined ? 0 : OPTIONAL_FIELD_BYTES;
  return ethernet + ipHeaderBytes(family) + GRE_HEADER_BYTES + keyBytes;
}

/** GRE (RFC 2784, RFC 2890, RFC 7676) with Ethernet (protocol type 0x6558) or IP packets in it. */
export const gre: TunnelType<GreTunnel, typeof schema> = {
  type: "gre",
  schema,
  later: laterRules([onlyValues("keepalive", [false], "leave it out")]),

  payload(tunnel) {
    return "payload" in tunnel ? tunnel.payload : "ethernet";
  },

  overhead(tunnel, family) {
    const isChecked = tunnel.checksum !== undefined && tunnel.checksum !== false;
    const optional = (isChecked ? 1 : 0) + (tunnel.sequence === true ? 1 : 0);
    return sharedBytes(tunnel, family) + optional * OPTIONAL_FIELD_BYTES;
  },

  /** Checksum and sequence number may be missing in what peers send. */
  leastReceived: sharedBytes,

  identity({ key }) {
    if (key === undefined) {
      return { space: "gre", group: NO_KEY, words: () => "no key" };
    }
    const received = typeof key === "object" ? key.receive : key;
    return received === undefined ? undefined : keyedIdentity(Math.floor(received / 256), received);
  },

  check() {
    return [];
  },

  compile({ key, sequence, checksum, payload }, common): CompiledGre {
    const keys = typeof key === "number" ? { send: key, receive: key } : key;
    const own = {
      type: "gre" as const,
      payload: payload ?? "ethernet",
      sequence: sequence ?? false,
      sendChecksum: checksum !== undefined && checksum !== false,
      requireChecksum: checksum === "require",
    };
    return keys === undefined
      ? Object.assign(common, own)
      : Object.assign(common, own, { sendKey: keys.send, receiveKey: keys.receive });
  },
};
