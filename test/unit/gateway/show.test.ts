import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Shown, showDocument } from "../../../gateway/show/documents.js";
import { statusDocument } from "../../../gateway/show/status.js";
import { showText } from "../../../gateway/show/text.js";
import { loadConfiguration } from "../../../tunnels/index.js";

const folder = mkdtempSync(join(tmpdir(), "adit-show-test-"));
after(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, "tunnels.d"));
writeFileSync(
  join(folder, "adit.json"),
  JSON.stringify({
    ports: [{ name: "underlay", interface: "eth0", addresses: ["192.0.2.1/24"] }, { name: "more" }],
    tunnelFiles: ["tunnels.d/*.json"],
  }),
);
const gre = { type: "gre", local: "192.0.2.1" };
writeFileSync(
  join(folder, "tunnels.d", "acme.json"),
  JSON.stringify({
    tenant: "acme",
    tunnels: [
      { name: "up", ...gre, remote: "198.51.100.7" },
      { name: "lost", ...gre, remote: "203.0.113.9" },
      { name: "in", ...gre, local: "192.0.2.99", remote: "any", acceptFrom: ["198.51.100.0/24"] },
    ],
  }),
);

const port = { present: true, up: true, mac: Uint8Array.of(2, 0, 0, 0, 0, 1) };
const rssFault = { what: "all on one", fix: "ethtool -X eth0 equal 2" };
const hop = { port: 0, source: port.mac, destination: port.mac, mtu: 1500 };

/** What the running data path answers, so far as the documents under test ask it. */
const answers = {
  ports: () => [
    { ...port, tunnelVlan: 100, rss: [0, 1], rssFaults: [rssFault] },
    { ...port, tunnelVlan: 0, busyPollRefusal: "nobody polls" },
  ],
  workers: () => [],
  nextHops: () => [
    { ...hop, status: "up" },
    { ...hop, status: "no_route" },
  ],
  memberSizes: () => [{ innerMtu: 1462, mtuOf: "the way to the remote" }, {}, {}],
  hasAddress: () => false,
};

function shown(): Shown {
  const loaded = loadConfiguration(join(folder, "adit.json"));
  assert.ok(loaded.ok);
  return { table: loaded.table, dataPath: answers as unknown as Shown["dataPath"] };
}

test("show tunnels says of a tunnel without a remote that it only receives", () => {
  const { tunnels } = showDocument("tunnels", shown(), undefined, false) as {
    tunnels: { name: string; remote: string; state: string }[];
  };
  assert.deepEqual(
    tunnels.map(({ name, remote, state }) => [name, remote, state]),
    [
      ["up", "198.51.100.7", "up"],
      ["lost", "203.0.113.9", "no_route"],
      ["in", "any", "receive_only"],
    ],
  );
});

test("show tunnels tells the inner MTU, and what sets it with -j", () => {
  const document = showDocument("tunnels", shown(), undefined, false) as {
    tunnels: { innerMtu?: number; mtuOf?: string }[];
  };
  assert.deepEqual(
    document.tunnels.map(({ innerMtu, mtuOf }) => [innerMtu, mtuOf]),
    [
      [1462, "the way to the remote"],
      [undefined, undefined],
      [undefined, undefined],
    ],
  );
  const text = showText("tunnels", document);
  assert.match(text, /innerMtu/);
  assert.match(text, /1462/);
  assert.doesNotMatch(text, /mtuOf/);
});

test("show ports prints the VLAN that tunnel packets carry on each port", () => {
  const document = showDocument("ports", shown(), undefined, false) as {
    ports: { name: string; tunnelVlan: number | null }[];
  };
  assert.deepEqual(
    document.ports.map(({ name, tunnelVlan }) => [name, tunnelVlan]),
    [
      ["underlay", 100],
      ["more", null],
    ],
  );
  const [header = "", first = ""] = showText("ports", document).split("\n");
  const column = header.indexOf("tunnelVlan");
  assert.equal(first.slice(column).trim().split(/\s/)[0], "100");
});

test("status asks for the local address of every tunnel, also of those that only receive", () => {
  const { healthy, problems } = statusDocument(shown(), "0");
  assert.equal(healthy, false);
  assert.deepEqual(
    problems.map(({ what }) => what),
    ["local address 192.0.2.99", "remote 203.0.113.9"],
  );
});

test("show ports tells how packets are spread, and what mends it where workers go without", () => {
  const document = showDocument("ports", shown(), undefined, false) as {
    ports: { rss: unknown }[];
  };
  assert.deepEqual(
    document.ports.map(({ rss }) => rss),
    [[0, 1], "not told"],
  );
  const text = showText("ports", document);
  assert.match(text, /^name .* rss /m);
  assert.match(text, /^underlay .* 0,1 /m);
  assert.match(text, /^more .* not told/m);
  assert.match(text, /^underlay: all on one; run `ethtool -X eth0 equal 2`$/m);
  assert.match(text, /^more: busy polling refused: nobody polls$/m);
});
