import assert from "node:assert/strict";
import { test } from "node:test";
import { captureOf } from "../../bench/peers/capture.js";
import { plainFrame, tunnelFrame } from "../../bench/peers/frames.js";

const inner = "02:00:00:00:00:97";
const outer = "02:00:00:00:00:11";

/** RFC 1071: over a header with a right checksum, the sum of its words is all ones. */
function sumOf(header: Buffer): number {
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

test("plainFrame is an IPv4 frame whose lengths fill it", () => {
  const { bytes, inner: at, header } = plainFrame(1400, inner, "push");
  const frame = Buffer.from(header, "hex");
  assert.deepEqual([bytes, at, frame.length], [1400, 0, 96]);
  assert.equal(frame.toString("hex", 0, 14), "0200000000970200000000970800");
  assert.equal(frame.readUInt16BE(16), 1400 - 14);
  assert.equal(sumOf(frame.subarray(14, 34)), 0xffff);
  assert.equal(frame.readUInt16BE(38), 1400 - 34);
});

test("tunnelFrame is RFC 7348's, with the tenant's frame behind 50 bytes", () => {
  const { bytes, inner: at, header } = tunnelFrame(64, { inner, outer });
  const frame = Buffer.from(header, "hex");
  assert.deepEqual([bytes, at], [114, 50]);
  assert.equal(frame.readUInt16BE(16), 100);
  assert.equal(sumOf(frame.subarray(14, 34)), 0xffff);
  assert.equal(frame.readUInt16BE(36), 4789);
  assert.equal(frame.readUInt16BE(38), 80);
  assert.equal(frame.readUInt16BE(40), 0);
  // VNI 5001, and only the I flag.
  assert.equal(frame.toString("hex", 42, 50), "0800000000138900");
  assert.equal(frame.toString("hex", 50, 56), "020000000097");
  assert.equal(sumOf(frame.subarray(64, 84)), 0xffff);
});

test("captureOf writes one whole frame, zeros after what is given of it", () => {
  const file = captureOf(plainFrame(1400, inner, "push"));
  assert.equal(file.length, 24 + 16 + 1400);
  assert.equal(file.readUInt32LE(0), 0xa1b2c3d4);
  assert.deepEqual([file.readUInt32LE(32), file.readUInt32LE(36)], [1400, 1400]);
  assert.ok(file.subarray(40 + 96).every((byte) => byte === 0));
});
