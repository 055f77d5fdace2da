import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bad,
  compiledTunnel,
  load,
  loadErrors,
  loadValid,
  onIpv6,
  tenantFiles,
  VXLAN,
  vxlanWith,
  withTunnel,
} from "./harness.js";

const GRE = VXLAN.replace('"vxlan", "vni": 5001', '"gre"');
const GENEVE = VXLAN.replace('"vxlan"', '"geneve"');
const NVGRE = VXLAN.replace('"vxlan", "vni"', '"nvgre", "vsid"');
const more = (tunnel: string, keys: string) => tunnel.replace(" }", `, ${keys} }`);

/** Sets the MTU of the underlay's port. */
function atMtu(mtu: number, files: Record<string, string>): Record<string, string> {
  const gateway = files["adit.json"] ?? "";
  return {
    ...files,
    "adit.json": gateway.replace('"name": "underlay"', `"name": "underlay", "mtu": ${mtu}`),
  };
}

function innerMtu(files: Record<string, string>): number | undefined {
  return loadValid(files).summary.paths.find(({ to }) => to === "ams")?.innerMtu;
}

const WORKED_OUT: readonly (readonly [tunnel: string, v4: number, v6: number])[] = [
  [VXLAN, 1450, 1430],
  [GENEVE, 1450, 1430],
  [NVGRE, 1458, 1438],
  [GRE, 1462, 1442],
  [more(GRE, '"key": 7'), 1458, 1438],
  [more(GRE, '"key": 7, "checksum": true, "sequence": true'), 1450, 1430],
  [more(GRE, '"payload": "ip"'), 1476, 1456],
  [more(GRE, '"payload": "ip", "key": 7'), 1472, 1452],
];
for (const [tunnel, v4, v6] of WORKED_OUT) {
  test(`at 1500 ${v4} and ${v6} bytes fit inside, at 4000 2500 more: ${tunnel}`, () => {
    assert.equal(innerMtu(withTunnel(tunnel)), v4);
    assert.equal(innerMtu(withTunnel(onIpv6(tunnel))), v6);
    assert.equal(innerMtu(atMtu(4000, withTunnel(tunnel))), v4 + 2500);
    assert.equal(innerMtu(atMtu(4000, withTunnel(onIpv6(tunnel)))), v6 + 2500);
  });
}

test("an MTU of the tunnel's own lowers what fits, less the tags kept inside", () => {
  const own = withTunnel(more(VXLAN, '"mtu": 1400'));
  assert.equal(innerMtu(own), 1400);
  const files = own["tunnels.d/acme.json"] ?? "";
  const kept = files.replace('"vlan": 100', '"vlan": 100, "keepTag": true');
  assert.equal(innerMtu({ ...own, "tunnels.d/acme.json": kept }), 1396);
});

for (const [tunnel, v4, v6] of WORKED_OUT) {
  test(`an MTU of its own may be as large as what fits, and no larger: ${tunnel}`, () => {
    for (const [text, fits] of [
      [tunnel, v4],
      [onIpv6(tunnel), v6],
    ] as const) {
      loadValid(withTunnel(more(text, `"mtu": ${fits}`)));
      const [error, ...rest] = loadErrors(withTunnel(more(text, `"mtu": ${fits + 1}`)));
      assert.deepEqual([error?.code, rest], ["ADIT-1322", []]);
      assert.equal(error?.fix, `write at most ${fits}, or raise that MTU to 1501`);
    }
  });
}

bad("an MTU larger than what fits, at its place", vxlanWith('"mtu": §1451'), [
  "ADIT-1322",
  "/tunnels/0/mtu",
]);
bad("an MTU under 576", vxlanWith('"mtu": §575'), ["ADIT-1203", "/tunnels/0/mtu"]);

test("says what stands against the MTU", () => {
  const [error] = loadErrors(vxlanWith('"mtu": 9000'));
  assert.equal(
    error?.message,
    'MTU 9000 and headers of 50 bytes do not fit the 1500 of port "underlay"',
  );
  const [tiny] = loadErrors(atMtu(600, vxlanWith('"mtu": 600')));
  assert.equal(tiny?.fix, "raise that MTU to 650");
});

test("a port whose MTU is not known refuses none", () => {
  const files = vxlanWith('"mtu": 8950');
  const gateway = files["adit.json"] ?? "";
  const absent = gateway.replace('"name": "underlay"', '"name": "underlay", "interface": "none0"');
  assert.ok(load({ ...files, "adit.json": absent }).ok);
  const known = new Map([["none0", { mtu: 9000 }]]);
  assert.ok(load({ ...files, "adit.json": absent }, { interfaces: known }).ok);
  const small = new Map([["none0", { mtu: 8999 }]]);
  assert.ok(!load({ ...files, "adit.json": absent }, { interfaces: small }).ok);
});

test("a tunnel that may leave by several ports is judged by the largest", () => {
  const ports = (mtu: number) =>
    `{ "ports": [{ "name": "underlay" }, { "name": "b", "mtu": ${mtu} }, { "name": "access" }] }`;
  const files = vxlanWith('"mtu": 1950');
  assert.ok(load({ ...files, "adit.json": ports(2000) }).ok);
  const [error] = loadErrors({ ...files, "adit.json": ports(1999) });
  assert.equal(error?.code, "ADIT-1322");
});

test("the keys of sizes are compiled, with their defaults", () => {
  const plain = compiledTunnel(VXLAN);
  assert.deepEqual([plain.mtu, plain.oversize, plain.mssClamp], [undefined, "icmp", false]);
  const given = compiledTunnel(
    more(VXLAN, '"mtu": 1300, "oversize": "fragment-inner", "mssClamp": true'),
  );
  assert.deepEqual([given.mtu, given.oversize, given.mssClamp], [1300, "fragment-inner", true]);
  assert.equal(compiledTunnel(more(VXLAN, '"oversize": "drop"')).oversize, "drop");
});

test("icmpPerSecond is 100 unless given, and may be none", () => {
  const rate = (keys: string) =>
    loadValid(tenantFiles(`{ "tenant": "acme"${keys} }`)).table.tenants[0]?.icmpPerSecond;
  assert.equal(rate(""), 100);
  assert.equal(rate(', "icmpPerSecond": 0'), 0);
  assert.equal(rate(', "icmpPerSecond": 7'), 7);
});
