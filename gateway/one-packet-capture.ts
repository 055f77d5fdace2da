const globalHeaderBytes = 24;
const recordHeaderBytes = 16;
const microsecondMagic = 0xa1b2c3d4;
const snapLength = 262144;
const linkTypeEthernet = 1;

/** A classic pcap file that holds one Ethernet frame, stamped with time 0. */
export function onePacketCapture(frame: Buffer): Buffer {
  const header = Buffer.alloc(globalHeaderBytes + recordHeaderBytes);
  header.writeUInt32LE(microsecondMagic, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(snapLength, 16);
  header.writeUInt32LE(linkTypeEthernet, 20);
  header.writeUInt32LE(frame.length, globalHeaderBytes + 8);
  header.writeUInt32LE(frame.length, globalHeaderBytes + 12);
  return Buffer.concat([header, frame]);
}
