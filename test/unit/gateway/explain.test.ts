import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../../gateway/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "adit-explain-test-"));
after(() => rmSync(folder, { recursive: true, force: true }));

mkdirSync(join(folder, "tunnels.d"));
const file = join(folder, "adit.json");
writeFileSync(
  file,
  JSON.stringify({
    ports: [{ name: "underlay", addresses: ["192.0.2.1/24"] }, { name: "access" }],
    neighbors: [{ address: "192.0.2.7", mac: "02:aa:00:00:00:07", port: "underlay" }],
    tunnelFiles: ["tunnels.d/*.json"],
  }),
);
writeFileSync(
  join(folder, "tunnels.d", "acme.json"),
  JSON.stringify({
    tenant: "acme",
    attachments: [{ name: "lan", port: "access", vlan: 100 }],
    tunnels: [{ name: "ams", type: "vxlan", vni: 5001, local: "192.0.2.1", remote: "192.0.2.7" }],
    crossConnects: [{ between: ["lan", "ams"] }],
  }),
);

/** An ARP request on VLAN 100, and the same frame without its tag. */
const addresses = "ffffffffffff020000000a01";
const arp = "08060001080006040001020000000a010a0000010000000000000a000002";
const tagged = `${addresses}81000064${arp}`;
const untagged = `${addresses}${arp}`;

interface Packet {
  readonly result: string;
  readonly reason?: string;
  readonly steps: readonly Readonly<Record<string, string>>[];
}

function explain(...args: string[]) {
  return spawnSync(process.execPath, [program, "explain", "-c", file, ...args], {
    encoding: "utf8",
  });
}

function explained(input: string): Packet {
  const { stdout, stderr, status } = explain("-j", "--in", input);
  assert.equal(status, 0, stderr);
  const { packets } = JSON.parse(stdout) as { packets: Packet[] };
  assert.equal(packets.length, 1);
  return packets[0] as Packet;
}

describe("adit explain", () => {
  test("tells the steps of a frame into a tunnel, with members and bytes", () => {
    const packet = explained(`access:${tagged}`);
    assert.equal(packet.result, "sent");
    const named = packet.steps.map(({ step, member }) => (member ? `${step} ${member}` : step));
    for (const wanted of [
      "received",
      "steered",
      "taken lan",
      "cross-connect ams",
      "size",
      "sent",
    ]) {
      assert.ok(named.includes(wanted), `${wanted} in ${named.join(", ")}`);
    }
    const taken = packet.steps.find(({ step }) => step === "taken");
    assert.equal(taken?.["bytes"], untagged);
    const sent = packet.steps.at(-1)?.["bytes"] ?? "";
    assert.ok(sent.startsWith("02aa00000007" + "020000000001" + "0800"), sent);
    assert.ok(sent.endsWith(`0800000000138900${untagged}`), sent);
  });

  test("ends with the reason of a drop and where the frame was then", () => {
    const outer = "02000000000102aa000000070800";
    const ip = "4500004e00000000401100000".padEnd(24, "0");
    const packet = explained(`underlay:${outer}${ip.slice(0, 24)}c0000207c0000201c35012b5`);
    assert.equal(packet.result, "dropped");
    assert.equal(packet.reason, packet.steps.at(-1)?.["reason"]);
    assert.equal(packet.steps.find(({ step }) => step === "steered")?.["verdict"], "tunnel");
  });

  test("tells what each header takes of the size, and what the sender is told", () => {
    const header = "4500ffff000040004000LLLL0a0000010a000002";
    const packet = (bytes: number) => {
      const hex = header
        .replace("ffff", bytes.toString(16).padStart(4, "0"))
        .replace("LLLL", "0000");
      const sum = [...(hex.match(/..../g) ?? [])].reduce(
        (all, word) => all + Number(`0x${word}`),
        0,
      );
      const checksum = 0xffff - (sum % 0xffff || 0xffff);
      const ip = hex.slice(0, 20) + checksum.toString(16).padStart(4, "0") + hex.slice(24);
      return `020000000b02020000000a01810000640800${ip}${"5a".repeat(bytes - 20)}`;
    };
    const sizeOf = ({ steps }: Packet) => steps.find(({ step }) => step === "size");
    const fits = explained(`access:${packet(1450)}`);
    assert.equal(fits.result, "sent");
    assert.deepEqual(sizeOf(fits), {
      step: "size",
      ipBytes: "1500",
      limit: "1500",
      limitOf: "the way to the remote",
      overhead: "50",
      outerIp: "20",
      udp: "8",
      vxlan: "8",
      innerEthernet: "14",
      innerTags: "0",
      innerBytes: "1450",
      innerLimit: "1450",
      fits: "yes",
    });
    const over = explained(`access:${packet(1451)}`);
    assert.deepEqual([over.result, over.reason], ["dropped", "too_big"]);
    assert.equal(sizeOf(over)?.["fits"], "no");
    const told = over.steps.find(({ step }) => step === "told");
    assert.deepEqual(told, { step: "told", message: "ICMP 3/4", mtu: "1450" });
    assert.equal(over.steps.at(-1)?.["step"], "sent");
    const { stdout } = explain("--in", `access:${packet(1451)}`);
    assert.match(stdout, /^packet 1: dropped: too_big\n/);
    assert.match(stdout, /\n {2}told +message ICMP 3\/4, mtu 1450\n/);
    const silent = packet(1451)
      .replace("00004000", "00000000")
      .replace(/^(.{56}).{4}/, "$1a60a");
    const untold = explained(`access:${silent}`);
    assert.deepEqual([untold.result, untold.reason], ["dropped", "too_big"]);
    assert.ok(untold.steps.some(({ step }) => step === "not told"));
  });

  test("says when a frame is the kernel's", () => {
    assert.equal(explained(`access:${untagged}`).result, "kernel");
  });

  test("prints the same for people", () => {
    const { stdout, status } = explain("--in", `access:${tagged}`);
    assert.equal(status, 0);
    assert.match(stdout, /^packet 1: sent\n/);
    assert.match(stdout, /\n {2}taken +acme\/lan\n/);
    assert.match(stdout, /\n {6}0000 {2}02 aa 00 00 00 07 02 00 00 00 00 01 08 00 45 00\n/);
  });

  test("prints bytes that repeat once, and the last line always", () => {
    const long = tagged + "ff".repeat(100);
    const { stdout } = explain("--in", `access:${long}`);
    const [, received = ""] = /received.*\n((?: {6}.*\n)+)/.exec(stdout) ?? [];
    const lines = received
      .trimEnd()
      .split("\n")
      .map((line) => line.trim());
    assert.equal(lines.filter((line) => line === "*").length, 1);
    const bytes = long.length / 2;
    const start = bytes - (bytes % 16 === 0 ? 16 : bytes % 16);
    assert.ok(lines.at(-1)?.startsWith(`${start.toString(16).padStart(4, "0")}  `), received);
    assert.deepEqual(explained(`access:${long}`).steps[0]?.["bytes"], long);
  });

  test("refuses what is no packet and no port", () => {
    assert.equal(explain("--in", "access:xyz").status, 2);
    assert.equal(explain("--in", `nowhere:${tagged}`).status, 2);
  });
});
