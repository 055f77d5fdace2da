import assert from "node:assert/strict";
import { test } from "node:test";
import { bad, loadErrors, loadValid } from "./harness.js";

const V4 = '"local": "192.0.2.1", "remote": "198.51.100.7"';
const V6 = '"local": "2001:db8::1", "remote": "2001:db8::7"';
const VXLAN = '"type": "vxlan", "vni": 1';
const GRE = '"type": "gre"';
const FULL = `${GRE}, "key": 1, "sequence": true, "checksum": "require"`;
const IP = `${GRE}, "payload": "ip"`;
const tunnel = (keys: string, ends = V4) => `{ "name": "NAME", ${keys}, ${ends} }`;
const attachment = (keys: string) => `{ "name": "NAME", "port": "access"${keys} }`;
const named = (text: string, name: string) => text.replace("NAME", name);
const isTunnel = (text: string) => text.includes('"type"');

/** Two members joined, called "a" and "b". */
function files(a: string, b: string, ports: string): Record<string, string> {
  const members = [named(a, "a"), named(b, "b")];
  return {
    "adit.json": `{ "ports": [${ports}] }`,
    "tunnels.d/a.json": `{ "tenant": "t", "attachments": [${members.filter((m) => !isTunnel(m)).join()}],
      "tunnels": [${members.filter(isTunnel).join()}], "crossConnects": [{ "between": ["b", "a"] }] }`,
  };
}

const PORTS = '{ "name": "underlay", "tunnels": true }, { "name": "access", "tunnels": false }';
const paths = (a: string, b: string, ports = PORTS) =>
  loadValid(files(a, b, ports)).summary.paths.map((path) => [
    `${path.from}-${path.to}`,
    path.push,
    path.overhead,
    path.innerMtu,
  ]);

const INTO: readonly (readonly [keys: string, v4: number, v6: number])[] = [
  [VXLAN, 50, 70],
  ['"type": "geneve", "vni": 1', 50, 70],
  ['"type": "nvgre", "vsid": 5001', 42, 62],
  [GRE, 38, 58],
  [`${GRE}, "key": 0`, 42, 62],
  [`${GRE}, "key": { "send": 1, "receive": 2 }`, 42, 62],
  [`${GRE}, "sequence": true`, 42, 62],
  [`${GRE}, "checksum": true`, 42, 62],
  [`${GRE}, "checksum": "require"`, 42, 62],
  [`${GRE}, "checksum": false, "sequence": false`, 38, 58],
  [FULL, 50, 70],
  [IP, 24, 44],
  [`${FULL}, "payload": "ip"`, 36, 56],
];
for (const [keys, v4, v6] of INTO) {
  test(`from an attachment into ${keys}: ${v4} and ${v6} bytes`, () => {
    const lan = attachment(', "vlan": 7');
    assert.deepEqual(paths(lan, tunnel(keys)), [["a-b", v4, v4, 1500 - v4]]);
    assert.deepEqual(paths(lan, tunnel(keys, V6)), [["a-b", v6, v6, 1500 - v6]]);
  });
}

test("tags that are always kept inside take from the inner MTU", () => {
  const mtu = (keys: string, keys2 = VXLAN) => paths(attachment(keys), tunnel(keys2))[0]?.[3];
  const qinq = (inner: string) => `, "vlan": { "outer": 7, "inner": ${inner} }`;
  assert.equal(mtu(', "vlan": 7, "keepTag": true'), 1446);
  assert.equal(mtu(`${qinq("8")}, "keepTag": true`), 1442);
  assert.equal(mtu(`${qinq('"any"')}, "keepTag": true`), 1446);
  assert.equal(mtu(qinq("8")), 1450);
  assert.equal(mtu(qinq('"any"')), 1450);
  assert.equal(mtu(', "vlan": "any", "keepTag": true'), 1450);
  assert.equal(mtu(', "vlan": 7', IP), 1476);
});

const TAGS = {
  none: attachment(""),
  one: attachment(', "vlan": 7'),
  two: attachment(', "vlan": { "outer": 7, "inner": 8 }'),
  outer: attachment(', "vlan": { "outer": 9, "inner": "any" }'),
  kept: attachment(', "vlan": 10, "keepTag": true'),
};
const TRANSLATIONS = [
  ["none", "one", 4, 0],
  ["none", "two", 8, 0],
  ["one", "two", 4, 0],
  ["outer", "two", 4, 0],
  ["one", "outer", 0, 0],
  ["kept", "two", 8, 0],
  ["none", "kept", 0, 0],
] as const;
for (const [a, b, there, back] of TRANSLATIONS) {
  test(`from ${a} to ${b} tags: ${there} bytes, and ${back} on the way back`, () => {
    assert.deepEqual(paths(TAGS[a], TAGS[b]), [
      ["a-b", there, 0, 1500],
      ["b-a", back, 0, 1500],
    ]);
  });
}

test("an attachment's own MTU is that of the way out by it", () => {
  const found = paths(attachment(', "mtu": 1400'), TAGS.one);
  assert.deepEqual(
    found.map((path) => path[3]),
    [1500, 1400],
  );
});

