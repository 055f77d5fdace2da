import assert from "node:assert/strict";
import { test } from "node:test";
import { bad, loadValid, tenantFiles } from "./harness.js";

const ENDS = '"local": "192.0.2.1", "remote": "198.51.100.7"';
const MEMBERS = {
  untagged: { attachment: "", keeps: false },
  single: { attachment: ', "vlan": 100', keeps: false },
  double: { attachment: ', "vlan": { "outer": 100, "inner": 7 }', keeps: false },
  outer: { attachment: ', "vlan": { "outer": 101, "inner": "any" }', keeps: true },
  any: { attachment: ', "vlan": "any"', keeps: true },
  kept: { attachment: ', "vlan": 102, "keepTag": true', keeps: true },
  keptDouble: { attachment: ', "vlan": { "outer": 9, "inner": 7 }, "keepTag": true', keeps: true },
} as const;
const TUNNELS = {
  vxlan: '"type": "vxlan", "vni": 1',
  geneve: '"type": "geneve", "vni": 1',
  gre: '"type": "gre"',
  nvgre: '"type": "nvgre", "vsid": 5001',
  ip: '"type": "gre", "key": 1, "payload": "ip"',
  otherIp: '"type": "gre", "key": 2, "payload": "ip"',
} as const;
type Name = keyof typeof MEMBERS | keyof typeof TUNNELS;

/** A tenant with every member, two of them joined. */
function joined(a: Name, b: Name, keys = "", mark = ""): Record<string, string> {
  const attachments = Object.entries(MEMBERS).map(
    ([name, { attachment }]) => `{ "name": "${name}", "port": "access"${attachment} }`,
  );
  const tunnels = Object.entries(TUNNELS).map(
    ([name, text]) => `{ "name": "${name}", ${text}, ${ENDS}${name === b ? keys : ""} }`,
  );
  return tenantFiles(`{ "tenant": "acme", "attachments": [${attachments.join(",")}],
    "tunnels": [${tunnels.join(",\n")}],
    "crossConnects": [{ "between": ${mark}["${a}", "${b}"] }] }`);
}

/** The two members as they are compiled. */
function compiled(a: Name, b: Name, keys = "") {
  const { members } = loadValid(joined(a, b, keys)).table;
  const index = (name: string) => members.findIndex((member) => member.name === name);
  const [first, second] = [members[index(a)], members[index(b)]];
  assert.deepEqual(
    [first?.peerOffset, second?.peerOffset],
    [index(b) - index(a), index(a) - index(b)],
  );
  assert.ok(first !== undefined && second !== undefined);
  return [first, second] as const;
}

/** IP packets have no tags to keep. */
const keepsNone = (name: keyof typeof MEMBERS) => !name.startsWith("kept");
const attachments = Object.keys(MEMBERS) as (keyof typeof MEMBERS)[];
const ethernet = ["vxlan", "geneve", "gre", "nvgre"] as const;
const ip = ["ip", "otherIp"] as const;

test("attachments join attachments, also of one port", () => {
  for (const a of attachments) {
    for (const b of attachments.filter((name) => name !== a)) {
      compiled(a, b);
    }
  }
});

test("tunnels join tunnels of the same payload", () => {
  for (const group of [ethernet, ip]) {
    for (const a of group) {
      for (const b of group.filter((name) => name !== a)) {
        compiled(a, b);
      }
    }
  }
});

for (const tunnel of ethernet) {
  bad(`an IP tunnel joined with ${tunnel}`, joined("ip", tunnel, "", "§"), [
    "ADIT-1320",
    "/crossConnects/0/between",
  ]);
  bad(`${tunnel} joined with an IP tunnel`, joined(tunnel, "ip", "", "§"), [
    "ADIT-1320",
    "/crossConnects/0/between",
  ]);
}

const kept = (a: string, b: string, keepTag: string) =>
  tenantFiles(`{ "tenant": "a", "attachments": [
    { "name": "lan", "port": "access", "vlan": 5, ${keepTag} }], "tunnels": [
    { "name": "ip", "type": "gre", "payload": "ip", ${ENDS} }],
    "crossConnects": [{ "between": ["${a}", "${b}"] }] }`);
for (const [a, b] of [
  ["lan", "ip"],
  ["ip", "lan"],
] as const) {
  bad(`keepTag between ${a} and ${b}`, kept(a, b, '"keepTag": §true'), [
    "ADIT-1321",
    "/attachments/0/keepTag",
  ]);
}
test("an attachment that keeps no tags joins an IP tunnel", () => {
  loadValid(kept("lan", "ip", '"keepTag": false'));
});

bad(
  "a wrong payload, without a clash that may not be one",
  tenantFiles(`{ "tenant": "a", "tunnels": [
    { "name": "a", "type": "gre", "payload": §"IP", ${ENDS} },
    { "name": "b", "type": "vxlan", "vni": 1, ${ENDS} }],
    "crossConnects": [{ "between": ["a", "b"] }] }`),
  ["ADIT-1104", "/tunnels/0/payload"],
);

const keeps = (a: Name, b: Name, keys = "") => {
  const tunnel = compiled(a, b, keys)[1];
  assert.ok(tunnel.kind === "tunnel");
  return tunnel.keepInnerTags;
};

for (const tunnel of ["vxlan", "geneve", "gre"] as const) {
  test(`${tunnel} keeps inner tags where the attachment leaves them on, or as it is told`, () => {
    for (const attachment of attachments) {
      const wanted = MEMBERS[attachment].keeps;
      assert.equal(keeps(attachment, tunnel), wanted, attachment);
      assert.equal(keeps(attachment, tunnel, ', "innerTags": "auto"'), wanted, attachment);
      assert.equal(keeps(attachment, tunnel, ', "innerTags": "keep"'), true, attachment);
      assert.equal(keeps(attachment, tunnel, ', "innerTags": "drop"'), false, attachment);
    }
  });

  test(`${tunnel} joined with a tunnel keeps inner tags unless it is told not to`, () => {
    assert.equal(keeps("nvgre", tunnel), true);
    assert.equal(keeps("nvgre", tunnel, ', "innerTags": "drop"'), false);
  });
}

test("nvgre never keeps inner tags, and IP packets have none", () => {
  for (const peer of [...attachments, "vxlan"] as const) {
    assert.equal(keeps(peer, "nvgre"), false);
    assert.equal(keeps(peer, "nvgre", ', "innerTags": "drop"'), false);
  }
  for (const peer of [...attachments.filter(keepsNone), "otherIp"] as const) {
    assert.equal(keeps(peer, "ip"), false);
  }
});
