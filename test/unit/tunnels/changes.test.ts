import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import {
  type ChangedTable,
  ChangingConfiguration,
  type CompiledTable,
  loadConfiguration,
} from "../../../tunnels/index.js";
import { type Files, inFolder } from "./harness.js";

const GATEWAY = JSON.stringify({
  ports: [
    { name: "underlay", addresses: ["192.0.2.1/24"], mtu: 1600 },
    { name: "access" },
    { name: "spare" },
  ],
});

interface Site {
  readonly vlan: number;
  readonly vni: number;
  readonly remote: number;
  readonly keys?: object;
}

function tenant(name: string, sites: readonly Site[], port = "access"): string {
  return JSON.stringify({
    tenant: name,
    attachments: sites.map(({ vlan }, index) => ({ name: `lan-${index}`, port, vlan })),
    tunnels: sites.map(({ vni, remote, keys }, index) => ({
      name: `site-${index}`,
      type: "vxlan",
      vni,
      local: "192.0.2.1",
      remote: `198.51.100.${remote}`,
      ...keys,
    })),
    crossConnects: sites.map((_, index) => ({ between: [`lan-${index}`, `site-${index}`] })),
  });
}

const FILES: Files = {
  "adit.json": GATEWAY,
  "tunnels.d/a.json": tenant("a", [
    { vlan: 1, vni: 1, remote: 1 },
    { vlan: 2, vni: 2, remote: 2 },
  ]),
  "tunnels.d/b.json": tenant("b", [
    { vlan: 11, vni: 11, remote: 1 },
    { vlan: 12, vni: 12, remote: 12 },
  ]),
  "tunnels.d/c.json": tenant("c", [{ vlan: 21, vni: 21, remote: 2 }]),
};

/** The table with next hops in place of their indexes: a change may number them otherwise. */
function named(table: CompiledTable): object {
  const pair = (index: number) => {
    const hop = table.nextHops[index];
    return hop === undefined ? "none" : `${hop.local.join(".")} ${hop.remote.join(".")}`;
  };
  const nextHops = table.nextHops.map((_, index) => pair(index)).sort();
  const members = table.members.map((member) =>
    member.kind === "tunnel" ? { ...member, nextHop: pair(member.nextHop) } : member,
  );
  return { ...table, nextHops, members };
}

/** Changes one file, and gives what came of it; the table must be that of a load. */
function change(file: string, text: string, files: Files = FILES): ChangedTable | undefined {
  return inFolder(files, (folder) => {
    const configuration = new ChangingConfiguration(join(folder, "adit.json"));
    const { loaded } = configuration;
    assert.ok(loaded.ok);
    const before = structuredClone(loaded.table);
    writeFileSync(join(folder, file), text);
    const changed = configuration.change(join(folder, file));
    assert.deepEqual(loaded.table, before, "a table given before has changed");
    if (changed !== undefined) {
      const again = loadConfiguration(join(folder, "adit.json"));
      assert.ok(again.ok);
      assert.deepEqual(named(changed.table), named(again.table));
    }
    return changed;
  });
}

const taken: readonly (readonly [title: string, text: string])[] = [
  ["other identifiers", tenant("b", [{ vlan: 13, vni: 13, remote: 1 }])],
  ["a tenant by another name", tenant("d", [{ vlan: 11, vni: 11, remote: 1 }])],
  [
    "one tunnel less, and a remote that nobody has",
    tenant("b", [{ vlan: 11, vni: 11, remote: 1 }]),
  ],
  ["a new remote", tenant("b", [{ vlan: 11, vni: 11, remote: 99 }])],
  ["no tunnel at all", tenant("b", [])],
  [
    "more tunnels",
    tenant(
      "b",
      [11, 12, 13, 14].map((id) => ({ vlan: id, vni: id, remote: id })),
    ),
  ],
  ["an MTU that fits", tenant("b", [{ vlan: 11, vni: 11, remote: 1, keys: { mtu: 1500 } }])],
];

for (const [title, text] of taken) {
  test(`a change is taken in: ${title}`, () => {
    assert.ok(change("tunnels.d/b.json", text) !== undefined);
  });
}

const refused: readonly (readonly [title: string, text: string])[] = [
  ["a text that is not JSON", "{"],
  ["a value of the wrong kind", tenant("b", [{ vlan: 5000, vni: 11, remote: 1 }])],
  ["a tenant's name of another file", tenant("c", [{ vlan: 11, vni: 11, remote: 1 }])],
  ["tags of another file", tenant("b", [{ vlan: 21, vni: 11, remote: 1 }])],
  ["packets of another file", tenant("b", [{ vlan: 11, vni: 21, remote: 2 }])],
  [
    "packets twice in itself",
    tenant("b", [
      { vlan: 11, vni: 5, remote: 9 },
      { vlan: 12, vni: 5, remote: 9 },
    ]),
  ],
  [
    "a UDP port of another type",
    tenant("b", [{ vlan: 11, vni: 11, remote: 1, keys: { type: "geneve", udpPort: 4789 } }]),
  ],
  [
    "an MTU that does not fit",
    tenant("b", [{ vlan: 11, vni: 11, remote: 1, keys: { mtu: 1590 } }]),
  ],
  ["a port that had no attachments", tenant("b", [{ vlan: 11, vni: 11, remote: 1 }], "spare")],
  ["another number of tenants", '{ "tenants": [] }'],
];

