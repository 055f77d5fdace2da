import { addon, type RawFrame } from "./addon.js";

/** TPIDs and other EtherTypes that the primitives meet. */
export const etherType = {
  ipv4: 0x0800,
  arp: 0x0806,
  transparentEthernet: 0x6558,
  vlan: 0x8100,
  ipv6: 0x86dd,
  serviceVlan: 0x88a8,
} as const;

export interface FrameOptions {
  /** Bytes kept free in front of the data: room for pushes. An AF_XDP frame has 256 and more. */
  readonly headroom?: number;
  /** Bytes kept free behind the data: room for padding. */
  readonly tailroom?: number;
}

export interface EthernetFields {
  /** 6 bytes each. */
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
  /** EtherType, 0-65535. */
  readonly type: number;
}

export type VlanTpid = typeof etherType.vlan | typeof etherType.serviceVlan;

export interface VlanFields {
  /** 1-4094 for a VLAN, 0 for a priority tag. */
  readonly vid: number;
  /** Priority, 0-7. */
  readonly pcp: number;
  /** Drop eligible. */
  readonly dei: boolean;
  /** 0x8100 or 0x88a8: other EtherTypes are no tags here, neither pushed nor popped. */
  readonly tpid: VlanTpid;
}

export interface IpFields {
  /** 4 bytes (IPv4) or 16 bytes (IPv6); both of one family, which decides the header. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** IP protocol number, 0-255. */
  readonly protocol: number;
  /** TTL or hop limit, 0-255. */
  readonly ttl: number;
  /** TOS byte or traffic class: DSCP and ECN. */
  readonly trafficClass: number;
  /** IPv4 only. */
  readonly dontFragment: boolean;
  /** IPv4 only, 0-65535. */
  readonly identification: number;
  /** IPv6 only, 20 bits. */
  readonly flowLabel: number;
}

export interface UdpFields {
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export interface GreFields {
  /** EtherType of the payload. */
  readonly protocol: number;
  /** 32 bits (RFC 2890); absent: no key. */
  readonly key?: number;
  /** 32 bits (RFC 2890); absent: no sequence number. */
  readonly sequence?: number;
  /** Whether there is a checksum field; a push leaves it 0 for `setGreChecksum`. */
  readonly checksum?: boolean;
}

/**
 * A packet in a frame with headroom, and the push and pop of each header: the primitives that the
 * data path is made of. A push takes room from the headroom, a pop gives it back; the payload is
 * never copied.
 *
 * Every push answers `true`, and every pop the header's fields; or `false` and `undefined`, with the
 * frame unchanged, when room or bytes are short or the header is not what the method takes. Lengths and
 * the IPv4 header checksum are worked out by pushes and checked by pops. Pushes leave the checksums of UDP
 * and GRE 0 (`setUdpChecksum`, `setGreChecksum`); that of GRE is checked by its pop, that of UDP by none.
 *
 * @example
 * const frame = new Frame(inner, { headroom: 64 });
 * frame.pushVxlan(5001) && frame.pushUdp({ sourcePort: 50000, destinationPort: 4789 });
 */
export class Frame {
  readonly #raw: RawFrame;

  /** @throws {RangeError} when headroom or tailroom is no integer from 0 to 65536. */
  constructor(bytes: Uint8Array, options: FrameOptions = {}) {
    const headroom = checkedInteger("headroom", options.headroom ?? 256, 65536);
    const tailroom = checkedInteger("tailroom", options.tailroom ?? 0, 65536);
    this.#raw = new addon.Frame(bytes, headroom, tailroom);
  }

  /** A copy of the packet's bytes. */
  get bytes(): Uint8Array {
    return this.#raw.bytes();
  }

  /** Bytes that can still be pushed. */
  get headroom(): number {
    return this.#raw.headroom();
  }

  get tailroom(): number {
    return this.#raw.tailroom();
  }

  /** Appends zeros until the packet has `bytes` bytes; `false` when the tailroom is short. */
  pad(bytes: number): boolean {
    return this.#raw.pad(checkedInteger("bytes", bytes, 0xffffffff));
  }

  pushEthernet(fields: EthernetFields): boolean {
    checkedInteger("type", fields.type, 0xffff);
    return this.#raw.pushEthernet(fields);
  }

  popEthernet(): EthernetFields | undefined {
    return this.#raw.popEthernet();
  }

  /**
   * Puts a tag behind the MAC addresses (IEEE 802.1Q).
   * @throws {RangeError} when a field is out of range, or `tpid` neither 0x8100 nor 0x88a8.
   */
  pushVlan(fields: Partial<VlanFields> & Pick<VlanFields, "vid">): boolean {
    const vid = checkedInteger("vid", fields.vid, 4094);
    const pcp = checkedInteger("pcp", fields.pcp ?? 0, 7);
    const tpid = checkedTpid(fields.tpid ?? etherType.vlan);
    return this.#raw.pushVlan({ tpid, tci: (pcp << 13) | (fields.dei ? 0x1000 : 0) | vid });
  }

