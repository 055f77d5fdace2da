import assert from "node:assert/strict";
import { test } from "node:test";
import { GATEWAY, loadValid, tenantFiles, VXLAN, withAttachment } from "./harness.js";

const bytes = (...values: number[]) => Uint8Array.from(values);

const SITES = `{ "tenants": [
  { "tenant": "acme",
    "attachments": [{ "name": "lan", "port": "access", "vlan": 100 }],
    "tunnels": [
      { "name": "spare", "type": "gre", "local": "192.0.2.1", "remote": "198.51.100.8" },
      ${VXLAN}
    ],
    "crossConnects": [{ "between": ["ams", "lan"] }] },
  { "tenant": "beta",
    "attachments": [{ "name": "lan", "port": "access", "vlan": "untagged", "mtu": 1400 }],
    "tunnels": [{ "name": "ber", "type": "gre", "key": 4294967295, "local": "2001:db8::1",
      "remote": "2001:db8::7", "ttl": 255, "dscp": 63, "df": "clear" },
      { "name": "x", "type": "vxlan", "vni": 0, "local": "192.0.2.1", "remote": "198.51.100.7" }],
    "crossConnects": [{ "between": ["lan", "ber"] }] }
] }`;

test("compile() numbers tenants and members in order and joins cross-connected ones", () => {
  const { table } = loadValid(tenantFiles(SITES));
  assert.deepEqual(table.tenants, [
    { name: "acme", icmpPerSecond: 100 },
    { name: "beta", icmpPerSecond: 100 },
  ]);
  assert.deepEqual(
    table.members.map(({ name, tenant, peerOffset, kind }) => [name, tenant, peerOffset, kind]),
    [
      ["lan", 0, 2, "attachment"],
      ["spare", 0, 0, "tunnel"],
      ["ams", 0, -2, "tunnel"],
      ["lan", 1, 1, "attachment"],
      ["ber", 1, -1, "tunnel"],
      ["x", 1, 0, "tunnel"],
    ],
  );
});

test("compile() shares next hops between tunnels of the same two addresses", () => {
  const { table } = loadValid(tenantFiles(SITES));
  assert.equal(table.nextHops.length, 3);
  const ofTunnels = table.members.flatMap((member) =>
    member.kind === "tunnel" ? [[member.name, member.nextHop]] : [],
  );
  assert.deepEqual(ofTunnels, [
    ["spare", 0],
    ["ams", 1],
    ["ber", 2],
    ["x", 1],
  ]);
  assert.deepEqual(table.nextHops[1], {
    local: bytes(192, 0, 2, 1),
    remote: bytes(198, 51, 100, 7),
  });
});

test("compile() fills in the defaults of a VXLAN tunnel", () => {
  const { table } = loadValid(tenantFiles(SITES));
  assert.deepEqual(table.members[2], {
    kind: "tunnel",
    name: "ams",
    tenant: 0,
    peerOffset: -2,
    payload: "ethernet",
    local: bytes(192, 0, 2, 1),
    remote: bytes(198, 51, 100, 7),
    nextHop: 1,
    acceptFrom: [],
    ttl: 64,
    dscp: 0,
    copyDscp: false,
    ecn: "rfc6040",
    df: "set",
    flowLabel: "hash",
    keepInnerTags: false,
    oversize: "icmp",
    mssClamp: false,
    learnPath: true,
    type: "vxlan",
    vni: 5001,
    udpPort: 4789,
    sourcePorts: [49152, 65535],
    udpChecksum: false,
    acceptZeroChecksum: false,
    dropReserved: false,
  });
});

