/** A tunnel as both of its ends must agree on it. */
export type Tunnel = VxlanTunnel | GeneveTunnel | GreTunnel;

export interface VxlanTunnel {
  readonly type: "vxlan";
  readonly vni: number;
  readonly udpPort?: number;
}

export interface GeneveTunnel {
  readonly type: "geneve";
  readonly vni: number;
  readonly udpPort?: number;
}

export interface GreTunnel {
  readonly type: "gre";
  readonly key?: number;
  readonly checksum?: boolean;
}

/** The outer addresses, as the end that is being built sees them. */
export interface Endpoints {
  readonly local: string;
  readonly remote: string;
}

/** What a VLAN tag inside the tunnel takes of the inner IP MTU. */
export const tagBytes = 4;

/**
 * The inner IP MTU that an underlay MTU leaves: outer IP header, tunnel headers and the inner
 * Ethernet header are taken off (RFC 7348 §4.3 has no fragmentation).
 */
export function innerMtu(tunnel: Tunnel, { local }: Endpoints, underlayMtu = 1500): number {
  const ip = local.includes(":") ? 40 : 20;
  const innerEthernet = 14;
  return underlayMtu - ip - tunnelBytes(tunnel) - innerEthernet;
}

/** UDP with a VXLAN header or with a Geneve header that has no options; GRE with its options. */
function tunnelBytes(tunnel: Tunnel): number {
  if (tunnel.type !== "gre") return 8 + 8;
  return 4 + (tunnel.key === undefined ? 0 : 4) + (tunnel.checksum === true ? 4 : 0);
}
