/** A capture file of one frame: pcap 2.4, Ethernet. */
import type { LoadFrame } from "./frames.js";

export function captureOf({ header, bytes }: LoadFrame): Buffer {
  const file = Buffer.alloc(24);
  file.writeUInt32LE(0xa1b2c3d4, 0);
  file.writeUInt16LE(2, 4);
  file.writeUInt16LE(4, 6);
  file.writeUInt32LE(65535, 16);
  file.writeUInt32LE(1, 20);
  const record = Buffer.alloc(16);
  record.writeUInt32LE(bytes, 8);
  record.writeUInt32LE(bytes, 12);
  const frame = Buffer.alloc(bytes);
  Buffer.from(header, "hex").copy(frame);
  return Buffer.concat([file, record, frame]);
}