test("compile() takes the given keys of a GRE tunnel on IPv6", () => {
  const { table } = loadValid(tenantFiles(SITES));
  assert.deepEqual(table.members[4], {
    kind: "tunnel",
    name: "ber",
    tenant: 1,
    peerOffset: -1,
    payload: "ethernet",
    local: bytes(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
    remote: bytes(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7),
    nextHop: 2,
    acceptFrom: [],
    ttl: 255,
    dscp: 63,
    copyDscp: false,
    ecn: "rfc6040",
    df: "clear",
    flowLabel: "hash",
    keepInnerTags: false,
    oversize: "icmp",
    mssClamp: false,
    learnPath: true,
    type: "gre",
    sendKey: 4294967295,
    receiveKey: 4294967295,
    sequence: false,
    sendChecksum: false,
    requireChecksum: false,
  });
});

test("compile() fills in ports: what takes tunnels is what has no attachments", () => {
  const { table } = loadValid(withAttachment('{ "name": "lan", "port": "access" }'));
  assert.deepEqual(table.ports, [
    {
      name: "underlay",
      addresses: [{ address: bytes(192, 0, 2, 1), length: 24 }],
      takesTunnels: true,
      headroom: 0,
      reservedHeadroom: 0,
      frames: 8192,
      ringSize: 2048,
      queues: "all",
      xdpMode: "auto",
      zeroCopy: "auto",
      busyPoll: false,
    },
    {
      name: "access",
      addresses: [],
      takesTunnels: false,
      headroom: 0,
      reservedHeadroom: 0,
      frames: 8192,
      ringSize: 2048,
      queues: "all",
      xdpMode: "auto",
      zeroCopy: "auto",
      busyPoll: false,
    },
  ]);
});

test("compile() takes every key of a gateway file", () => {
  const { table, gateway } = loadValid({
    "adit.json": `{
      "$schema": "x",
      "ports": [{ "name": "u", "interface": "eth0", "mac": "02:00:00:00:00:0A", "mtu": 9000,
        "addresses": ["2001:db8::1/64"], "headroom": 128, "reservedHeadroom": 2, "frameSize": 4096,
        "frames": 512, "ringSize": 64, "queues": 4, "xdpMode": "generic", "zeroCopy": "off",
        "busyPoll": true }],
      "workers": { "cpus": [2, 3] },
      "neighbors": [{ "address": "2001:db8::9", "mac": "02:00:00:00:00:09", "port": "u" }],
      "routes": [{ "prefix": "10.0.0.0/8", "port": "u" },
        { "prefix": "::/0", "via": "2001:db8::9", "port": "u" }],
      "block": ["0.0.0.0/0"],
      "listen": { "http": false, "control": "/tmp/a.sock" },
      "log": { "level": "debug" },
      "tunnelFiles": [] }`,
  });
  const nine = bytes(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9);
  assert.deepEqual(table, {
    ports: [
      {
        name: "u",
        interface: "eth0",
        mac: bytes(2, 0, 0, 0, 0, 10),
        mtu: 9000,
        addresses: [{ address: Uint8Array.from(nine, (b, i) => (i === 15 ? 1 : b)), length: 64 }],
        takesTunnels: true,
        headroom: 128,
        reservedHeadroom: 2,
        frameSize: 4096,
        frames: 512,
        ringSize: 64,
        queues: 4,
        xdpMode: "generic",
        zeroCopy: "off",
        busyPoll: true,
      },
    ],
    tenants: [],
    members: [],
    nextHops: [],
    neighbors: [{ address: nine, mac: bytes(2, 0, 0, 0, 0, 9), port: 0 }],
    routes: [
      { prefix: { address: bytes(10, 0, 0, 0), length: 8 }, port: 0 },
      { prefix: { address: new Uint8Array(16), length: 0 }, via: nine, port: 0 },
    ],
    block: [{ address: bytes(0, 0, 0, 0), length: 0 }],
    workers: { cpus: [2, 3] },
  });
  assert.deepEqual(gateway, { http: false, control: "/tmp/a.sock", logLevel: "debug" });
});

test("the settings of an empty gateway file are the documented defaults", () => {
  const { gateway, table } = loadValid({ "adit.json": "{}" });
  assert.deepEqual(gateway, {
    http: { host: "127.0.0.1", port: 9477 },
    control: "/run/adit/adit.sock",
    logLevel: "info",
  });
  assert.equal(table.workers, "auto");
});

test("listen.http takes IPv6 in brackets and host names", () => {
  const http = (text: string) =>
    loadValid({ "adit.json": `{ "listen": { "http": "${text}" } }` }).gateway.http;
  assert.deepEqual(http("[::1]:80"), { host: "::1", port: 80 });
  assert.deepEqual(http("localhost:65535"), { host: "localhost", port: 65535 });
});

test("tenants of several files keep the order of file names", () => {
  const { table } = loadValid({
    "adit.json": GATEWAY,
    "tunnels.d/b.json": '{ "tenant": "first-in-b" }',
    "tunnels.d/a.json": '{ "tenant": "first-in-a" }',
    "tunnels.d/B.json": '{ "tenant": "capital" }',
  });
  assert.deepEqual(
    table.tenants.map(({ name }) => name),
    ["capital", "first-in-a", "first-in-b"],
  );
});
