import type { TSchema } from "@sinclair/typebox";
import type { AddressFamily } from "../address/address.js";
import type { Draft } from "../check/draft.js";
import type { LaterRules } from "../check/later-rule.js";
import type { CompiledNvgre, CompiledTunnel } from "../compiled.js";
import type { ErrorCode } from "../error-codes.js";

/** The part of a compiled tunnel that is the same for every type. */
export type CommonCompiled = Omit<CompiledNvgre, "type" | "vsid" | "flowId">;

/** What a tunnel carries. */
export type Payload = CommonCompiled["payload"];

/** An error in the keys of one type; `path` leads on from the tunnel. */
export interface TunnelProblem {
  readonly path: readonly (string | number)[];
  readonly code: ErrorCode;
  readonly message: string;
  readonly fix: string;
}

/** What marks the received packets of a tunnel beside the local address and the source. */
export interface PacketIdentity {
  /** Packets of different spaces, or of different groups of one, are never mistaken for each other. */
  readonly space: string | number;
  readonly group: number;
  /** In a group with it: packets of different ids are told apart; without, it takes every id. */
  readonly id?: number;
  /** The same for people. */
  words(): string;
  /** UDP port that the type has for itself on the local address. */
  readonly udpPort?: number;
}

/** All that the configuration knows about one type of tunnel. `T` is what its schema describes. */
export interface TunnelType<T, S extends TSchema = TSchema> {
  readonly type: CompiledTunnel["type"];
  readonly schema: S;
  /** Keys of its own that come later. */
  readonly later?: LaterRules;
  /** Undefined while the key that says so is wrong. */
  payload(tunnel: Draft<T>): Payload | undefined;
  /**
   * Bytes by which a sent packet is longer than the inner Ethernet frame, both with an untagged
   * Ethernet header. It is what the underlay's IP MTU loses, and how far a push reaches in front
   * of a frame; where IP packets are carried, the Ethernet header that is popped is taken off.
   */
  overhead(tunnel: Draft<T>, family: AddressFamily): number;
  /** The least of it that a received packet has; where it is missing, as much as is sent. */
  leastReceived?(tunnel: Draft<T>, family: AddressFamily): number;
  /** Undefined while a key is missing. */
  identity(tunnel: Draft<T>): PacketIdentity | undefined;
  /** Errors in the keys of its own, and in what it makes of the common ones. */
  check(tunnel: Draft<T>): readonly TunnelProblem[];
  /**
   * Completes `common`, the part of this tunnel that all types have, and gives it back: a copy of
   * each of a million objects would take most of the time.
   */
  compile(tunnel: T, common: CommonCompiled): CompiledTunnel;
}

/** IP header without options or extensions, bytes. */
export function ipHeaderBytes(family: AddressFamily): number {
  return family === 4 ? 20 : 40;
}

/** Ethernet header without tags, bytes. */
export const ETHERNET_BYTES = 14;
