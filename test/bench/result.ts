/** Results as they are kept, to be compared with those of another day. */
import { readFile, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import type { Time, Updates } from "./program.js";

export interface SceneResult {
  readonly time: Time;
  readonly instructions?: number;
  readonly updates?: Updates;
}

/** By scene. */
export type Measured = ReadonlyMap<string, SceneResult>;

interface ResultFile {
  readonly cpu: string;
  readonly loadAverage: readonly number[];
  readonly scenes: Readonly<Record<string, SceneResult>>;
}

export async function writeResult(path: string, measured: Measured): Promise<void> {
  const file: ResultFile = {
    cpu: cpus()[0]?.model ?? "unknown",
    loadAverage: loadavg(),
    scenes: Object.fromEntries(measured),
  };
  await writeFile(path, `${JSON.stringify(file, null, 2)}\n`);
}

/** @throws {Error} when the file cannot be read or holds no result. */
export async function readResult(path: string): Promise<Measured> {
  const file = JSON.parse(await readFile(path, "utf8")) as Partial<ResultFile>;
  if (typeof file.scenes !== "object") throw new Error(`${path} holds no result of the benchmark`);
  return new Map(Object.entries(file.scenes));
}
