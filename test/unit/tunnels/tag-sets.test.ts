import assert from "node:assert/strict";
import { test } from "node:test";
import type { CompiledTags } from "../../../tunnels/index.js";
import { bad, loadValid, tenantFiles, withAttachment } from "./harness.js";

const lan = (keys: string) =>
  loadValid(withAttachment(`{ "name": "lan", "port": "access"${keys} }`)).table.members[0];
const base = { kind: "attachment", name: "lan", tenant: 0, peerOffset: 1, port: 1 };
const plain = { ...base, keepTag: false, pcp: 0 };

const SETS: readonly (readonly [vlan: string, tags: CompiledTags])[] = [
  ['"untagged"', { match: "untagged" }],
  ['"any"', { match: "any" }],
  ["1", { match: "single", vid: 1 }],
  ["4094", { match: "single", vid: 4094 }],
  [
    '{ "outer": 100, "inner": 200 }',
    { match: "double", outerTpid: 0x88a8, outer: 100, inner: 200 },
  ],
  [
    '{ "outer": 100, "inner": 200, "outerTpid": "0x8100" }',
    { match: "double", outerTpid: 0x8100, outer: 100, inner: 200 },
  ],
  ['{ "outer": 100, "inner": "any" }', { match: "outer", outerTpid: 0x88a8, outer: 100 }],
  [
    '{ "outer": 100, "inner": "any", "outerTpid": "0x8100" }',
    { match: "outer", outerTpid: 0x8100, outer: 100 },
  ],
];
for (const [vlan, tags] of SETS) {
  test(`"vlan": ${vlan} is a tag set`, () => {
    assert.deepEqual(lan(`, "vlan": ${vlan}`), { ...plain, tags });
  });
}

test("an attachment without vlan is untagged, and takes every other key", () => {
  assert.deepEqual(lan(""), { ...plain, tags: { match: "untagged" } });
  const keys = '"keepTag": true, "nextHopMac": "02:00:00:00:00:0F", "mtu": 576';
  assert.deepEqual(lan(`, "vlan": 9, ${keys}`), {
    ...plain,
    tags: { match: "single", vid: 9 },
    keepTag: true,
    nextHopMac: Uint8Array.of(2, 0, 0, 0, 0, 15),
    mtu: 576,
  });
  const pcp = (value: string) => lan(`, "vlan": 9, "keepTag": false, "pcp": ${value}`);
  const tagged = { ...plain, tags: { match: "single", vid: 9 } };
  assert.deepEqual(pcp("7"), { ...tagged, pcp: 7 });
  assert.deepEqual(pcp('"inherit"'), { ...tagged, pcp: "inherit" });
});

const both = (first: string, second: string) =>
  tenantFiles(`{ "tenant": "a", "attachments": [
    { "name": "a", "port": "access", "vlan": ${first} },
    §{ "name": "b", "port": "access", "vlan": ${second} }] }`);

for (const [vlan] of SETS) {
  bad(`two attachments of ${vlan}`, both(vlan, vlan), ["ADIT-1301", "/attachments/1"]);
}
bad(
  "the default outer TPID beside the same one written",
  both('{ "outer": 1, "inner": 2 }', '{ "inner": 2, "outer": 1, "outerTpid": "0x88a8" }'),
  ["ADIT-1301", "/attachments/1"],
);

test("all tag sets that differ live on one port", () => {
  const list = SETS.map(([vlan], i) => `{ "name": "m${i}", "port": "access", "vlan": ${vlan} }`);
  list.push('{ "name": "n", "port": "access", "vlan": 100 }');
  list.push('{ "name": "o", "port": "access", "vlan": { "outer": 200, "inner": 100 } }');
  const { table } = loadValid(tenantFiles(`{ "tenant": "a", "attachments": [${list.join(",")}] }`));
  assert.equal(table.members.length, SETS.length + 2);
});

test("one tag set lives on two ports", () => {
  loadValid({
    "adit.json": '{ "ports": [{ "name": "p" }, { "name": "q" }] }',
    "tunnels.d/a.json": `{ "tenant": "a", "attachments": [
      { "name": "a", "port": "p", "vlan": "any" }, { "name": "b", "port": "q", "vlan": "any" }] }`,
  });
});

const vlan = (text: string) =>
  withAttachment(`{ "name": "lan", "port": "access", "vlan": ${text} }`);
const AT = "/attachments/0/vlan";
bad("an outer VID 0", vlan('{ "outer": §0, "inner": 1 }'), ["ADIT-1203", `${AT}/outer`]);
bad("an inner VID 4095", vlan('{ "outer": 1, "inner": §4095 }'), ["ADIT-1203", `${AT}/inner`]);
bad("an inner word", vlan('{ "outer": 1, "inner": §"all" }'), ["ADIT-1104", `${AT}/inner`]);
bad("tags without outer", vlan('§{ "inner": 1 }'), ["ADIT-1102", AT]);
bad("an outer TPID that is a number", vlan('{ "outer": 1, "inner": 2, "outerTpid": §33024 }'), [
  "ADIT-1103",
  `${AT}/outerTpid`,
]);
bad("an outer TPID 0x9100", vlan('{ "outer": 1, "inner": 2, "outerTpid": §"0x9100" }'), [
  "ADIT-1104",
  `${AT}/outerTpid`,
]);
bad("an unknown key of tags", vlan('{ "outer": 1, "inner": 2, §"tpid": "0x8100" }'), [
  "ADIT-1101",
  AT,
]);
bad(
  "a wrong tag set without a clash that may not be one",
  tenantFiles(`{ "tenant": "a", "attachments": [
    { "name": "a", "port": "access" },
    { "name": "b", "port": "access", "vlan": §0 },
    { "name": "c", "port": "access", "vlan": { "outer": 5, "inner": 6, "outerTpid": §1 } },
    { "name": "d", "port": "access", "vlan": { "outer": 5, "inner": 6 } }] }`),
  ["ADIT-1203", "/attachments/1/vlan"],
  ["ADIT-1103", "/attachments/2/vlan/outerTpid"],
);

const warned = (keys: string) =>
  loadValid(withAttachment(`{ "name": "lan", "port": "access", ${keys} }`))
    .warnings.filter(({ code }) => code === "ADIT-3008")
    .map(({ pointer }) => pointer);

test("warns of a priority where no tag is pushed", () => {
  for (const keys of ['"vlan": "any"', '"vlan": "untagged"', '"vlan": 7, "keepTag": true']) {
    assert.deepEqual(warned(`${keys}, "pcp": 3`), ["/attachments/0/pcp"], keys);
    assert.deepEqual(warned(`${keys}, "pcp": "inherit"`), ["/attachments/0/pcp"], keys);
    assert.deepEqual(warned(`${keys}, "pcp": 0`), [], keys);
  }
  assert.deepEqual(warned('"vlan": { "outer": 7, "inner": "any" }, "pcp": 3'), []);
});
