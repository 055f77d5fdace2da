import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Ajv } from "ajv";
import { ERROR_CODES, formatProblem, formatProblems } from "../../../tunnels/index.js";
import { schemaText } from "../../../tunnels/schema/schema-text.js";
import {
  GATEWAY,
  loadErrors,
  loadValid,
  tenantFiles,
  VXLAN,
  vxlanWith,
  withTunnel,
} from "./harness.js";
import { projectRoot } from "./project-root.js";

const only = (files: Record<string, string>) => {
  const errors = loadErrors(files);
  assert.equal(errors.length, 1, JSON.stringify(errors));
  return errors.map(formatProblem)[0];
};

test("an error is one line of the documented form", () => {
  assert.equal(
    only(withTunnel(VXLAN.replace("5001", "16777300"))),
    "tunnels.d/acme.json:5:46  ADIT-1203  /tunnels/0/vni: 16777300 is too large; " +
      "write a whole number 0-16777215",
  );
});

test("the whole document is shown as /", () => {
  assert.equal(
    only(tenantFiles("{}")),
    'tunnels.d/acme.json:1:1  ADIT-1102  /: the key "tenant" is missing; ' +
      'add "tenant": a name in double quotes',
  );
});

test("an unknown key is met with the one that was meant", () => {
  assert.match(only(vxlanWith('"TTL": 3')) ?? "", /unknown key "TTL"; did you mean "ttl"\?$/);
  assert.match(only(vxlanWith('"udpport": 3')) ?? "", /did you mean "udpPort"\?$/);
  assert.match(only(vxlanWith('"zzzzzz": 3')) ?? "", /; take it out; known keys here: .*vni/);
});

test("a clash names both places", () => {
  const files = {
    "adit.json": GATEWAY,
    "tunnels.d/a.json":
      '{\n "tenant": "a",\n "attachments": [{ "name": "x", "port": "access", "vlan": 9 }]\n}',
    "tunnels.d/b.json":
      '{ "tenant": "b", "attachments": [{ "name": "x", "port": "access", "vlan": 9 }] }',
  };
  assert.equal(
    only(files),
    "tunnels.d/b.json:1:34  ADIT-1301  /attachments/0: vlan 9 on port access is already taken by a/x " +
      "(tunnels.d/a.json:3:18); write another vlan or port",
  );
});

test("a push that does not fit says how much does, and what headroom to write", () => {
  const files = {
    ...withTunnel(VXLAN),
    "adit.json":
      '{ "ports": [{ "name": "underlay" }, { "name": "access", "reservedHeadroom": 230 }] }',
  };
  assert.match(
    only(files) ?? "",
    /acme\/lan -> acme\/ams pushes 50 bytes, but 26 fit; write "headroom": 24$/,
  );
  loadValid({ ...files, "adit.json": files["adit.json"].replace("230", '230, "headroom": 24') });
});

test("tunnels that no port takes name the key", () => {
  const files = { ...withTunnel(VXLAN), "adit.json": '{ "ports": [{ "name": "access" }] }' };
  assert.match(only(files) ?? "", /there is 1 tunnel, but ports\[\]\.tunnels is false on all/);
});

test("hostile text cannot move the cursor or forge a line", () => {
  const line = only(tenantFiles('{ "tenant": "a", "x\\u001b[2J\\n\\u202e\\u009b": 1 }')) ?? "";
  assert.doesNotMatch(line, /[\p{C}\n]/u);
  assert.match(line, /\\u001b/);
});

test("long values are cut", () => {
  const line = only(tenantFiles(`{ "tenant": "${"x".repeat(100_000)}" }`)) ?? "";
  assert.ok(line.length < 300, String(line.length));
});

test("after 100 problems the rest is counted", () => {
  const list = loadErrors(tenantFiles(`{ "tenant": "a", "tunnels": [${"1,".repeat(149)}1] }`));
  const lines = formatProblems(list, list.length);
  assert.deepEqual([lines.length, lines[100]], [101, "and 50 more"]);
});

test("the committed schemas are the generated ones", () => {
  for (const kind of ["gateway", "tunnels"] as const) {
    const file = join(projectRoot(), "tunnels/schema", `${kind}.v1.json`);
    assert.equal(readFileSync(file, "utf8"), schemaText(kind), `regenerate ${file}`);
  }
});

test("the committed schemas judge files as the program does", () => {
  const schema = (kind: string) =>
    JSON.parse(
      readFileSync(join(projectRoot(), "tunnels/schema", `${kind}.v1.json`), "utf8"),
    ) as object;
  const ajv = new Ajv({ strict: false });
  const gateway = ajv.compile(schema("gateway"));
  const tunnels = ajv.compile(schema("tunnels"));
  assert.ok(gateway(JSON.parse(GATEWAY)));
  assert.ok(!gateway({ ports: [{ name: "a", mtu: 1 }] }));
  const file = (text: string) =>
    JSON.parse(withTunnel(text)["tunnels.d/acme.json"] ?? "") as unknown;
  assert.ok(tunnels(file(VXLAN)));
  assert.ok(tunnels({ tenants: [file(VXLAN)] }));
  assert.ok(!tunnels(file(VXLAN.replace("5001", "16777216"))));
  assert.ok(!tunnels({ tenants: [file(VXLAN.replace('"vni"', '"vnii"'))] }));
});

test("the README lists every error code with its sentence, and no other", () => {
  const text = readFileSync(join(projectRoot(), "tunnels/README.md"), "utf8");
  const listed = [...text.matchAll(/^\| (ADIT-\d{4}) \| (.+) \|$/gm)].map(([, code, words]) => [
    code,
    words,
  ]);
  assert.deepEqual(listed, Object.entries(ERROR_CODES));
});

test("every error code is used, and expected by a test", () => {
  const read = (folder: string): string =>
    readdirSync(join(projectRoot(), folder), { withFileTypes: true })
      .map((entry) => {
        const path = `${folder}/${entry.name}`;
        if (entry.isDirectory()) {
          return read(path);
        }
        return /\.ts$/.test(path) && !/error-codes/.test(path)
          ? readFileSync(join(projectRoot(), path), "utf8")
          : "";
      })
      .join("\n");
  const code = read("tunnels");
  const tests = read("test/unit/tunnels");
  for (const name of Object.keys(ERROR_CODES)) {
    assert.ok(code.includes(name), `${name} is not used`);
    assert.ok(tests.includes(name), `${name} is not tested`);
  }
});

test("the examples are valid, and show several types, both families, and QinQ", () => {
  const read = (name: string) => readFileSync(join(projectRoot(), "deploy/examples", name), "utf8");
  const files = [
    "adit.json",
    ...["acme", "globex", "initech"].map((name) => `tunnels.d/${name}.json`),
  ];
  const { table, warnings } = loadValid(
    Object.fromEntries(files.map((name) => [name, read(name)])),
  );
  assert.deepEqual(warnings, []);
  const kinds = table.members.map((member) =>
    member.kind === "tunnel" ? `${member.type}${member.local.length}` : member.tags.match,
  );
  const wanted = ["vxlan4", "vxlan16", "gre4", "gre16", "geneve4", "untagged", "single", "double"];
  assert.deepEqual(new Set(kinds), new Set(wanted));
});
