import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createReplay } from "../../../native/index.js";
import { type CompiledPort, loadConfiguration } from "../../../tunnels/index.js";

const folder = mkdtempSync(join(tmpdir(), "adit-spec-test-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "adit.json");
writeFileSync(file, JSON.stringify({ ports: [{ name: "a", headroom: 20 }, { name: "b" }] }));

/** Hands the data path a table whose first port was changed behind the checks' back. */
function open(change: Partial<CompiledPort>): void {
  const loaded = loadConfiguration(file);
  assert.ok(loaded.ok);
  const [first, ...others] = loaded.table.ports;
  assert.ok(first !== undefined);
  const table = { ...loaded.table, ports: [{ ...first, ...change }, ...others] };
  createReplay(table, 1n, [], folder).finish();
}

test("a table may reserve what is in front of a frame, and not a byte more", () => {
  open({ reservedHeadroom: 276 });
  for (const reservedHeadroom of [277, 0x7fffffff, 0xffffffff]) {
    assert.throws(() => open({ reservedHeadroom }), RangeError);
  }
});

test("a table may not ask for more headroom than a frame can have", () => {
  open({ headroom: 3072 });
  for (const headroom of [3073, 0x80000000, 0xffffffff]) {
    assert.throws(() => open({ headroom }), RangeError);
  }
});
