/** The frames of the load: IPv4 and UDP, as a tenant sends them, and the same in a VXLAN tunnel. */
import { addresses, macs, vni, type Way } from "./bed.js";

/** Outer Ethernet, IPv4, UDP and VXLAN headers. */
export const tunnelBytes = 50;
/** How much of each frame is given; the rest is zeros. The load's program writes as much. */
const givenBytes = 96;

export interface LoadFrame {
  readonly bytes: number;
  /** In hex. */
  readonly header: string;
  /** Where the tenant's frame begins. */
  readonly inner: number;
}

/** What the frame's reader decides by. */
export interface Destination {
  /** That the tenant's frame is sent to. */
  readonly inner: string;
  /** That the tunnel packet is sent to. */
  readonly outer: string;
}

/** A frame of `bytes` bytes that still is to be pushed into a tunnel, or that no tunnel is about. */
export function plainFrame(bytes: number, destination: string, way: Way): LoadFrame {
  return { bytes, inner: 0, header: given(tenantFrame(bytes, destination, way)) };
}

/** A tunnel packet to the gateway whose inner frame has `bytes` bytes. */
export function tunnelFrame(bytes: number, destination: Destination): LoadFrame {
  const outer = Buffer.concat([
    ethernet(destination.outer, macs.remote),
    ipv4(addresses.remote, addresses.gateway, bytes + tunnelBytes - 14),
    udp(0, 4789, bytes + tunnelBytes - 34),
    Buffer.from([8, 0, 0, 0, vni >> 16, (vni >> 8) & 0xff, vni & 0xff, 0]),
  ]);
  const header = given(Buffer.concat([outer, tenantFrame(bytes, destination.inner, "pop")]));
  return { bytes: bytes + tunnelBytes, inner: tunnelBytes, header };
}

/** The end of the destination and the source port are the flow's, and are written by the load. */
function tenantFrame(bytes: number, destination: string, way: Way): Buffer {
  const [source, from, to] =
    way === "push"
      ? [macs.tenant, addresses.tenant, addresses.remoteFlows]
      : [macs.remoteTenant, addresses.remoteTenant, addresses.tenantFlows];
  return Buffer.concat([
    ethernet(destination, source),
    ipv4(from, to, bytes - 14),
    udp(0, 9, bytes - 34),
  ]);
}

function given(frame: Buffer): string {
  return Buffer.concat([frame, Buffer.alloc(givenBytes)]).toString("hex", 0, givenBytes);
}

function ethernet(destination: string, source: string): Buffer {
  return Buffer.from(`${destination}${source}0800`.replaceAll(":", ""), "hex");
}

function ipv4(source: string, destination: string, length: number): Buffer {
  const header = Buffer.from("450000000000400040110000", "hex");
  header.writeUInt16BE(length, 2);
  const parts = [source, destination].flatMap((address) => address.split(".").map(Number));
  const whole = Buffer.concat([header, Buffer.from(parts)]);
  whole.writeUInt16BE(checksum(whole), 10);
  return whole;
}

/** RFC 1071. */
function checksum(header: Buffer): number {
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Without a checksum, as outer headers are by default (RFC 7348 §5), and inner ones may be. */
function udp(source: number, destination: number, length: number): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(source, 0);
  header.writeUInt16BE(destination, 2);
  header.writeUInt16BE(length, 4);
  return header;
}
