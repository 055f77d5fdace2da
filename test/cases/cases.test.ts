import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

// Debian's interpreter, which has Debian's scapy.
const PYTHON = "/usr/bin/python3";
const RUNNER = fileURLToPath(new URL("../../../test/cases/run.py", import.meta.url));
/** A suite that finds fewer cases than this has lost some. */
const FEWEST_CASES = 1000;

interface Verdict {
  readonly name: string;
  readonly faults: readonly string[];
}

function isVerdict(value: unknown): value is Verdict {
  if (typeof value !== "object" || value === null) return false;
  return "name" in value && typeof value.name === "string" && "faults" in value;
}

function parseVerdict(line: string): Verdict {
  const value: unknown = JSON.parse(line);
  assert.ok(isVerdict(value), `not a verdict: ${line}`);
  return value;
}

test("packets in, packets out", async (context) => {
  const runner = spawn(PYTHON, [RUNNER], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve, reject) => {
    runner.once("error", reject);
    runner.once("close", resolve);
  });
  // Lines are waited for below; an error of the process must not go unhandled until then.
  ended.catch(() => undefined);
  let cases = 0;
  let failed = 0;
  for await (const line of createInterface({ input: runner.stdout })) {
    const { name, faults } = parseVerdict(line);
    cases += 1;
    failed += faults.length > 0 ? 1 : 0;
    await context.test(name, () => {
      assert.equal(faults.length, 0, faults.join("\n"));
    });
  }
  assert.equal(await ended, failed === 0 ? 0 : 1, "exit code of the runner");
  assert.ok(cases >= FEWEST_CASES, `only ${cases} cases ran`);
});