for (const [title, text] of refused) {
  test(`all is to be loaded again after ${title}`, () => {
    assert.equal(change("tunnels.d/b.json", text), undefined);
  });
}

test("all is to be loaded again after a port lost its last attachment", () => {
  const files = {
    ...FILES,
    "tunnels.d/c.json": tenant("c", [{ vlan: 21, vni: 21, remote: 2 }], "spare"),
  };
  assert.equal(change("tunnels.d/c.json", tenant("c", []), files), undefined);
});

test("all is to be loaded again after a port got its first attachment", () => {
  const files = {
    "adit.json": GATEWAY,
    "tunnels.d/a.json": tenant("a", []),
    "tunnels.d/b.json": tenant("b", []),
  };
  assert.equal(
    change("tunnels.d/a.json", tenant("a", [{ vlan: 1, vni: 1, remote: 1 }]), files),
    undefined,
  );
});

test("a file that was not there is not taken in, and nothing after it", () => {
  inFolder(FILES, (folder) => {
    const configuration = new ChangingConfiguration(join(folder, "adit.json"));
    assert.equal(configuration.change(join(folder, "tunnels.d/z.json")), undefined);
    assert.equal(configuration.change(join(folder, "tunnels.d/a.json")), undefined);
  });
});

test("a change tells what the file itself gives cause to warn of", () => {
  const lone = JSON.stringify({
    tenant: "c",
    attachments: [{ name: "x", port: "access", vlan: 9 }],
  });
  const changed = change("tunnels.d/c.json", lone);
  assert.deepEqual(
    changed?.warnings.map(({ code, pointer }) => `${code} ${pointer}`),
    ["ADIT-3002 /attachments/0"],
  );
});

const site = fc.record({
  vlan: fc.integer({ min: 1, max: 30 }),
  vni: fc.integer({ min: 1, max: 20 }),
  remote: fc.integer({ min: 1, max: 6 }),
  keys: fc.constantFrom(
    {},
    {},
    { type: "gre", vni: undefined },
    { type: "gre", vni: undefined, key: 7 },
    { type: "nvgre", vni: undefined, vsid: 4096 },
    { type: "geneve" },
    { acceptFrom: ["198.51.100.0/30"] },
    { remote: "any", acceptFrom: ["198.51.100.4/31"] },
    { mtu: 1400 },
  ),
});
const edit = fc.record({
  file: fc.constantFrom("a", "b", "c"),
  name: fc.constantFrom("a", "b", "c", "c", "d"),
  sites: fc.array(site, { maxLength: 4 }),
});

/** A port that loses its last attachment and gets one again, which random edits seldom come to. */
const emptied = ["a", "b", "c", "a"].map((name, index) => ({
  file: name,
  name,
  sites: index < 3 ? [] : [{ vlan: 1, vni: 1, remote: 1, keys: {} }],
}));

test("after any changes the table is that of a load, or all is to be loaded again", () => {
  let taken = 0;
  let refusals = 0;
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
      inFolder(FILES, (folder) => {
        const gateway = join(folder, "adit.json");
        let configuration = new ChangingConfiguration(gateway);
        const attachments = new Map([
          ["a", 2],
          ["b", 2],
          ["c", 1],
        ]);
        const attached = () => [...attachments.values()].some((count) => count > 0);
        for (const { file, name, sites } of edits) {
          const attachedBefore = attached();
          attachments.set(file, sites.length);
          const path = join(folder, `tunnels.d/${file}.json`);
          writeFileSync(path, tenant(name, sites));
          const changed = configuration.change(path);
          const again = loadConfiguration(gateway);
          if (changed === undefined) {
            refusals++;
            assert.ok(!again.ok || !attachedBefore || !attached());
            if (!again.ok) return;
            configuration = new ChangingConfiguration(gateway);
          } else {
            taken++;
            assert.ok(again.ok, "the change was taken in, but the files are refused");
            assert.deepEqual(named(changed.table), named(again.table));
          }
        }
      });
    }),
    { numRuns: 400, examples: [[emptied]] },
  );
  assert.ok(taken > 100 && refusals > 50, `${taken} taken, ${refusals} refused`);
});
