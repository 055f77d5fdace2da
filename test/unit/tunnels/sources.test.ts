import assert from "node:assert/strict";
import { test } from "node:test";
import { bad, compiledTunnel, GATEWAY, loadValid, onIpv6, VXLAN, withTunnel } from "./harness.js";

const ANY = VXLAN.replace('"198.51.100.7"', '"any"');
const add = (tunnel: string, keys: string) => tunnel.replace(" }", `, ${keys} }`);
const bytes = (...values: number[]) => Uint8Array.from(values);

test("acceptFrom stands beside a remote, and in place of one", () => {
  const prefixes = '"acceptFrom": ["198.51.100.0/24", "203.0.113.9/32"]';
  const acceptFrom = [
    { address: bytes(198, 51, 100, 0), length: 24 },
    { address: bytes(203, 0, 113, 9), length: 32 },
  ];
  const beside = compiledTunnel(add(VXLAN, prefixes));
  assert.deepEqual([beside.acceptFrom, beside.nextHop], [acceptFrom, 0]);
  assert.deepEqual(beside.remote, bytes(198, 51, 100, 7));
  const any = compiledTunnel(add(ANY, prefixes));
  assert.deepEqual([any.acceptFrom, any.nextHop, "remote" in any], [acceptFrom, -1, false]);
});

test("a tunnel that only receives asks for no next hop, and for no route", () => {
  const files = withTunnel(add(ANY, '"acceptFrom": ["0.0.0.0/0"]'));
  const { table, warnings, summary } = loadValid(files);
  assert.deepEqual([table.nextHops, summary.paths], [[], []]);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ["ADIT-3001", "ADIT-3001"],
  );
});

bad('"remote": "any" without acceptFrom', withTunnel(`§${ANY}`), ["ADIT-1102", "/tunnels/0"]);
const accept = (text: string, tunnel = VXLAN) => withTunnel(add(tunnel, `"acceptFrom": ${text}`));
const AT = "/tunnels/0/acceptFrom";
bad("an empty acceptFrom", accept("§[]"), ["ADIT-1105", AT]);
bad('an empty acceptFrom beside "any", once', accept("§[]", ANY), ["ADIT-1105", AT]);
bad("acceptFrom as text", accept('§"10.0.0.0/8"'), ["ADIT-1103", AT]);
bad("an address in acceptFrom", accept('["10.0.0.0/8", §"10.0.0.1"]'), ["ADIT-1208", `${AT}/1`]);
bad("host bits in acceptFrom", accept('[§"10.0.0.1/8"]'), ["ADIT-1209", `${AT}/0`]);
bad("a number in acceptFrom", accept("[§7]"), ["ADIT-1103", `${AT}/0`]);
bad("the other family in acceptFrom", accept('[§"::/0", "0.0.0.0/0"]', ANY), [
  "ADIT-1304",
  `${AT}/0`,
]);
bad("IPv4 in acceptFrom of an IPv6 tunnel", accept('[§"10.0.0.0/8"]', onIpv6(VXLAN)), [
  "ADIT-1304",
  `${AT}/0`,
]);

/** Two tunnels of one identity, in two files, with these remotes or lists of sources. */
function pair(first: string, second: string, mark: string): Record<string, string> {
  const tunnel = (sources: string) =>
    sources.startsWith("[")
      ? add(ANY, `"acceptFrom": ${sources}`)
      : VXLAN.replace('"198.51.100.7"', sources);
  return {
    "adit.json": GATEWAY,
    "tunnels.d/a.json": `{ "tenant": "a", "tunnels": [${tunnel(first)}] }`,
    "tunnels.d/b.json": `{ "tenant": "b", "tunnels": [${mark}${tunnel(second)}] }`,
  };
}

const CLASHES = [
  ['"198.51.100.7"', '["198.51.100.0/24"]'],
  ['"198.51.100.7"', '["198.51.100.7/32"]'],
  ['["198.51.100.0/24"]', '"198.51.100.255"'],
  ['["198.51.100.0/24"]', '["198.51.100.128/25", "10.0.0.0/8"]'],
  ['["198.51.100.128/25", "10.0.0.0/8"]', '["203.0.113.0/24", "198.51.100.0/24"]'],
  ['["0.0.0.0/0"]', '["255.255.255.255/32"]'],
  ['["10.0.0.0/8", "10.1.0.0/16"]', '["10.1.2.0/24"]'],
] as const;
for (const [first, second] of CLASHES) {
  bad(`sources ${first} beside ${second}`, pair(first, second, "§"), ["ADIT-1306", "/tunnels/0"]);
}

const FREE = [
  ['"198.51.100.7"', '"198.51.100.8"'],
  ['["198.51.100.0/25"]', '["198.51.100.128/25"]'],
  ['["198.51.100.0/25"]', '"198.51.100.128"'],
  ['["10.0.0.0/9", "10.0.0.0/9", "10.0.0.0/10"]', '["10.128.0.0/9"]'],
] as const;
for (const [first, second] of FREE) {
  test(`accepts sources ${first} beside ${second}`, () => {
    assert.equal(loadValid(pair(first, second, "")).table.members.length, 2);
  });
}

test("acceptFrom given, the remote itself is free for another tunnel", () => {
  const files = pair('"198.51.100.7"', '"198.51.100.7"', "");
  const text =
    files["tunnels.d/b.json"]?.replace(
      '"198.51.100.7"',
      '"198.51.100.7", "acceptFrom": ["10.0.0.0/8"]',
    ) ?? "";
  loadValid({ ...files, "tunnels.d/b.json": text });
});
