import type { TSchema } from "@sinclair/typebox";
import type { AddressFamily } from "../address/address.js";
import type { Draft } from "../check/draft.js";
import type { LaterRules } from "../check/later-rule.js";
import type { CompiledGre, CompiledTunnel } from "../compiled.js";
import type { ErrorCode } from "../error-codes.js";

/** The part of a compiled tunnel that is the same for every type. */
export type CommonCompiled = Omit<CompiledGre, "type" | "key">;

/** An error in the keys of one type; `path` leads on from the tunnel. */
export interface TunnelProblem {
  readonly path: readonly (string | number)[];
  readonly code: ErrorCode;
  readonly message: string;
  readonly fix: string;
}

/** What the header's length depends on beside the outer family. */
export interface HeaderOptions {
  readonly key?: unknown;
}

/** All that the configuration knows about one type of tunnel. `T` is what its schema describes. */
export interface TunnelType<T, S extends TSchema = TSchema> {
  readonly type: CompiledTunnel["type"];
  readonly schema: S;
  /** Keys of its own that come later. */
  readonly later: LaterRules;
  /**
   * Bytes pushed in front of the inner Ethernet frame, the outer Ethernet header included. As that
   * is as long as the inner one, it is also what the underlay's IP MTU loses.
   */
  overhead(options: HeaderOptions, family: AddressFamily): number;
  /** Marks the packets of the tunnel beside type, addresses; undefined while a key is missing. */
  identity(tunnel: Draft<T>): string | undefined;
  /** Errors in the keys of its own. */
  check(tunnel: Draft<T>, family: AddressFamily | undefined): readonly TunnelProblem[];
  compile(tunnel: T, common: CommonCompiled, family: AddressFamily): CompiledTunnel;
}

/** Outer Ethernet header without tags, and IP header without options or extensions, bytes. */
export function outerHeaderBytes(family: AddressFamily): number {
  return 14 + (family === 4 ? 20 : 40);
}
