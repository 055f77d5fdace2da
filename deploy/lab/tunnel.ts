/** A tunnel as both of its ends must agree on it. */
export type Tunnel = VxlanTunnel | GreTunnel;

export interface VxlanTunnel {
  readonly type: "vxlan";
  readonly vni: number;
  readonly udpPort?: number;
}

export interface GreTunnel {
  readonly type: "gre";
  readonly key?: number;
}

/** The outer addresses, as the end that is being built sees them. */
export interface Endpoints {
  readonly local: string;
  readonly remote: string;
}

/**
 * The inner IP MTU that an underlay MTU leaves: outer IP header, tunnel headers and the inner
 * Ethernet header are taken off (RFC 7348 §4.3 has no fragmentation).
 */
export function innerMtu(tunnel: Tunnel, { local }: Endpoints, underlayMtu = 1500): number {
  const ip = local.includes(":") ? 40 : 20;
  const innerEthernet = 14;
  const udpAndVxlan = 8 + 8;
  const gre = tunnel.type === "gre" && tunnel.key !== undefined ? 8 : 4;
  return underlayMtu - ip - (tunnel.type === "vxlan" ? udpAndVxlan : gre) - innerEthernet;
}
