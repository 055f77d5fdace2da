import assert from "node:assert/strict";
import { test } from "node:test";
import { loadValid } from "./harness.js";

const tunnel = (name: string, keys: string, v6: boolean) =>
  `{ "name": "${name}", ${keys}, ${v6 ? '"local": "2001:db8::1", "remote": "2001:db8::7"' : '"local": "192.0.2.1", "remote": "198.51.100.7"'} }`;

const PATHS = [
  ["v4", '"type": "vxlan", "vni": 1', false, 50],
  ["v6", '"type": "vxlan", "vni": 1', true, 70],
  ["g4", '"type": "gre"', false, 38],
  ["g6", '"type": "gre"', true, 58],
  ["k4", '"type": "gre", "key": 0', false, 42],
  ["k6", '"type": "gre", "key": 1', true, 62],
] as const;

const FILES = {
  "adit.json": `{ "ports": [
    { "name": "underlay", "interface": "u0", "reservedHeadroom": 10 },
    { "name": "access", "interface": "a0", "headroom": 20, "reservedHeadroom": 2 }] }`,
  "tunnels.d/a.json": `{ "tenant": "acme",
    "attachments": [${PATHS.map(([name], i) => `{ "name": "a-${name}", "port": "access", "vlan": ${i + 1} }`).join(",")}],
    "tunnels": [${PATHS.map(([name, keys, v6]) => tunnel(name, keys, v6)).join(",")}],
    "crossConnects": [${PATHS.map(([name]) => `{ "between": ["${name}", "a-${name}"] }`).join(",")}] }`,
};

test("the summary gives push, room, overhead and inner MTU of each path", () => {
  const { summary } = loadValid(FILES, { interfaces: new Map([["u0", { mtu: 1500 }]]) });
  assert.deepEqual(summary.tenants, [
    { name: "acme", attachments: 6, tunnels: 6, crossConnects: 6 },
  ]);
  assert.deepEqual(
    summary.paths,
    PATHS.map(([name, , , push]) => ({
      tenant: "acme",
      kind: "attachment-tunnel",
      from: `a-${name}`,
      to: name,
      port: "access",
      outPort: "underlay",
      // The kernel may have a VLAN interface on u0, whose tag is pushed, too.
      push: push + 4,
      room: 274,
      overhead: push,
      innerMtu: 1500 - push,
    })),
  );
});

test("the summary leaves out an inner MTU that is not known", () => {
  const { summary } = loadValid(FILES);
  assert.ok(summary.paths.every((path) => path.innerMtu === undefined));
});

const codes = (files: Record<string, string>, mtu?: number) => {
  const interfaces = new Map(
    mtu === undefined
      ? []
      : ([
          ["u0", { mtu }],
          ["a0", { mtu }],
        ] as const),
  );
  return loadValid(files, { interfaces }).warnings.map(({ code, pointer }) => `${code} ${pointer}`);
};

test("warns once of tunnels that full-size packets do not fit", () => {
  assert.deepEqual(codes(FILES, 1500), ["ADIT-3007 /ports"]);
  assert.deepEqual(codes(FILES), []);
});

test("warns once of tunnels that the smallest MTU of IPv6 does not fit", () => {
  assert.deepEqual(codes(FILES, 1280 + 70), ["ADIT-3007 /ports"]);
  assert.deepEqual(codes(FILES, 1280 + 69), ["ADIT-3007 /ports", "ADIT-3011 /ports"]);
});

test("warns of an MTU that may not fit a frame", () => {
  assert.deepEqual(
    codes({ "adit.json": '{ "ports": [{ "name": "p", "interface": "e", "mtu": 3900 }] }' }),
    ["ADIT-3003 /ports/0"],
  );
  const small = '{ "ports": [{ "name": "p", "interface": "e", "mtu": 2000, "frameSize": 2048 }] }';
  assert.deepEqual(codes({ "adit.json": small }), ["ADIT-3003 /ports/0"]);
  assert.deepEqual(codes({ "adit.json": small.replace(', "frameSize": 2048', "") }), []);
});

test("warns of ports without an interface and members in no service", () => {
  const tenant =
    '{ "tenant": "a", "attachments": [{ "name": "lan", "port": "p", "pcp": 3, "mtu": 1501 }] }';
  const gateway = '{ "ports": [{ "name": "p", "mtu": 1500 }] }';
  assert.deepEqual(codes({ "adit.json": gateway, "tunnels.d/a.json": tenant }), [
    "ADIT-3001 /ports/0",
    "ADIT-3002 /attachments/0",
    "ADIT-3008 /attachments/0/pcp",
    "ADIT-3010 /attachments/0/mtu",
  ]);
});

const remote = (gateway: string) =>
  codes({
    "adit.json": gateway,
    "tunnels.d/a.json": `{ "tenant": "a", "attachments": [{ "name": "lan", "port": "access" }],
      "tunnels": [${tunnel("t", '"type": "gre"', false)}], "crossConnects": [{ "between": ["lan", "t"] }] }`,
  }).filter((line) => /300[56]/.test(line));
const ports = '"ports": [{ "name": "underlay" }, { "name": "access" }]';

test("warns of remotes without a route, where no kernel can know one", () => {
  assert.deepEqual(remote(`{ ${ports} }`), ["ADIT-3006 "]);
  assert.deepEqual(
    remote(`{ ${ports.replace('"underlay"', '"underlay", "interface": "u0"')} }`),
    [],
  );
  const route = '"routes": [{ "prefix": "198.51.100.0/24", "port": "underlay" }]';
  assert.deepEqual(remote(`{ ${ports}, ${route} }`), []);
});

test("warns of remotes routed out of a port that takes no tunnels, by the longest prefix", () => {
  const wide = '{ "prefix": "0.0.0.0/0", "port": "underlay" }';
  const narrow = '{ "prefix": "198.51.100.7/32", "port": "access" }';
  assert.deepEqual(remote(`{ ${ports}, "routes": [${wide}, ${narrow}] }`), ["ADIT-3005 "]);
  assert.deepEqual(remote(`{ ${ports}, "routes": [${wide}] }`), []);
});

test("room is that of the largest headroom, as the ports share their frames", () => {
  const { summary } = loadValid({
    ...FILES,
    "adit.json": `{ "ports": [{ "name": "underlay", "interface": "u0", "headroom": 74 },
      { "name": "access", "interface": "a0", "reservedHeadroom": 256 }] }`,
  });
  assert.equal(summary.paths[0]?.room, 74);
});
