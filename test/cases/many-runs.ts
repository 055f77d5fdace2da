// Runs one `adit` command after another in one process, because starting Node is most of the time of
// a small replay. A line of stdin is the command's arguments as a JSON array; for each a line of
// stdout says how it ended: {"exitCode": ..., "stderr": ...}.
import { createInterface } from "node:readline";
import { reportFailure } from "../../gateway/command-failure.js";
import { program } from "../../gateway/program.js";

interface Ending {
  readonly exitCode: number;
  readonly stderr: string;
}

function parseArguments(line: string): string[] {
  const value: unknown = JSON.parse(line);
  if (!Array.isArray(value)) throw new TypeError(`not a list of arguments: ${line}`);
  return value.map(String);
}

async function runCommand(args: readonly string[]): Promise<Ending> {
  const write = process.stderr.write;
  let stderr = "";
  process.stderr.write = (chunk: string | Uint8Array): boolean => {
    stderr += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    return true;
  };
  try {
    const exitCode = await endOf(args);
    return { exitCode, stderr };
  } finally {
    process.stderr.write = write;
  }
}

/** What `main.ts` does with a command. */
async function endOf(args: readonly string[]): Promise<number> {
  try {
    return await program(["node", "adit", ...args]);
  } catch (error) {
    return reportFailure(error);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await runCommand(parseArguments(line)))}\n`);
}
