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
  /** VID 1-4094 that tunnel packets carry here; absent: that of a VLAN interface, if any. */
  readonly tunnelVlan?: number;
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
  readonly busyPoll: boolean;
}

/** One tenant; its index is its place in `CompiledTable.tenants`. */
export interface CompiledTenant {
  readonly name: string;
  /** ICMP errors that the gateway makes for it, at most. */
  readonly icmpPerSecond: number;
}

interface CompiledMemberBase {
  readonly name: string;
  /** Index into `tenants`. */
  readonly tenant: number;
  /**
   * How many places behind this one the member at the other end of the cross-connect stands, negative
   * before it: so members move together unchanged. 0: in no service yet, all it receives is dropped.
   */
  readonly peerOffset: number;
}

/** The frames of a port that an attachment claims, by their VLAN tags. */
export type CompiledTags =
  /** No tag, or a single priority tag (VID 0). */
  | { readonly match: "untagged" }
  /** Every frame that no other attachment of the port claims; tags are left as they are. */
  | { readonly match: "any" }
  /** Exactly one tag, of TPID 0x8100. */
  | { readonly match: "single"; readonly vid: number }
  /** Exactly two tags; the inner TPID is 0x8100. */
  | {
      readonly match: "double";
      readonly outerTpid: number;
      readonly outer: number;
      readonly inner: number;
    }
  /** An outer tag with whatever follows it, which is the tenant's own. */
  | { readonly match: "outer"; readonly outerTpid: number; readonly outer: number };

/** Frames of one tag set on one port. */
export interface CompiledAttachment extends CompiledMemberBase {
  readonly kind: "attachment";
  /** Index into `ports`. */
  readonly port: number;
  readonly tags: CompiledTags;
  /** Matched tags stay on the frame, and none is pushed on the way out. */
  readonly keepTag: boolean;
  /** Priority of the pushed tag, 0-7, or that of the tag popped or the inner DSCP. */
  readonly pcp: number | "inherit";
  /** Where IP packets without an Ethernet header of their own go; absent: learned. */
  readonly nextHopMac?: MacBytes;
  /** Largest IP packet sent towards the tenant, bytes; absent: the port's. */
  readonly mtu?: number;
}

interface CompiledTunnelBase extends CompiledMemberBase {
  readonly kind: "tunnel";
  readonly payload: "ethernet" | "ip";
  readonly local: AddressBytes;
  /** Absent: any peer; such a tunnel only receives. */
  readonly remote?: AddressBytes;
  /** Index into `nextHops`; -1 without a remote. */
  readonly nextHop: number;
  /** Outer sources that may send into it; empty: the remote alone. */
  readonly acceptFrom: readonly CompiledPrefix[];
  /** TTL or hop limit, 1-255. */
  readonly ttl: number | "inherit";
  /** 0-63. */
  readonly dscp: number | "inherit";
  /** Copy the outer DSCP into the inner header on receipt. */
  readonly copyDscp: boolean;
  readonly ecn: "rfc6040" | "zero";
  /** Don't-fragment bit of an IPv4 outer header. */
  readonly df: "set" | "clear" | "inherit";
  /** Of an IPv6 outer header, 20 bits. */
  readonly flowLabel: number | "hash";
  /** Lower the path MTU by verified ICMP errors from the underlay, and keep to it. */
  readonly learnPath: boolean;
  /** Whether VLAN tags inside a decapsulated frame pass (`innerTags`, resolved). */
  readonly keepInnerTags: boolean;
  /** Largest untagged IP packet inside, bytes; absent: what the way to the remote takes. */
  readonly mtu?: number;
  /** What becomes of a larger one. */
  readonly oversize: "icmp" | "fragment-inner" | "drop";
  /** Lower the MSS of inner TCP SYNs, both ways, to what fits. */
  readonly mssClamp: boolean;
}

interface CompiledUdpTunnel extends CompiledTunnelBase {
  readonly vni: number;
  readonly udpPort: number;
  /** Inclusive range of UDP source ports. */
  readonly sourcePorts: readonly [number, number];
  /** Send a UDP checksum. */
  readonly udpChecksum: boolean;
  /** Take packets whose UDP checksum is 0 on IPv6. */
  readonly acceptZeroChecksum: boolean;
}

export interface CompiledVxlan extends CompiledUdpTunnel {
  readonly type: "vxlan";
  /** Drop packets with reserved bits set. */
  readonly dropReserved: boolean;
}

export interface CompiledGeneve extends CompiledUdpTunnel {
  readonly type: "geneve";
}

export interface CompiledGre extends CompiledTunnelBase {
  readonly type: "gre";
  /** 0-4294967295; absent: packets without a key. Both are there, or neither. */
  readonly sendKey?: number;
  readonly receiveKey?: number;
  /** Send sequence numbers, and drop late ones. */
  readonly sequence: boolean;
  readonly sendChecksum: boolean;
  readonly requireChecksum: boolean;
}

export interface CompiledNvgre extends CompiledTunnelBase {
  readonly type: "nvgre";
  /** 4096-16777214. */
  readonly vsid: number;
  /** 0-255. */
  readonly flowId: number | "hash";
}

export type CompiledTunnel = CompiledVxlan | CompiledGeneve | CompiledGre | CompiledNvgre;
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
