import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfiguration } from "../../../tunnels/index.js";
import { bad, GATEWAY, inFolder, load, loadErrors, tenantFiles } from "./harness.js";

bad("an empty file", tenantFiles("§"), ["ADIT-1006", ""]);
bad("a trailing comma in an object", tenantFiles('{ "tenant": "acme", §}'), ["ADIT-1006", ""]);
bad("a trailing comma in a list", tenantFiles('{ "tenant": "a", "tunnels": [1, §] }'), [
  "ADIT-1006",
  "",
]);
bad("a missing comma", tenantFiles('{\n "tenant": "acme"\n §"tunnels": []\n}'), ["ADIT-1006", ""]);
bad("a comment", tenantFiles('{\n §// mine\n "tenant": "acme"\n}'), ["ADIT-1007", ""]);
bad("a block comment", tenantFiles('{ §/* mine */ "tenant": "acme" }'), ["ADIT-1007", ""]);
bad("single quotes", tenantFiles("{ §'tenant': 1 }"), ["ADIT-1006", ""]);
bad("text after the document", tenantFiles('{ "tenant": "acme" } §{}'), ["ADIT-1006", ""]);
bad("a document that ends early", tenantFiles('{ "tenant": "acme"§'), ["ADIT-1006", ""]);
bad("NaN", tenantFiles('{ "tenant": §NaN }'), ["ADIT-1006", ""]);
bad("a raw control character in a string", tenantFiles('{ "tenant": §"a\u0001b" }'), [
  "ADIT-1006",
  "",
]);

bad(
  "duplicate keys, at the second",
  tenantFiles('{\n  "tenant": "acme",\n  "tunnels": [],\n  §"tenant": "beta"\n}'),
  ["ADIT-1010", "/tenant"],
);
bad(
  "duplicate keys deep inside, with special characters in the pointer",
  tenantFiles(
    '{ "tenant": "a", "attachments": [{ "a/b~": 1, §§"a/b~": 2, "name": "n", "port": "access" }] }',
  ),
  ["ADIT-1010", "/attachments/0/a~1b~0"],
  ["ADIT-1101", "/attachments/0"],
);
bad(
  "a key given thrice, twice",
  { "adit.json": '{ "log": {}, §"log": {}, §"log": {} }' },
  ["ADIT-1010", "/log"],
  ["ADIT-1010", "/log"],
);
bad(
  "two syntax errors with sound text between",
  tenantFiles('{ "tenant": §bad, "tunnels": [§, 1] }'),
  ["ADIT-1006", ""],
  ["ADIT-1006", ""],
);

test("refuses text nested too deep without running out of stack", () => {
  const text = `{ "tenant": ${"[".repeat(200_000)}`;
  const [error] = loadErrors(tenantFiles(text));
  assert.equal(error?.code, "ADIT-1008");
  assert.equal(error?.column, 13 + 63);
});

test("refuses text nested too deep behind syntax errors in the gateway file", () => {
  const text = `{ ${'"a" '.repeat(20)} "b": ${"[".repeat(200_000)}`;
  assert.ok(loadErrors({ "adit.json": text }).every(({ code }) => code === "ADIT-1006"));
});

test("takes no notice of __proto__ but as an unknown key", () => {
  const text = '{ "tenant": "acme", "__proto__": { "polluted": true } }';
  const errors = loadErrors(tenantFiles(text));
  assert.deepEqual(
    errors.map(({ code, column }) => [code, column]),
    [["ADIT-1101", 21]],
  );
  assert.equal("polluted" in {}, false);
});

test("refuses names such as __proto__ for tenants", () => {
  const errors = loadErrors(tenantFiles('{ "tenant": "__proto__" }'));
  assert.deepEqual(
    errors.map(({ code }) => code),
    ["ADIT-1201"],
  );
});

test("names line and column of the first byte that is not UTF-8", () => {
  const bytes = Buffer.concat([
    Buffer.from('{\n  "tenant": "'),
    Buffer.from([0xff]),
    Buffer.from('"}'),
  ]);
  const [error, ...rest] = loadErrors({ "adit.json": GATEWAY, "tunnels.d/a.json": bytes });
  assert.deepEqual([error?.code, error?.line, error?.column, rest.length], ["ADIT-1004", 2, 14, 0]);
});

test("refuses UTF-16", () => {
  const bytes = Buffer.from('\ufeff{ "tenant": "acme" }', "utf16le");
  const [error] = loadErrors({ "adit.json": GATEWAY, "tunnels.d/a.json": bytes });
  assert.deepEqual([error?.code, error?.line, error?.column], ["ADIT-1004", 1, 1]);
});

