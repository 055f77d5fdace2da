/** What the kernel leaves before received data in every UMEM chunk (XDP_PACKET_HEADROOM), bytes. */
export const KERNEL_HEADROOM = 256;

/** Bytes of a chunk that must remain for a frame beside the headroom. */
export const FRAME_RESERVE = 1024;

/** Default of `ports[].ringSize`, entries. */
export const DEFAULT_RING_SIZE = 2048;

/** Default of `ports[].frameSize` where the MTU does not ask for more, bytes. */
export const DEFAULT_FRAME_SIZE = 2048;

/** Bytes of Ethernet beside the IP packet: the header with one tag. */
const ETHERNET_BYTES = 18;

export interface HeadroomKeys {
  readonly headroom?: number | undefined;
  readonly reservedHeadroom?: number | undefined;
  readonly frameSize?: 2048 | 4096 | undefined;
  readonly mtu?: number | undefined;
}

/**
 * Ports of a worker share one UMEM, and every worker has a queue of every port: the largest
 * headroom applies to all.
 */
export function sharedHeadroom(ports: readonly (HeadroomKeys | undefined)[]): number {
  return ports.reduce((largest, port) => Math.max(largest, port?.headroom ?? 0), 0);
}

/** Bytes that a push may take in front of a frame received on a port. */
export function roomForPush(port: HeadroomKeys, shared: number): number {
  return shared + KERNEL_HEADROOM - (port.reservedHeadroom ?? 0);
}

/** The given chunk size, or the one that the MTU asks for. */
export function frameSizeOf(port: HeadroomKeys, mtu: number | undefined): number {
  if (port.frameSize !== undefined) {
    return port.frameSize;
  }
  return fitsFrame(port, mtu ?? 0, DEFAULT_FRAME_SIZE) ? DEFAULT_FRAME_SIZE : 4096;
}

/** Whether the largest frame fits a chunk behind both headrooms. */
export function fitsFrame(port: HeadroomKeys, mtu: number, frameSize: number): boolean {
  return KERNEL_HEADROOM + (port.headroom ?? 0) + mtu + ETHERNET_BYTES <= frameSize;
}
