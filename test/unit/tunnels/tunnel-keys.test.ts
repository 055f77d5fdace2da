import assert from "node:assert/strict";
import { test } from "node:test";
import { bad, compiledTunnel, onIpv6, VXLAN, withTunnel } from "./harness.js";

const GENEVE = VXLAN.replace('"vxlan"', '"geneve"');
const GRE = VXLAN.replace('"vxlan", "vni": 5001', '"gre"');
const NVGRE = VXLAN.replace('"vxlan", "vni"', '"nvgre", "vsid"');
const TYPES = { vxlan: VXLAN, geneve: GENEVE, gre: GRE, nvgre: NVGRE };
const add = (tunnel: string, keys: string) => tunnel.replace(" }", `, ${keys} }`);

/** The values of the given keys of a compiled tunnel. */
function pick(tunnel: string, ...keys: string[]): unknown[] {
  const compiled: Readonly<Record<string, unknown>> = { ...compiledTunnel(tunnel) };
  return keys.map((key) => compiled[key]);
}

const UDP = ["udpPort", "sourcePorts", "udpChecksum", "acceptZeroChecksum"];
for (const [type, tunnel, port] of [
  ["vxlan", VXLAN, 4789],
  ["geneve", GENEVE, 6081],
] as const) {
  test(`${type} has its port, and a checksum on IPv6 alone, unless told otherwise`, () => {
    const range = [49152, 65535];
    const v6 = onIpv6(tunnel);
    assert.deepEqual(pick(tunnel, ...UDP), [port, range, false, false]);
    assert.deepEqual(pick(add(tunnel, '"udpChecksum": true'), ...UDP), [port, range, true, false]);
    assert.deepEqual(pick(add(tunnel, '"udpChecksum": false'), ...UDP), [
      port,
      range,
      false,
      false,
    ]);
    assert.deepEqual(pick(v6, ...UDP), [port, range, true, false]);
    assert.deepEqual(pick(add(v6, '"udpChecksum": true'), ...UDP), [port, range, true, false]);
    assert.deepEqual(pick(add(v6, '"udpChecksum": false'), ...UDP), [port, range, false, true]);
  });

  test(`${type} takes a port and a range of source ports`, () => {
    const keys = add(tunnel, '"udpPort": 8472, "sourcePorts": [1024, 1024]');
    assert.deepEqual(pick(keys, "type", "vni", ...UDP.slice(0, 2)), [
      type,
      5001,
      8472,
      [1024, 1024],
    ]);
  });
}

test("vxlan refuses reserved bits only where it is told to", () => {
  assert.deepEqual(pick(VXLAN, "dropReserved"), [false]);
  assert.deepEqual(pick(add(VXLAN, '"reserved": "ignore"'), "dropReserved"), [false]);
  assert.deepEqual(pick(add(VXLAN, '"reserved": "drop"'), "dropReserved"), [true]);
});

test("gre takes one key, two, or none, and key 0 is a key", () => {
  const keys = (text: string) => pick(text, "sendKey", "receiveKey");
  assert.deepEqual(keys(GRE), [undefined, undefined]);
  assert.equal("sendKey" in compiledTunnel(GRE), false);
  assert.deepEqual(keys(add(GRE, '"key": 0')), [0, 0]);
  assert.deepEqual(keys(add(GRE, '"key": { "receive": 0, "send": 4294967295 }')), [4294967295, 0]);
});

test("gre takes sequence numbers, checksums and IP packets", () => {
  const keys = ["sequence", "sendChecksum", "requireChecksum", "payload"];
  assert.deepEqual(pick(GRE, ...keys), [false, false, false, "ethernet"]);
  const off = '"sequence": false, "checksum": false, "payload": "ethernet"';
  assert.deepEqual(pick(add(GRE, off), ...keys), [false, false, false, "ethernet"]);
  const on = '"sequence": true, "checksum": true, "payload": "ip"';
  assert.deepEqual(pick(add(GRE, on), ...keys), [true, true, false, "ip"]);
  assert.deepEqual(pick(add(GRE, '"checksum": "require"'), ...keys), [
    false,
    true,
    true,
    "ethernet",
  ]);
});

