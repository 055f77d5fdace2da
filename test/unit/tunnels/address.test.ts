import assert from "node:assert/strict";
import { isIP } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import {
  isRefusal,
  notOneHost,
  parseAddress,
  parseWithIpNum,
} from "../../../tunnels/address/address.js";
import { macBytes, refuseGroupMac } from "../../../tunnels/address/mac.js";
import { parsePlainAddress } from "../../../tunnels/address/plain-address.js";
import {
  formatAddress,
  maskBytes,
  parseInterfaceAddress,
  parsePrefix,
} from "../../../tunnels/address/prefix.js";

const isMapped = (text: string) => new URL(`http://[${text}]`).hostname.startsWith("[::ffff:");

/** What node:net takes, without zones and IPv4-mapped addresses, and the bytes it stands for. */
function oracle(text: string): string | undefined {
  if (isIP(text) === 4) {
    return text.split(".").map(Number).join(".");
  }
  if (isIP(text) !== 6 || text.includes("%") || isMapped(text)) {
    return undefined;
  }
  const host = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const [head = "", tail] = host.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...new Array<string>(missing).fill("0"), ...groups(tail ?? "")];
  return all
    .flatMap((group) => {
      const value = Number.parseInt(group, 16);
      return [value >> 8, value & 255];
    })
    .join(".");
}

function parseToText(text: string): string | undefined {
  const address = parseAddress(text);
  return isRefusal(address) ? undefined : address.bytes.join(".");
}

const nearlyAddress = fc
  .array(
    fc.constantFrom(
      "0",
      "1",
      "01",
      "10",
      "255",
      "256",
      "ffff",
      "F0",
      "g",
      ".",
      ".",
      ":",
      ":",
      "::",
      "%1",
      "/",
      " ",
      "-",
      "+",
      "e",
      "\n",
    ),
    { minLength: 1, maxLength: 16 },
  )
  .map((parts) => parts.join(""));
const damaged = fc
  .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(45), fc.constantFrom("", "0", ".", ":", "x", " "))
  .map(([text, at, with_]) => text.slice(0, at) + with_ + text.slice(at + 1));

test("parseAddress() agrees with node:net, byte for byte", () => {
  const texts = fc.oneof(fc.ipV4(), fc.ipV6(), nearlyAddress, damaged, fc.string());
  fc.assert(
    fc.property(texts, (text) => {
      assert.equal(parseToText(text), oracle(text));
    }),
    { numRuns: 6000, seed: 7 },
  );
});

test("parsePrefix() takes exactly the prefixes without host bits, and mends the others", () => {
  const v4 = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }));
  const v6 = fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 }));
  fc.assert(
    fc.property(fc.oneof(v4, v6), ([text, length]) => {
      const address = parseAddress(text);
      fc.pre(!isRefusal(address));
      const prefix = parsePrefix(`${text}/${length}`);
      const kept = BigInt(`0x${address.key}`);
      const hostBits = BigInt(address.bytes.length * 8 - length);
      const hasHostBits = (kept >> hostBits) << hostBits !== kept;
      assert.equal(isRefusal(prefix) ? prefix.code : "fine", hasHostBits ? "ADIT-1209" : "fine");
      if (isRefusal(prefix)) {
        const mended = /"(.+)"/.exec(prefix.fix)?.[1] ?? "";
        const again = parsePrefix(mended);
        // Masking may leave an IPv4-mapped address, which is refused for its own reason.
        assert.ok(!isRefusal(again) || again.code === "ADIT-1211", mended);
      }
    }),
    { numRuns: 2000, seed: 7 },
  );
});

test("formatAddress() writes what parseAddress() reads", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  );
  fc.assert(
    fc.property(bytes, (address) => {
      const again = parseAddress(formatAddress(address));
      assert.ok(
        isRefusal(again) ? again.code === "ADIT-1211" : Buffer.compare(again.bytes, address) === 0,
      );
    }),
    { numRuns: 2000, seed: 7 },
  );
});

test("prefix lengths are strict", () => {
  for (const text of [
    "10.0.0.0/024",
    "10.0.0.0/+8",
    "10.0.0.0/8 ",
    "10.0.0.0/",
    "10.0.0.0/33",
    "::/129",
    "10.0.0.0/8/8",
    "/8",
  ]) {
    const prefix = parseInterfaceAddress(text);
    assert.equal(isRefusal(prefix) ? prefix.code : text, "ADIT-1208", text);
  }
});

test("maskBytes() keeps the first bits", () => {
  const bytes = Uint8Array.of(255, 255, 255, 255);
  assert.deepEqual([...maskBytes(bytes, 0)], [0, 0, 0, 0]);
  assert.deepEqual([...maskBytes(bytes, 19)], [255, 255, 224, 0]);
  assert.deepEqual([...maskBytes(bytes, 32)], [255, 255, 255, 255]);
});

test("notOneHost() knows the edges of multicast", () => {
  const kind = (text: string) => {
    const address = parseAddress(text);
    assert.ok(!isRefusal(address));
    return notOneHost(address) ?? "host";
  };
  assert.deepEqual(
    ["223.255.255.255", "240.0.0.0", "fe80::1", "0.0.0.1"].map(kind),
    new Array(4).fill("host"),
  );
  assert.deepEqual(
    ["224.0.0.0", "239.255.255.255", "ff00::"].map(kind),
    new Array(3).fill("a multicast address"),
  );
});

test("macBytes() and refuseGroupMac()", () => {
  assert.deepEqual([...macBytes("02:0a:Ff:00:10:01")], [2, 10, 255, 0, 16, 1]);
  assert.equal(refuseGroupMac("02:00:00:00:00:00"), undefined);
  assert.equal(refuseGroupMac("03:00:00:00:00:00")?.code, "ADIT-1205");
});

const written = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  nearlyAddress,
  fc
    .array(fc.constantFrom("0", "1", "a", "ffff", "00ff", ":", ":", "::"), { maxLength: 17 })
    .map((parts) => parts.join("")),
  fc
    .array(fc.constantFrom("0", "7", "25", "255", "256", "00", "1e1", "."), { maxLength: 8 })
    .map((parts) => parts.join(".")),
);

test("a plain address is what ip-num makes of it", () => {
  let plain = 0;
  fc.assert(
    fc.property(written, (text) => {
      const bytes = parsePlainAddress(text);
      if (bytes === undefined) return;
      plain++;
      assert.deepEqual(bytes, parseWithIpNum(text)?.bytes, text);
      const parsed = parseAddress(text);
      if (!isRefusal(parsed)) assert.deepEqual(parsed, parseWithIpNum(text));
    }),
    { numRuns: 20_000 },
  );
  assert.ok(plain > 2000, `only ${plain} were plain`);
});

test("addresses as people write them are plain", () => {
  for (const text of [
    "192.0.2.1",
    "0.0.0.0",
    "2001:db8::1",
    "::",
    "FE80::A:b",
    "1:2:3:4:5:6:7:8",
  ]) {
    assert.ok(parsePlainAddress(text) !== undefined, text);
  }
  for (const text of [
    "192.0.2.01",
    "192.0.2",
    "1.2.3.4.5",
    "256.0.0.1",
    "1::2::3",
    "1:",
    ":1",
    "::1.2.3.4",
    "",
  ]) {
    assert.equal(parsePlainAddress(text), undefined, text);
  }
});
