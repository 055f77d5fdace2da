import assert from "node:assert/strict";
import { test } from "node:test";
import { memberRecords } from "../../../native/member-records.js";
import type {
  CompiledAttachment,
  CompiledGre,
  CompiledMember,
  CompiledVxlan,
} from "../../../tunnels/index.js";

const attachment: CompiledAttachment = {
  kind: "attachment",
  name: "lan",
  tenant: 1,
  peerOffset: 2,
  port: 3,
  tags: { match: "double", outerTpid: 0x88a8, outer: 100, inner: 200 },
  keepTag: true,
  pcp: "inherit",
  nextHopMac: Uint8Array.of(2, 0, 0, 0, 0, 9),
  mtu: 1400,
};

const common = {
  kind: "tunnel",
  name: "ams",
  tenant: 0x01020304,
  peerOffset: 0,
  local: Uint8Array.of(192, 0, 2, 1),
  remote: Uint8Array.of(198, 51, 100, 7),
  nextHop: 5,
  acceptFrom: [],
  ttl: 64,
  dscp: 46,
  copyDscp: true,
  ecn: "zero",
  df: "inherit",
  flowLabel: 0x12345,
  learnPath: true,
  keepInnerTags: true,
  mtu: 1280,
  oversize: "drop",
  mssClamp: true,
} as const;

const vxlan: CompiledVxlan = {
  ...common,
  type: "vxlan",
  payload: "ethernet",
  vni: 0xabcdef,
  udpPort: 4789,
  sourcePorts: [49152, 65535],
  udpChecksum: true,
  acceptZeroChecksum: true,
  dropReserved: true,
};

const { remote: _, mtu: __, ...receiver } = common;
const gre: CompiledGre = {
  ...receiver,
  type: "gre",
  payload: "ip",
  local: Uint8Array.from({ length: 16 }, (_, index) => index + 1),
  nextHop: -1,
  acceptFrom: [{ address: Uint8Array.from({ length: 16 }, (_, i) => i % 2), length: 126 }],
  ttl: "inherit",
  dscp: "inherit",
  ecn: "rfc6040",
  copyDscp: false,
  df: "set",
  flowLabel: "hash",
  learnPath: false,
  keepInnerTags: false,
  oversize: "icmp",
  mssClamp: false,
  sendKey: 7,
  receiveKey: 0xfffffffe,
  sequence: true,
  sendChecksum: true,
  requireChecksum: true,
};

function packed(members: readonly CompiledMember[]): string {
  const next = memberRecords(members);
  let hex = "";
  for (let chunk = next(); chunk !== undefined; chunk = next()) {
    hex += Buffer.from(chunk).toString("hex");
  }
  return hex;
}

/** What `test/native/member_records_test.cc` reads, byte for byte. */
const records = {
  attachment: "00020300010000000200000003" + "00a88864" + "00c8007805ff00" + "0200000000090000",
  vxlan:
    "0100fe4304030201ffffffff05000000" +
    "efcdab00efcdab0045230100b51200c0" +
    "ffff0005ffff402e0202000000000000" +
    "c0000201000000000000000000000000" +
    "c6336407000000000000000000000000",
  gre:
    "0102017c04030201ffffffffffffffff" +
    "07000000feffffffffffffff00000000" +
    "00000000ffff00ff0000000001000000" +
    "0102030405060708090a0b0c0d0e0f10" +
    "00000000000000000000000000000000" +
    "00010001000100010001000100010001" +
    "7e000000",
};

test("an attachment is packed as the data path reads it", () => {
  assert.equal(packed([attachment]), records.attachment);
});

test("a tunnel is packed as the data path reads it", () => {
  assert.equal(packed([vxlan]), records.vxlan);
});

test("a tunnel that only receives is packed with its sources", () => {
  assert.equal(packed([gre]), records.gre);
});

test("a peer is packed as an index, whichever side of the member it stands on", () => {
  const first = { ...attachment, peerOffset: 1 };
  const bytes = Buffer.from(packed([attachment, first, { ...attachment, peerOffset: -1 }]), "hex");
  assert.deepEqual(
    [8, 40, 72].map((at) => bytes.readUInt32LE(at)),
    [2, 2, 1],
  );
});

test("members of more bytes than one chunk come in order, each whole", () => {
  const many = Array.from({ length: 9000 }, (_, index) => ({ ...attachment, tenant: index }));
  const next = memberRecords(many);
  const tenants: number[] = [];
  let chunks = 0;
  for (let chunk = next(); chunk !== undefined; chunk = next()) {
    chunks++;
    for (let at = 0; at < chunk.length; at += 32)
      tenants.push(Buffer.from(chunk).readUInt32LE(at + 4));
  }
  assert.equal(chunks, 2);
  assert.deepEqual(
    tenants,
    many.map(({ tenant }) => tenant),
  );
});

test("a tunnel of more sources than fit a chunk has one of its own", () => {
  const prefix = { address: Uint8Array.of(10, 0, 0, 0), length: 8 };
  const wide = { ...vxlan, acceptFrom: new Array<typeof prefix>(20_000).fill(prefix) };
  const next = memberRecords([attachment, wide, attachment]);
  const sizes = [next()?.length, next()?.length, next()?.length, next()];
  assert.deepEqual(sizes, [32, 80 + 20 * 20_000, 32, undefined]);
});

test("addresses of two families make no record", () => {
  assert.throws(() => packed([{ ...vxlan, remote: gre.local }]), TypeError);
  assert.throws(() => packed([{ ...vxlan, acceptFrom: gre.acceptFrom }]), TypeError);
});
