import { isNativeFailure } from "../native/index.js";
import { type ExitCode, exitCode } from "./exit-codes.js";

/** A command that cannot go on: what to tell the person, and the exit code. */
export class CommandFailure extends Error {
  readonly exitCode: ExitCode;
  /** What to do about it; empty where the message says so itself. */
  readonly fix: string;

  constructor(message: string, code: ExitCode, fix = "") {
    super(message);
    this.exitCode = code;
    this.fix = fix;
  }
}

/** Prints any failure to stderr for a person and returns the exit code it asks for. */
export function reportFailure(error: unknown): ExitCode {
  if (error instanceof CommandFailure) {
    printFailure(error.message, error.fix);
    return error.exitCode;
  }
  if (isNativeFailure(error)) {
    printFailure(`${error.code}  ${error.message}`, error.fix);
    return exitCode.failed;
  }
  printFailure(error instanceof Error ? error.message : String(error), "");
  return exitCode.failed;
}

function printFailure(message: string, fix: string): void {
  process.stderr.write(`error: ${message}\n`);
  if (fix !== "") process.stderr.write(`  fix: ${fix}\n`);
}
