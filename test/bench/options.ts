/** Options of the benchmarks' command lines. */
import { type ParseArgsConfig, parseArgs } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Parsed<T extends Options> = ReturnType<typeof parseArgs<{ options: T }>>["values"];

/** What was written cannot be meant. */
export class WrongUsage extends Error {}

/**
 * The values of `options`. `--help` prints `usage` and ends the program with exit code 0; an option
 * that is not there, or without its value, is told in a line, with exit code 2.
 * @param check throws WrongUsage where a value makes no sense; what it returns is returned.
 */
export function readOptions<T extends Options, R>(
  usage: string,
  options: T,
  check: (values: Parsed<T>) => R,
  args: readonly string[] = process.argv.slice(2),
): R {
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(usage);
    process.exit(0);
  }
  try {
    return check(parseArgs({ args: [...args], options }).values);
  } catch (error) {
    if (!isWrongUsage(error)) throw error;
    process.stderr.write(`error: ${error.message}\n  fix: --help names the options\n`);
    process.exit(2);
  }
}

function isWrongUsage(error: unknown): error is Error {
  const isParseError = error instanceof TypeError && "code" in error;
  return error instanceof WrongUsage || (isParseError && `${error.code}`.startsWith("ERR_PARSE_"));
}

/** @throws {WrongUsage} where it is no number from `least` on. */
export function numberOf(option: string, text: string, least: number): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value >= least && Number.isFinite(value))) {
    throw new WrongUsage(`${option} ${text}: not a number from ${least} on`);
  }
  return value;
}

/** @throws {WrongUsage} where it is no regular expression. */
export function patternOf(option: string, text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new WrongUsage(`${option} ${text}: not a regular expression`);
  }
}
