/**
 * The compiled form of a gateway file and its tunnel files: names resolved to dense indexes,
 * addresses to bytes, defaults filled in. It is all that the data path is told about the
 * configuration; `native/index.ts` takes it as it stands.
 */

/** 4 bytes (IPv4) or 16 bytes (IPv6), network order. */
export type AddressBytes = Uint8Array;

/** 6 bytes. */
export type MacBytes = Uint8Array;

/** An IP prefix: the address with host bits 0, and its length in bits. */
export interface CompiledPrefix {
  readonly address: AddressBytes;
  readonly length: number;
}

/** A port's index is its place in the gateway file's `ports`. */
export interface CompiledPort {
  readonly name: string;
  /** Linux interface; absent where only `replay` and `validate` are possible. */
  readonly interface?: string;
  /** Given in the file; absent: read from the interface, or `02:00:00:00:00:NN`. */
  readonly mac?: MacBytes;
  /** Given in the file, bytes of IP packet; absent: read from the interface, or 1500. */
  readonly mtu?: number;
  /** Connected prefixes given in the file, with the host address kept. */
  readonly addresses: readonly CompiledPrefix[];
  /** Whether tunnel packets are taken (decapsulated) on this port. */
  readonly takesTunnels: boolean;
  readonly headroom: number;
  readonly reservedHeadroom: number;
  /** UMEM chunk bytes; absent: chosen by MTU when the port is opened. */
  readonly frameSize?: 2048 | 4096;
  /** UMEM chunks a queue. */
  readonly frames: number;
  readonly ringSize: number;
  readonly queues: number | "all";
  readonly xdpMode: "auto" | "native" | "generic";
  readonly zeroCopy: "auto" | "on" | "off";
}

/** One tenant; its index is its place in `CompiledTable.tenants`. */
export interface CompiledTenant {
  readonly name: string;
}

interface CompiledMemberBase {
  readonly name: string;
  /** Index into `tenants`. */
  readonly tenant: number;
  /** The member at the other end of the cross-connect; -1: in no service yet, all it receives is dropped. */
  readonly peer: number;
}

/** Frames of one tag set on one port. */
export interface CompiledAttachment extends CompiledMemberBase {
  readonly kind: "attachment";
  /** Index into `ports`. */
  readonly port: number;
  /** VID 1-4094 of the one 802.1Q tag; 0: untagged. */
  readonly vlan: number;
  /** Priority of the pushed tag, 0-7. */
  readonly pcp: number;
  /** Largest IP packet sent towards the tenant, bytes; absent: the port's. */
  readonly mtu?: number;
}

interface CompiledTunnelBase extends CompiledMemberBase {
  readonly kind: "tunnel";
  readonly local: AddressBytes;
  readonly remote: AddressBytes;
  /** Index into `nextHops`. */
  readonly nextHop: number;
  /** TTL or hop limit, 1-255. */
  readonly ttl: number;
  /** 0-63. */
  readonly dscp: number;
  /** Don't-fragment bit of an IPv4 outer header. */
  readonly df: boolean;
  /** Whether VLAN tags inside a decapsulated frame pass (`innerTags`, resolved). */
  readonly keepInnerTags: boolean;
}

export interface CompiledVxlan extends CompiledTunnelBase {
  readonly type: "vxlan";
  readonly vni: number;
  readonly udpPort: number;
  /** Inclusive range of UDP source ports. */
  readonly sourcePorts: readonly [number, number];
  /** Send a UDP checksum. */
  readonly udpChecksum: boolean;
}

export interface CompiledGre extends CompiledTunnelBase {
  readonly type: "gre";
  /** 0-4294967295; absent: packets without a key. */
  readonly key?: number;
}

export type CompiledTunnel = CompiledVxlan | CompiledGre;
export type CompiledMember = CompiledAttachment | CompiledTunnel;

/** An underlay destination that tunnels share: looked up as the kernel routes local -> remote. */
export interface CompiledNextHop {
  readonly local: AddressBytes;
  readonly remote: AddressBytes;
}

export interface CompiledNeighbor {
  readonly address: AddressBytes;
  readonly mac: MacBytes;
  readonly port: number;
}

export interface CompiledRoute {
  readonly prefix: CompiledPrefix;
  readonly via?: AddressBytes;
  readonly port: number;
}

export interface CompiledTable {
  readonly ports: readonly CompiledPort[];
  readonly tenants: readonly CompiledTenant[];
  readonly members: readonly CompiledMember[];
  readonly nextHops: readonly CompiledNextHop[];
  readonly neighbors: readonly CompiledNeighbor[];
  readonly routes: readonly CompiledRoute[];
  readonly block: readonly CompiledPrefix[];
  /** `"auto"`: as many as the ports' queues and the CPUs allow. */
  readonly workers: "auto" | number | { readonly cpus: readonly number[] };
}
