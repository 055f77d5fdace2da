import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bad,
  GATEWAY,
  greWith,
  load,
  loadErrors,
  loadValid,
  tenantFiles,
  VXLAN,
  vxlanWith,
  withTunnel,
} from "./harness.js";

const tenantWith = (keys: string) => tenantFiles(`{ "tenant": "acme", ${keys} }`);

function later(pointer: string, make: (keys: string) => Record<string, string>, ...keys: string[]) {
  for (const key of keys) {
    const marked = key.replace(/: /, ": §");
    bad(`${key} as not supported yet`, make(marked), ["ADIT-1401", pointer]);
  }
}

later("/tunnels/0/keepalive", greWith, '"keepalive": {}', '"keepalive": { "intervalMs": 1000 }');
later("/bridges", tenantWith, '"bridges": [{ "name": "b", "members": [] }]');
later("/routers", tenantWith, '"routers": [{ "name": "r", "members": [] }]');
later("/block", tenantWith, '"block": ["10.0.0.0/8"]');
later("/allowSources", tenantWith, '"allowSources": ["10.0.0.0/8"]');
later("/rate", tenantWith, '"rate": { "bitsPerSecond": 1 }');
later("/macLimit", tenantWith, '"macLimit": 10');

later(
  "/tunnels/0/remote",
  (keys) => withTunnel(VXLAN.replace('"remote": "198.51.100.7"', keys)),
  '"remote": [{ "address": "198.51.100.7" }]',
  '"remote": [{ "address": "198.51.100.7" }, { "address": "198.51.100.8", "backup": true }]',
);

test("says in so many words that it is not supported yet, and what comes near", () => {
  const [error] = loadErrors(tenantWith('"macLimit": 10'));
  assert.equal(error?.message, '"macLimit": 10 is not supported by this version yet');
  assert.equal(error?.fix, "leave it out");
});

const ACCEPTED: Record<string, Record<string, string>> = {
  "gre without keepalive": greWith('"keepalive": false'),
  "tunnel defaults": vxlanWith('"pathMtu": "learn"'),
  "pathMtu ignore": vxlanWith('"pathMtu": "ignore"'),
  "tenant defaults": tenantWith(
    '"icmpPerSecond": 100, "bridges": [], "routers": [], "block": [], "crossConnects": []',
  ),
};
for (const [title, files] of Object.entries(ACCEPTED)) {
  test(`accepts what asks for nothing: ${title}`, () => {
    const result = load(files);
    assert.ok(result.ok, result.ok ? "" : JSON.stringify(result.errors));
  });
}

test("accepts a tunnel file with no tenant in it", () => {
  const { table } = loadValid({ "adit.json": GATEWAY, "tunnels.d/a.json": '{ "tenants": [] }' });
  assert.deepEqual(table.tenants, []);
});
