import type { AddressFamily } from "../address/address.js";
import type { Draft } from "../check/draft.js";
import type { CompiledGeneve } from "../compiled.js";
import {
  type CommonCompiled,
  ETHERNET_BYTES,
  ipHeaderBytes,
  type PacketIdentity,
  type TunnelProblem,
} from "./tunnel-type.js";

/** Dynamic ports (RFC 7348 §5; RFC 8926 §3.3 allows every port). */
const SOURCE_PORTS = [49152, 65535] as const;
const UDP_HEADER_BYTES = 8;
/** VXLAN (RFC 7348 §5), and Geneve without options (RFC 8926 §3.4). */
const HEADER_BYTES = 8;

/** The keys that the types over UDP share. */
export interface UdpTunnelKeys {
  readonly vni: number;
  readonly udpPort?: number;
  readonly sourcePorts?: readonly [number, number];
  readonly udpChecksum?: boolean;
}

export function udpOverhead(family: AddressFamily): number {
  return ETHERNET_BYTES + ipHeaderBytes(family) + UDP_HEADER_BYTES + HEADER_BYTES;
}

/** A port is one type's alone, so the port and the VNI say which tunnel it is. */
export function udpIdentity(
  { vni, udpPort }: Draft<UdpTunnelKeys>,
  defaultPort: number,
): PacketIdentity | undefined {
  const port = udpPort ?? defaultPort;
  return vni === undefined
    ? undefined
    : {
        space: port,
        group: vni,
        words: () => `UDP port ${port}, VNI ${vni}`,
        udpPort: port,
      };
}

export function checkUdpKeys({ sourcePorts }: Draft<UdpTunnelKeys>): TunnelProblem[] {
  const [first, last] = sourcePorts ?? SOURCE_PORTS;
  if (first === undefined || last === undefined || first <= last) {
    return [];
  }
  const message = `the range ${first}-${last} is reversed`;
  const fix = `write [${last}, ${first}]`;
  return [{ path: ["sourcePorts"], code: "ADIT-1212", message, fix }];
}

/** The checksum is optional on IPv4 (RFC 768), and on IPv6 only where it is said (RFC 6936 §4). */
export function compileUdp(
  { vni, udpPort, sourcePorts, udpChecksum }: UdpTunnelKeys,
  { local }: CommonCompiled,
  defaultPort: number,
): Omit<CompiledGeneve, "type" | keyof CommonCompiled> {
  const isIpv6 = local.length === 16;
  return {
    vni,
    udpPort: udpPort ?? defaultPort,
    sourcePorts: sourcePorts ?? SOURCE_PORTS,
    udpChecksum: udpChecksum ?? isIpv6,
    acceptZeroChecksum: isIpv6 && udpChecksum === false,
  };
}
