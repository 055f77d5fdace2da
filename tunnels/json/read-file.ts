import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import type { ErrorCode } from "../error-codes.js";

/** Largest configuration file, bytes. */
export const FILE_SIZE_LIMIT = 64 * 1024 * 1024;

const CHUNK_SIZE = 1024 * 1024;

/** What files are read into, one after the other: a buffer a file would be most of the work. */
const chunk = Buffer.allocUnsafeSlow(CHUNK_SIZE);

/** Why a file has no text. `line` and `column` are 1-based. */
export interface ReadFailure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly fix: string;
  readonly line: number;
  readonly column: number;
}

export type ReadResult =
  | { readonly ok: true; readonly text: string; readonly hadByteOrderMark: boolean }
  | { readonly ok: false; readonly failure: ReadFailure };

/**
 * Reads a whole configuration file as UTF-8 text, once.
 * Links are followed (Kubernetes publishes ConfigMaps through them). The opened file itself is
 * examined, not its name, so it cannot be exchanged in between; O_NONBLOCK keeps a pipe from
 * holding the open up.
 */
export function readTextFile(path: string): ReadResult {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    return cannotRead(error);
  }
  try {
    const kind = otherKind(fstatSync(descriptor));
    if (kind !== undefined) {
      const message = `it is ${kind}, not a regular file`;
      return failed("ADIT-1002", message, "name a JSON file here");
    }
    const bytes = readBounded(descriptor);
    return bytes === undefined ? tooLarge() : decode(bytes);
  } catch (error) {
    return cannotRead(error);
  } finally {
    closeSync(descriptor);
  }
}

function failed(code: ErrorCode, message: string, fix: string, line = 1, column = 1): ReadResult {
  return { ok: false, failure: { code, message, fix, line, column } };
}

function cannotRead(error: unknown): ReadResult {
  const code = errorName(error);
  const known: Record<string, readonly [string, string]> = {
    ENOENT: ["the file does not exist", "create it, or name the file that is meant"],
    EACCES: ["the file may not be read by this user", "give this user read permission"],
    ELOOP: ["the link leads back to itself", "point it at a file"],
    ENXIO: ["it is a socket or a device, not a regular file", "name a JSON file here"],
  };
  const [message, fix] = known[code] ?? [
    `the file cannot be read (${code})`,
    "name a readable file",
  ];
  return failed(code === "ENXIO" ? "ADIT-1002" : "ADIT-1001", message, fix);
}

/** The system's word for an error, such as `ENOENT`. */
export function errorName(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "unknown reason";
}

function otherKind(stats: Stats): string | undefined {
  if (stats.isFile()) {
    return undefined;
  }
  if (stats.isDirectory()) {
    return "a folder";
  }
  return stats.isFIFO() ? "a pipe" : "a socket or a device";
}

/**
 * All bytes up to the limit, valid until the next call; undefined if there are more, whatever size
 * the file claims to have.
 */
function readBounded(descriptor: number): Buffer | undefined {
  const full: Buffer[] = [];
  let inChunk = 0;
  for (;;) {
    const count = readSync(descriptor, chunk, inChunk, CHUNK_SIZE - inChunk, null);
    inChunk += count;
    if (full.length * CHUNK_SIZE + inChunk > FILE_SIZE_LIMIT) {
      return undefined;
    }
    if (count === 0) {
      const rest = chunk.subarray(0, inChunk);
      return full.length === 0 ? rest : Buffer.concat([...full, rest]);
    }
    if (inChunk === CHUNK_SIZE) {
      full.push(Buffer.from(chunk));
      inChunk = 0;
    }
  }
}

function tooLarge(): ReadResult {
  const limit = FILE_SIZE_LIMIT / (1024 * 1024);
  return failed("ADIT-1003", `the file is larger than ${limit} MiB`, "split it into several files");
}

function decode(bytes: Buffer): ReadResult {
  if (!isUtf8(bytes)) {
    return notUtf8(bytes);
  }
  const hadByteOrderMark = bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]));
  const text = bytes.toString("utf8", hadByteOrderMark ? 3 : 0);
  return { ok: true, text, hadByteOrderMark };
}

/** Names the first bad place: in UTF-8 a line feed is never part of another character. */
function notUtf8(bytes: Buffer): ReadResult {
  let line = 1;
  let start = 0;
  for (;;) {
    const feed = bytes.indexOf(0x0a, start);
    const row = bytes.subarray(start, feed === -1 ? bytes.length : feed);
    if (!isUtf8(row) || feed === -1) {
      const column = row.toString("utf8").indexOf("\uFFFD") + 1;
      const message = "the file is not valid UTF-8 from here on";
      return failed("ADIT-1004", message, "save it as UTF-8", line, Math.max(column, 1));
    }
    line++;
    start = feed + 1;
  }
}
