import { isPlain } from "./plain-text.js";
import { type ReadResult, readTextFile } from "./read-file.js";
import { scanJson, type TextProblem } from "./scan.js";

/** A file that was read, and its JSON value if the text has one. */
export interface JsonDocument {
  readonly file: string;
  readonly text: string;
  /**
   * Undefined: the text could not be used, `problems` says why; or the value is of no more use, and
   * the memory of all files' values would be most of what they take.
   */
  value: unknown;
  /** Errors of the file and its text. */
  readonly problems: readonly TextProblem[];
  /** Pointers of numbers already reported as not whole. */
  readonly inexactNumbers: ReadonlySet<string>;
}

/** Reads one JSON file strictly. Never throws for what is in the file or for a file that is missing. */
export function readJsonDocument(file: string): JsonDocument {
  const read = readTextFile(file);
  return read.ok ? parseDocument(file, read) : unreadable(file, read);
}

function unreadable(file: string, read: ReadResult & { ok: false }): JsonDocument {
  const problems = [{ ...read.failure, pointer: "" }];
  return { file, text: "", value: undefined, problems, inexactNumbers: new Set() };
}

const NO_NUMBERS: ReadonlySet<string> = new Set();
const NO_PROBLEMS: readonly TextProblem[] = [];

function parseDocument(file: string, read: ReadResult & { ok: true }): JsonDocument {
  const { text } = read;
  const plain = read.hadByteOrderMark ? undefined : parsePlain(text);
  if (plain !== undefined) {
    return { file, text, value: plain, problems: NO_PROBLEMS, inexactNumbers: NO_NUMBERS };
  }
  const scan = scanJson(text);
  const problems: TextProblem[] = [...scan.problems];
  if (read.hadByteOrderMark) {
    const message = "the file starts with a byte order mark";
    const fix = "save it as UTF-8 without one";
    problems.unshift({ code: "ADIT-1005", pointer: "", message, fix, line: 1, column: 1 });
  }
  const value = scan.usable ? parseChecked(text, problems) : undefined;
  return { file, text, value, problems, inexactNumbers: scan.inexactNumbers };
}

/** The value of a text that needs no scan; undefined where it may need one. */
function parsePlain(text: string): unknown {
  if (!isPlain(text)) {
    return undefined;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The scan has passed the text; should the two parsers ever differ, that is an error, not a crash. */
function parseChecked(text: string, problems: TextProblem[]): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const fix = "write plain JSON (RFC 8259)";
    const message = "the text is not JSON";
    problems.push({ code: "ADIT-1006", pointer: "", message, fix, line: 1, column: 1 });
    return undefined;
  }
}