test("refuses a byte order mark, and still reads what is behind it", () => {
  const errors = loadErrors({ "adit.json": GATEWAY, "tunnels.d/a.json": '\ufeff{ "tenants": 1 }' });
  assert.deepEqual(
    errors.map(({ code, column }) => [code, column]),
    [
      ["ADIT-1005", 1],
      ["ADIT-1103", 14],
    ],
  );
});

test("gives up a file with very many text errors", () => {
  const text = `{ "tenant": "a", "tunnels": [${"1.5,".repeat(5000)}1] }`;
  const errors = loadErrors(tenantFiles(text));
  assert.equal(errors.length, 1000);
});

test("says that the gateway file does not exist", () => {
  const result = loadConfiguration("/nonexistent/adit.json");
  assert.ok(!result.ok);
  assert.deepEqual(
    result.errors.map(({ code, line, column }) => [code, line, column]),
    [["ADIT-1001", 1, 1]],
  );
});

test("refuses folders, pipes, devices and sockets in place of files, without waiting", async () => {
  await inFolder({ "adit.json": GATEWAY }, async (folder) => {
    const tunnels = join(folder, "tunnels.d");
    mkdirSync(join(tunnels, "a.json"), { recursive: true });
    execFileSync("mkfifo", [join(tunnels, "b.json")]);
    symlinkSync("/dev/zero", join(tunnels, "c.json"));
    const server = createServer();
    await new Promise<void>((done) => server.listen(join(tunnels, "d.json"), done));
    const result = loadConfiguration(join(folder, "adit.json"));
    await new Promise((done) => server.close(done));
    assert.ok(!result.ok);
    assert.deepEqual(
      result.errors.map(({ file, code }) => [file.slice(-6), code]),
      ["a", "b", "c", "d"].map((name) => [`${name}.json`, "ADIT-1002"]),
    );
  });
});

test("refuses a file that is too large", () => {
  inFolder({ "adit.json": GATEWAY, "tunnels.d/a.json": "" }, (folder) => {
    truncateSync(join(folder, "tunnels.d/a.json"), 64 * 1024 * 1024 + 1);
    const result = loadConfiguration(join(folder, "adit.json"));
    assert.ok(!result.ok);
    assert.deepEqual(
      result.errors.map(({ code }) => code),
      ["ADIT-1003"],
    );
  });
});

test("tells the errors of tunnel files beside a gateway file that is not JSON", () => {
  const errors = loadErrors({
    "adit.json": '{ "tunnelFiles": ["t.json"], "ports": [ }',
    "t.json": '{ "tenantt": "acme", "attachments": [{ "name": "a", "port": "x" }] }',
  });
  assert.deepEqual(
    errors.map(({ file, code }) => `${file} ${code}`),
    ["adit.json ADIT-1006", "t.json ADIT-1102", "t.json ADIT-1101"],
  );
});

test("keeps 10000 errors, however many a file would make", () => {
  for (const entry of ["1", "{}", '{ "tenant": 7 }']) {
    for (const list of ["tenants", "attachments"]) {
      const entries = Array.from({ length: 12_000 }, () => entry).join(",");
      const start = list === "tenants" ? "" : '"tenant": "a", ';
      const result = load(tenantFiles(`{ ${start}"${list}": [${entries}] }`));
      assert.ok(!result.ok);
      assert.equal(result.errors.length, 10_000);
      assert.ok(result.errorCount < 10_010, String(result.errorCount));
    }
  }
});

test("refuses an object that holds more values than are needed", () => {
  const block = '"x",'.repeat(200_001);
  const errors = loadErrors(tenantFiles(`{ "tenant": "a", "block": [${block}"x"] }`));
  assert.deepEqual(
    errors.map(({ code, pointer }) => code + pointer),
    ["ADIT-1009"],
  );
  const remotes = "7,".repeat(200_001);
  const [error] = loadErrors(
    tenantFiles(`{ "tenant": "a", "tunnels": [{ "remote": [${remotes}7] }] }`),
  );
  assert.deepEqual([error?.code, error?.pointer], ["ADIT-1009", "/tunnels/0"]);
});

test("refuses more values than a configuration needs, before they take memory", () => {
  const text = `{ "tenants": [${"1,".repeat(8_000_000)}1] }`;
  const [error, ...rest] = loadErrors(tenantFiles(text));
  assert.deepEqual([error?.code, error?.line, rest.length], ["ADIT-1009", 1, 0]);
});