  /** Takes the outermost tag out; `undefined` where there is none of TPID 0x8100 or 0x88a8. */
  popVlan(): VlanFields | undefined {
    const tag = this.#raw.popVlan();
    if (tag === undefined) return undefined;
    return {
      vid: tag.tci & 0x0fff,
      pcp: tag.tci >> 13,
      dei: (tag.tci & 0x1000) !== 0,
      tpid: checkedTpid(tag.tpid),
    };
  }

  /** IPv4 without options or IPv6 without extension headers, in front of the packet as payload. */
  pushIp(
    fields: Partial<IpFields> & Pick<IpFields, "source" | "destination" | "protocol">,
  ): boolean {
    return this.#raw.pushIp({
      source: fields.source,
      destination: fields.destination,
      protocol: checkedInteger("protocol", fields.protocol, 0xff),
      ttl: checkedInteger("ttl", fields.ttl ?? 64, 0xff),
      trafficClass: checkedInteger("trafficClass", fields.trafficClass ?? 0, 0xff),
      dontFragment: fields.dontFragment ?? true,
      identification: checkedInteger("identification", fields.identification ?? 0, 0xffff),
      flowLabel: checkedInteger("flowLabel", fields.flowLabel ?? 0, 0xfffff),
    });
  }

  /**
   * Takes the IP header, and cuts the packet to the length that it gives: Ethernet padding is gone.
   * Refused: a wrong version, a length that contradicts the packet's, and in IPv4 options, fragments
   * and a wrong header checksum. IPv6 extension headers, a fragment header among them, stay in front
   * of the payload, and `protocol` is the first of them.
   */
  popIp(): IpFields | undefined {
    return this.#raw.popIp();
  }

  /** With checksum 0 (RFC 768: none); see `setUdpChecksum`. */
  pushUdp(fields: UdpFields): boolean {
    checkedInteger("sourcePort", fields.sourcePort, 0xffff);
    checkedInteger("destinationPort", fields.destinationPort, 0xffff);
    return this.#raw.pushUdp(fields);
  }

  /**
   * Takes the UDP header, and cuts the packet to its length. The checksum is not looked at: the
   * addresses it covers are gone with the IP header.
   */
  popUdp(): UdpFields | undefined {
    return this.#raw.popUdp();
  }

  /**
   * Computes the checksum of the UDP header behind an IP header that the packet starts with
   * (RFC 768, RFC 8200 §8.1); `false` when it does not start so.
   */
  setUdpChecksum(): boolean {
    return this.#raw.setUdpChecksum();
  }

  /** `vni` is 0-16777215 (RFC 7348 §5). */
  pushVxlan(vni: number): boolean {
    return this.#raw.pushVxlan(checkedInteger("vni", vni, 0xffffff));
  }

  /** The VNI; reserved bits are ignored. */
  popVxlan(): number | undefined {
    return this.#raw.popVxlan();
  }

  /** Without options (RFC 8926 §3.4). */
  pushGeneve(vni: number): boolean {
    return this.#raw.pushGeneve(checkedInteger("vni", vni, 0xffffff));
  }

  /** The VNI; options go with the header. Refused: critical options and control packets. */
  popGeneve(): number | undefined {
    return this.#raw.popGeneve();
  }

  /** RFC 2784, with the key and sequence number of RFC 2890. */
  pushGre(fields: GreFields): boolean {
    checkedInteger("protocol", fields.protocol, 0xffff);
    if (fields.key !== undefined) checkedInteger("key", fields.key, 0xffffffff);
    if (fields.sequence !== undefined) checkedInteger("sequence", fields.sequence, 0xffffffff);
    return this.#raw.pushGre(fields);
  }

  /** Fills the checksum field of a GRE header that the packet starts with, if it has one. */
  setGreChecksum(): void {
    this.#raw.setGreChecksum();
  }

  /**
   * Takes the header with whatever of checksum, key and sequence number it has; refused is a wrong
   * checksum (RFC 2784 §2.5).
   */
  popGre(): GreFields | undefined {
    return this.#raw.popGre();
  }
}

function checkedTpid(tpid: number): VlanTpid {
  if (tpid === etherType.vlan || tpid === etherType.serviceVlan) return tpid;
  throw new RangeError(`Cannot use tpid ${tpid}: it is 0x8100 or 0x88a8`);
}

function checkedInteger(name: string, value: number, max: number): number {
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(`Cannot use ${name} ${value}: it is an integer from 0 to ${max}`);
  }
  return value;
}
