import assert from "node:assert/strict";
import { test } from "node:test";
import { bad, loadErrors, loadValid, tenantFiles } from "./harness.js";

/** Two tunnels of the same two addresses. */
const pair = (first: string, second: string, mark = "") => {
  const tunnel = (name: string, keys: string) =>
    `{ "name": "${name}", ${keys}, "local": "192.0.2.1", "remote": "198.51.100.7" }`;
  return tenantFiles(
    `{ "tenant": "acme", "tunnels": [${tunnel("a", first)},\n ${mark}${tunnel("b", second)}] }`,
  );
};
const gre = (key: string) => `"type": "gre"${key}`;
const nvgre = (vsid: number) => `"type": "nvgre", "vsid": ${vsid}`;
const udp = (type: string, vni: number, port?: number) =>
  `"type": "${type}", "vni": ${vni}${port === undefined ? "" : `, "udpPort": ${port}`}`;

const CLASHES: readonly (readonly [code: string, first: string, second: string])[] = [
  ["ADIT-1306", gre(""), gre(', "payload": "ip"')],
  ["ADIT-1306", gre(', "key": 7'), gre(', "key": { "send": 8, "receive": 7 }, "payload": "ip"')],
  ["ADIT-1306", gre(', "key": 1280256'), nvgre(5001)],
  ["ADIT-1306", nvgre(5001), gre(', "key": { "send": 0, "receive": 1280511 }')],
  ["ADIT-1306", nvgre(16777214), gre(', "key": 4294966784')],
  ["ADIT-1306", nvgre(5001), `${nvgre(5001)}, "flowId": 7`],
  ["ADIT-1306", udp("geneve", 1), udp("geneve", 1, 6081)],
  ["ADIT-1318", udp("vxlan", 1), udp("geneve", 2, 4789)],
  ["ADIT-1318", udp("geneve", 1), udp("vxlan", 1, 6081)],
];
for (const [code, first, second] of CLASHES) {
  bad(`${first} beside ${second}`, pair(first, second, "§"), [code, "/tunnels/1"]);
}

const FREE: readonly (readonly [first: string, second: string])[] = [
  [gre(""), gre(', "key": 0')],
  [gre(', "key": 7'), gre(', "key": { "send": 7, "receive": 8 }')],
  [gre(', "key": 1280255'), nvgre(5001)],
  [gre(', "key": 1280512'), nvgre(5001)],
  [gre(', "key": { "send": 1280256, "receive": 1 }'), nvgre(5001)],
  [gre(""), nvgre(5001)],
  [nvgre(5001), nvgre(5002)],
  [udp("vxlan", 1), udp("geneve", 1)],
  [udp("vxlan", 1), udp("vxlan", 1, 4790)],
  [udp("vxlan", 1), nvgre(5001)],
];
for (const [first, second] of FREE) {
  test(`accepts ${first} beside ${second}`, () => {
    assert.equal(loadValid(pair(first, second)).table.members.length, 2);
  });
}

bad(
  "an NVGRE tunnel amid keyed GRE tunnels that do not meet each other",
  tenantFiles(`{ "tenant": "acme", "tunnels": [
    { "name": "a", "type": "gre", "key": 1280256, "local": "192.0.2.1", "remote": "198.51.100.7" },
    { "name": "b", "type": "gre", "key": 1280257, "local": "192.0.2.1", "remote": "198.51.100.7" },
    §{ "name": "c", "type": "nvgre", "vsid": 5001, "local": "192.0.2.1", "remote": "any",
      "acceptFrom": ["198.51.100.0/24"] },
    §{ "name": "d", "type": "gre", "key": 1280258, "local": "192.0.2.1", "remote": "198.51.100.9" },
    { "name": "e", "type": "gre", "key": 1280258, "local": "192.0.2.2", "remote": "198.51.100.9" }] }`),
  ["ADIT-1306", "/tunnels/2"],
  ["ADIT-1306", "/tunnels/3"],
);

test("types may share a UDP port of different local addresses", () => {
  const files = pair(udp("vxlan", 1), udp("geneve", 1, 4789));
  const text = files["tunnels.d/acme.json"] ?? "";
  const last = text.lastIndexOf("192.0.2.1");
  const moved = `${text.slice(0, last)}192.0.2.2${text.slice(last + 9)}`;
  loadValid({ ...files, "tunnels.d/acme.json": moved });
});

test("a clash says what both take, and a port's, of which type it is", () => {
  const message = (first: string, second: string) => loadErrors(pair(first, second))[0]?.message;
  assert.match(
    message(nvgre(5001), gre(', "key": 1280256')) ?? "",
    /^a packet could also belong to acme\/a: same local, key 1280256 \(VSID 5001 there\), over/,
  );
  assert.match(
    message(udp("vxlan", 1), udp("geneve", 2, 4789)) ?? "",
    /^UDP port 4789 of this local address belongs to acme\/a, a tunnel of type "vxlan"/,
  );
});
