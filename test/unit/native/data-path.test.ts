import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const program = `
  import { createDataPath } from ${JSON.stringify(new URL("../../../native/index.js", import.meta.url).href)};
  const empty = { tenants: [], members: [], nextHops: [], ports: [], neighbors: [], routes: [],
    block: [], workers: 1 };
  globalThis.kept = Array.from({ length: 200 }, () => createDataPath(empty, () => undefined));
`;

test("a process ends well with data paths that nobody stopped", () => {
  const args = ["--input-type=module", "--eval", program];
  const { status, signal, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.deepEqual([status, signal, stderr], [0, null, ""]);
});
