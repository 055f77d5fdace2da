import { randomBytes } from "node:crypto";
import type { CompiledTable } from "../tunnels/compiled.js";
import {
  addon,
  type DataPath,
  type DataPathEvent,
  type DropReason,
  type Replay,
  type ReplayInput,
} from "./addon.js";
import { packTable } from "./packed-table.js";

/** The one list of drop reasons, in its order. */
export const dropReasons: readonly DropReason[] = addon.dropReasons;

/**
 * Prepares a gateway; nothing is opened before `start`.
 *
 * The flow hash and the lookup tables are keyed by a random seed, so that source ports do not tell
 * inner addresses and nobody can aim at a hash bucket.
 *
 * @param onEvent called on the event loop for everything worth a line in the log.
 */
export function createDataPath(
  table: CompiledTable,
  onEvent: (event: DataPathEvent) => void,
): DataPath {
  return new addon.DataPath(packTable(table), randomBytes(8).readBigUInt64LE(), onEvent);
}

/**
 * Prepares a replay of capture files.
 *
 * @param directory where the output goes; it exists.
 * @throws {NativeFailure} when an input cannot be read or is damaged, or an output not be made.
 */
export function createReplay(
  table: CompiledTable,
  seed: bigint,
  inputs: readonly ReplayInput[],
  directory: string,
): Replay {
  return new addon.Replay(packTable(table), seed, inputs, directory);
}

/** Sends a state such as `READY=1` to the service manager; false where there is none. */
export const notifySystemd = addon.notifySystemd;

/** Turns interface features on again; returns those that the driver refused. */
export const restoreFeatures = addon.restoreFeatures;