test("nvgre has a VSID, and the flow hash for a FlowID unless one is given", () => {
  assert.deepEqual(pick(NVGRE, "type", "vsid", "flowId"), ["nvgre", 5001, "hash"]);
  assert.deepEqual(pick(add(NVGRE, '"flowId": 0'), "flowId"), [0]);
  assert.deepEqual(pick(add(NVGRE, '"flowId": "hash"'), "flowId"), ["hash"]);
});

const POLICY = ["ttl", "dscp", "copyDscp", "ecn", "df", "flowLabel"];
for (const [type, tunnel] of Object.entries(TYPES)) {
  test(`${type} takes every policy key`, () => {
    assert.deepEqual(pick(tunnel, ...POLICY), [64, 0, false, "rfc6040", "set", "hash"]);
    const given =
      '"ttl": 1, "dscp": 63, "dscpDecap": false, "ecn": "rfc6040", "df": "clear", "flowLabel": 1048575';
    assert.deepEqual(pick(add(tunnel, given), ...POLICY), [
      1,
      63,
      false,
      "rfc6040",
      "clear",
      1048575,
    ]);
    const inherit =
      '"ttl": "inherit", "dscp": "inherit", "dscpDecap": "copy", "ecn": "zero", "df": "inherit", "flowLabel": 0';
    assert.deepEqual(pick(add(tunnel, inherit), ...POLICY), [
      "inherit",
      "inherit",
      true,
      "zero",
      "inherit",
      0,
    ]);
  });
}

const at = (key: string) => `/tunnels/0/${key}`;
const badKey = (tunnel: string, key: string, code: string, pointer = key.split('"')[1] ?? "") =>
  bad(`${key} of ${tunnel.split('"')[7]}`, withTunnel(add(tunnel, key.replace(": ", ": §"))), [
    code,
    at(pointer),
  ]);
badKey(GENEVE, '"sourcePorts": [2, 1]', "ADIT-1212");
badKey(GENEVE, '"udpPort": 0', "ADIT-1203");
badKey(GENEVE, '"udpChecksum": "yes"', "ADIT-1103");
badKey(NVGRE, '"innerTags": "keep"', "ADIT-1319");
badKey(NVGRE, '"flowId": 256', "ADIT-1203");
badKey(NVGRE, '"flowId": "random"', "ADIT-1104");
badKey(GRE, '"key": -1', "ADIT-1203");
badKey(GRE, '"checksum": "required"', "ADIT-1104");
badKey(GRE, '"payload": "ipv4"', "ADIT-1104");
badKey(GRE, '"sequence": 1', "ADIT-1103");
badKey(GRE, '"flowLabel": 1048576', "ADIT-1203");
badKey(GRE, '"dscpDecap": true', "ADIT-1103");
badKey(GRE, '"ecn": "rfc3168"', "ADIT-1104");
badKey(GRE, '"df": "copy"', "ADIT-1104");
badKey(VXLAN, '"reserved": true', "ADIT-1103");
badKey(VXLAN, '"innerTags": "strip"', "ADIT-1104");
for (const vsid of [4095, 16777215]) {
  bad(`VSID ${vsid}`, withTunnel(NVGRE.replace("5001", `§${vsid}`)), ["ADIT-1203", at("vsid")]);
}
bad("geneve without a VNI", withTunnel(`§${GENEVE.replace('"vni": 5001, ', "")}`), [
  "ADIT-1102",
  "/tunnels/0",
]);
bad("a geneve VNI of 25 bits", withTunnel(GENEVE.replace("5001", "§16777216")), [
  "ADIT-1203",
  at("vni"),
]);
bad("half a pair of keys", withTunnel(add(GRE, '"key": §{ "send": 1 }')), ["ADIT-1102", at("key")]);
bad("a wrong key of a pair", withTunnel(add(GRE, '"key": { "send": 1, "receive": §-1 }')), [
  "ADIT-1203",
  at("key/receive"),
]);
bad("reserved on geneve", withTunnel(add(GENEVE, '§"reserved": "drop"')), [
  "ADIT-1101",
  "/tunnels/0",
]);
bad("a GRE key on nvgre", withTunnel(add(NVGRE, '§"key": 1')), ["ADIT-1101", "/tunnels/0"]);
