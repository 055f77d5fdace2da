import type { ErrorCode } from "./error-codes.js";
import { printable } from "./text/printable.js";

/** One error or warning, found at one place of one file. */
export interface Problem {
  /** Path as it was given or found. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units as editors count them. */
  readonly column: number;
  readonly code: ErrorCode;
  /** JSON pointer (RFC 6901) into the file; "" is the whole document. */
  readonly pointer: string;
  /** What is wrong. */
  readonly message: string;
  /** What to write instead. */
  readonly fix: string;
}

/**
 * One line for people: `file:line:column  CODE  /json/pointer: what is wrong; what to write instead`.
 * The whole document is shown as `/`. Control characters of files and keys are escaped.
 */
export function formatProblem(problem: Problem): string {
  const place = `${printable(problem.file)}:${problem.line}:${problem.column}`;
  const pointer = printable(problem.pointer) || "/";
  return `${place}  ${problem.code}  ${pointer}: ${problem.message}; ${problem.fix}`;
}