test("where tunnels are joined, what is popped makes room first", () => {
  assert.deepEqual(paths(tunnel(GRE), tunnel(VXLAN, V6)), [
    ["a-b", 32, 70, 1430],
    ["b-a", 0, 38, 1462],
  ]);
  assert.deepEqual(paths(tunnel(IP), tunnel(`${IP}, "key": 1`, V6)), [
    ["a-b", 24, 48, 1452],
    ["b-a", 0, 24, 1476],
  ]);
  // A peer may leave out checksum and sequence number, but not the key.
  assert.deepEqual(paths(tunnel(FULL), tunnel(VXLAN)), [
    ["a-b", 8, 50, 1450],
    ["b-a", 0, 50, 1450],
  ]);
});

test("nothing is pushed for a tunnel that only receives", () => {
  const any = V4.replace('"198.51.100.7"', '"any", "acceptFrom": ["0.0.0.0/0"]');
  assert.deepEqual(paths(attachment(""), tunnel(VXLAN, any)), []);
  assert.deepEqual(paths(tunnel(VXLAN, any), tunnel(GRE)), [["a-b", 0, 38, 1462]]);
});

test("the tag of an underlay in a VLAN is pushed, and popped, but takes nothing of the MTU", () => {
  const tagged = PORTS.replace('"underlay"', '"underlay", "vlan": 5');
  assert.deepEqual(paths(TAGS.one, tunnel(VXLAN), tagged), [["a-b", 54, 50, 1450]]);
  assert.deepEqual(paths(tunnel(GRE), tunnel(VXLAN), tagged)[0], ["a-b", 12, 50, 1450]);
  const two = `${tagged}, { "name": "more", "tunnels": true }`;
  assert.deepEqual(paths(TAGS.one, tunnel(VXLAN), two), [["a-b", 54, 50, undefined]]);
});

test("a tag that the kernel may have for the underlay counts as if it were there", () => {
  const live = PORTS.replace('"underlay"', '"underlay", "interface": "eth0"');
  assert.deepEqual(paths(TAGS.one, tunnel(VXLAN), live), [["a-b", 54, 50, undefined]]);
  // It may be on the way out alone.
  assert.deepEqual(paths(tunnel(GRE), tunnel(VXLAN), live)[0], ["a-b", 16, 50, undefined]);
  // No remote leaves by a port of tenants, whatever the kernel has on it.
  const access = PORTS.replace('"access"', '"access", "interface": "eth1"');
  assert.deepEqual(paths(TAGS.one, tunnel(VXLAN), access), [["a-b", 50, 50, 1450]]);
});

test("the summary counts cross-connects of every kind, once", () => {
  for (const [a, b] of [
    [TAGS.none, TAGS.one],
    [tunnel(GRE), tunnel(VXLAN)],
    [TAGS.one, tunnel(GRE)],
  ] as const) {
    const { summary } = loadValid(files(a, b, PORTS));
    assert.equal(summary.tenants[0]?.crossConnects, 1);
  }
});

/** Both ports, with so much of the kernel's 256 bytes left in front of a frame. */
const room = (bytes: number) => PORTS.replaceAll('", ', `", "reservedHeadroom": ${256 - bytes}, `);
const DEEPEST: readonly (readonly [title: string, a: string, b: string, push: number])[] = [
  ["translation", TAGS.one, TAGS.two, 4],
  ["a tag more", TAGS.none, TAGS.two, 8],
  ["GRE with all fields", TAGS.two, tunnel(FULL, V6), 70],
  ["IP packets", TAGS.one, tunnel(IP), 24],
  ["stitching", tunnel(GRE), tunnel(VXLAN, V6), 32],
];
for (const [title, a, b, push] of DEEPEST) {
  test(`${title} fits ${push} bytes, and not one less`, () => {
    loadValid(files(a, b, room(push)));
    const [error, ...more] = loadErrors(files(a, b, room(push - 1)));
    assert.deepEqual([error?.code, more], ["ADIT-1314", []]);
    const words = `t/a -> t/b pushes ${push} bytes, but ${push - 1} fit`;
    assert.equal(error?.message, words);
  });
}

bad(
  "a stitch that one of two ports has no room for",
  files(
    tunnel(GRE),
    tunnel(VXLAN),
    '{ "name": "u", "reservedHeadroom": 200 }, §{ "name": "v", "reservedHeadroom": 245 }, { "name": "w", "reservedHeadroom": 256, "tunnels": false }',
  ),
  ["ADIT-1314", "/ports/1"],
);
bad(
  "a tunnel that fits but for the tag of the underlay",
  files(
    TAGS.none,
    tunnel(VXLAN),
    '{ "name": "underlay", "vlan": 5 }, §{ "name": "access", "reservedHeadroom": 203 }',
  ),
  ["ADIT-1314", "/ports/1"],
);
bad(
  "a tunnel that fits but for a tag that may be found",
  files(
    TAGS.none,
    tunnel(VXLAN),
    '{ "name": "underlay", "interface": "eth0" }, §{ "name": "access", "reservedHeadroom": 203 }',
  ),
  ["ADIT-1314", "/ports/1"],
);
