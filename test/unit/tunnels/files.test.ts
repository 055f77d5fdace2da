import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfiguration } from "../../../tunnels/index.js";
import { matchesWildcard } from "../../../tunnels/text/wildcard.js";
import { inFolder, load, loadValid } from "./harness.js";

const tenant = (name: string) => `{ "tenant": "${name}" }`;
const names = (files: Record<string, string>) =>
  loadValid(files).table.tenants.map(({ name }) => name);

test("tunnelFiles defaults to tunnels.d/*.json, without dot names and other endings", () => {
  const files = {
    "adit.json": "{}",
    "tunnels.d/b.json": tenant("b"),
    "tunnels.d/.a.json": "not read",
    "tunnels.d/a.json.bak": "not read",
    "tunnels.d/deeper/c.json": "not read",
  };
  assert.deepEqual(names(files), ["b"]);
});

test("tunnelFiles takes plain paths, patterns and both in the order given, each file once", () => {
  const files = {
    "adit.json": '{ "tunnelFiles": ["z.json", "t/?.json", "t/*.json", "sites/*/tunnels.json"] }',
    "z.json": tenant("z"),
    "t/ab.json": tenant("ab"),
    "t/c.json": tenant("c"),
    "sites/x/tunnels.json": tenant("x"),
    "sites/y/other.json": "not read",
  };
  assert.deepEqual(names(files), ["z", "c", "ab", "x"]);
});

test("a pattern without a match is a warning, the default's is not", () => {
  const given = loadValid({ "adit.json": '{ "tunnelFiles": ["t/*.json"] }' });
  assert.deepEqual(
    given.warnings.map(({ code, pointer }) => `${code} ${pointer}`),
    ["ADIT-3009 ", "ADIT-3004 /tunnelFiles/0"],
  );
  const byDefault = loadValid({ "adit.json": "{}" });
  assert.deepEqual(
    byDefault.warnings.map(({ code }) => code),
    ["ADIT-3009"],
  );
});

test("reads a folder as Kubernetes lays it out", () => {
  inFolder({ "adit.json": "{}" }, (folder) => {
    mkdirSync(join(folder, "tunnels.d/..2026"), { recursive: true });
    writeFileSync(join(folder, "tunnels.d/..2026/acme.json"), tenant("acme"));
    symlinkSync("..2026", join(folder, "tunnels.d/..data"));
    symlinkSync("..data/acme.json", join(folder, "tunnels.d/acme.json"));
    const result = loadConfiguration(join(folder, "adit.json"));
    assert.ok(result.ok);
    assert.deepEqual(result.table.tenants, [{ name: "acme", icmpPerSecond: 100 }]);
    assert.deepEqual(result.files, [
      join(folder, "adit.json"),
      join(folder, "tunnels.d/acme.json"),
    ]);
  });
});

test("a link to nothing in the folder is an error at that file", () => {
  inFolder({ "adit.json": "{}", "tunnels.d/a.json": tenant("a") }, (folder) => {
    symlinkSync("gone", join(folder, "tunnels.d/b.json"));
    symlinkSync("c.json", join(folder, "tunnels.d/c.json"));
    const result = loadConfiguration(join(folder, "adit.json"));
    assert.ok(!result.ok);
    assert.deepEqual(
      result.errors.map(({ file, code }) => [file.slice(-6), code]),
      [
        ["b.json", "ADIT-1001"],
        ["c.json", "ADIT-1001"],
      ],
    );
    assert.equal(result.filesChecked, 4);
  });
});

test("the same file twice in tunnelFiles is read once", () => {
  const result = load({
    "adit.json": '{ "tunnelFiles": ["a.json", "a.json"] }',
    "a.json": tenant("a"),
  });
  assert.ok(result.ok);
});

test("matchesWildcard() matches whole names in bounded time", () => {
  assert.ok(matchesWildcard("acme.json", "*.json"));
  assert.ok(matchesWildcard("a.b.json", "a*.*n"));
  assert.ok(matchesWildcard("", "*"));
  assert.ok(!matchesWildcard("acme.jsonc", "*.json"));
  assert.ok(!matchesWildcard("ab", "?"));
  assert.ok(!matchesWildcard("[a]", "[b]"));
  assert.ok(!matchesWildcard("a".repeat(255), `${"a*".repeat(120)}b`));
});
