import type {
  CompiledAttachment,
  CompiledMember,
  CompiledPrefix,
  CompiledTags,
  CompiledTunnel,
} from "../tunnels/compiled.js";

/**
 * Members as the data path takes them: `native/table/member_records.h` says what stands where, and
 * reads what is written here. A call for each key of a million objects would take seconds.
 */

const ATTACHMENT_BYTES = 32;
const TUNNEL_BYTES = 80;
const SOURCE_BYTES = 20;
/** So many at a time, so that a large table is never there twice. */
const CHUNK_BYTES = 256 * 1024;

const NONE_8 = 0xff;
const NONE_16 = 0xffff;
const NONE_32 = 0xffffffff;
const TPID_VLAN = 0x8100;

const MATCHES = { untagged: 0, single: 1, double: 2, outer: 3, any: 4 } as const;
const TYPES = { vxlan: 0, geneve: 1, gre: 2, nvgre: 3 } as const;
const DF = { set: 0, clear: 1, inherit: 2 } as const;
const OVERSIZE = { icmp: 0, "fragment-inner": 1, drop: 2 } as const;
const attachmentFlag = { keepTag: 1 << 0, nextHopMac: 1 << 1 } as const;
const tunnelFlag = {
  ipv6: 1 << 0,
  remote: 1 << 1,
  copyDscp: 1 << 2,
  zeroEcn: 1 << 3,
  keepInnerTags: 1 << 4,
  mssClamp: 1 << 5,
  learnPath: 1 << 6,
  udpChecksum: 1 << 7,
  acceptZeroChecksum: 1 << 8,
  dropReserved: 1 << 9,
  payloadIp: 1 << 10,
  sequence: 1 << 11,
  sendChecksum: 1 << 12,
  requireChecksum: 1 << 13,
  identifier: 1 << 14,
} as const;

/** Gives the next records at each call, valid until the next one; undefined after the last. */
export type RecordSource = () => Uint8Array | undefined;

/** @throws {TypeError} at a member that no record can hold, which the checks let nobody write. */
export function memberRecords(members: readonly CompiledMember[]): RecordSource {
  const writer = new RecordWriter();
  let next = 0;
  return () => {
    writer.clear();
    for (let member = members[next]; member !== undefined; member = members[++next]) {
      if (!writer.makeRoom(sizeOf(member))) {
        break;
      }
      if (member.kind === "attachment") {
        writer.attachment(member, next);
      } else {
        writer.tunnel(member, next);
      }
    }
    return writer.bytes;
  };
}

function sizeOf(member: CompiledMember): number {
  return member.kind === "attachment"
    ? ATTACHMENT_BYTES
    : TUNNEL_BYTES + SOURCE_BYTES * member.acceptFrom.length;
}

class RecordWriter {
  private memory = new Uint8Array(CHUNK_BYTES);
  private view = new DataView(this.memory.buffer);
  private end = 0;
  /** Of the record that is being written. */
  private start = 0;

  /** What was written; undefined: nothing. */
  get bytes(): Uint8Array | undefined {
    return this.end === 0 ? undefined : this.memory.subarray(0, this.end);
  }

  /** All at once: a call for each record would take longer than to write it. */
  clear(): void {
    this.memory.fill(0, 0, this.end);
    this.end = 0;
  }

  /** Begins a record of so many zeros; false: it is for the next chunk. */
  makeRoom(size: number): boolean {
    if (this.end + size > this.memory.length) {
      if (this.end > 0) {
        return false;
      }
      this.memory = new Uint8Array(size);
      this.view = new DataView(this.memory.buffer);
    }
    this.start = this.end;
    this.end += size;
    return true;
  }

  attachment(member: CompiledAttachment, index: number): void {
    const { tags, pcp, nextHopMac } = member;
    this.u8(1, MATCHES[tags.match]);
    const { tpid, outer, inner } = tagNumbers(tags);
    this.u16(12, member.port);
    this.u16(14, tpid);
    this.u16(16, outer);
    this.u16(18, inner);
    this.u16(20, member.mtu ?? 0);
    this.u8(22, pcp === "inherit" ? NONE_8 : pcp);
    if (nextHopMac !== undefined) {
      this.copy(24, nextHopMac);
    }
    const kept = member.keepTag ? attachmentFlag.keepTag : 0;
    this.common(member, index, kept | (nextHopMac === undefined ? 0 : attachmentFlag.nextHopMac));
  }

  tunnel(member: CompiledTunnel, index: number): void {
    const { ttl, dscp, flowLabel, local, remote } = member;
    if (remote !== undefined && remote.length !== local.length) {
      throw new TypeError(`the addresses of tunnel ${member.name} are of two families`);
    }
    this.u8(0, 1);
    this.u8(1, TYPES[member.type]);
    this.u32(12, remote === undefined ? NONE_32 : member.nextHop);
    this.u32(24, flowLabel === "hash" ? NONE_32 : flowLabel);
    this.u16(34, member.mtu ?? 0);
    this.u16(36, NONE_16);
    this.u8(38, ttl === "inherit" ? 0 : ttl);
    this.u8(39, dscp === "inherit" ? NONE_8 : dscp);
    this.u8(40, DF[member.df]);
    this.u8(41, OVERSIZE[member.oversize]);
    this.copy(48, local);
    if (remote !== undefined) {
      this.copy(64, remote);
    }
    this.common(member, index, commonFlags(member) | this.typeKeys(member));
    this.sources(member.acceptFrom, local.length);
  }

  /** What types have for themselves. */
  private typeKeys(member: CompiledTunnel): number {
    switch (member.type) {
      case "vxlan":
      case "geneve": {
        const { vni, udpPort, sourcePorts } = member;
        this.u16(28, udpPort);
        this.u16(30, sourcePorts[0]);
        this.u16(32, sourcePorts[1]);
        const dropsReserved = member.type === "vxlan" && member.dropReserved;
        return (
          this.identifiers(vni, vni) |
          flagIf(member.udpChecksum, tunnelFlag.udpChecksum) |
          flagIf(member.acceptZeroChecksum, tunnelFlag.acceptZeroChecksum) |
          flagIf(dropsReserved, tunnelFlag.dropReserved)
        );
      }
      case "gre":
        return (
          this.identifiers(member.sendKey, member.receiveKey) |
          flagIf(member.sequence, tunnelFlag.sequence) |
          flagIf(member.sendChecksum, tunnelFlag.sendChecksum) |
          flagIf(member.requireChecksum, tunnelFlag.requireChecksum)
        );
      case "nvgre":
        this.u16(36, member.flowId === "hash" ? NONE_16 : member.flowId);
        return this.identifiers(member.vsid, member.vsid);
    }
  }

  private identifiers(send: number | undefined, receive: number | undefined): number {
    if (send === undefined || receive === undefined) {
      return 0;
    }
    this.u32(16, send);
    this.u32(20, receive);
    return tunnelFlag.identifier;
  }

  private sources(prefixes: readonly CompiledPrefix[], addressBytes: number): void {
    this.u32(44, prefixes.length);
    prefixes.forEach(({ address, length }, index) => {
      if (address.length !== addressBytes) {
        throw new TypeError("a source is of another family than its tunnel");
      }
      this.copy(TUNNEL_BYTES + index * SOURCE_BYTES, address);
      this.u32(TUNNEL_BYTES + index * SOURCE_BYTES + 16, length);
    });
  }

  private common({ tenant, peerOffset }: CompiledMember, index: number, flags: number): void {
    this.u16(2, flags);
    this.u32(4, tenant);
    this.u32(8, peerOffset === 0 ? NONE_32 : index + peerOffset);
  }

  private u8(at: number, value: number): void {
    this.view.setUint8(this.start + at, value);
  }

  private u16(at: number, value: number): void {
    this.view.setUint16(this.start + at, value, true);
  }

  private u32(at: number, value: number): void {
    this.view.setUint32(this.start + at, value, true);
  }

  /** Byte by byte: for so few, `set` would take longer. */
  private copy(at: number, bytes: Uint8Array): void {
    for (let index = 0; index < bytes.length; index++) {
      this.memory[this.start + at + index] = bytes[index] ?? 0;
    }
  }
}

function flagIf(isSet: boolean, flag: number): number {
  return isSet ? flag : 0;
}

function commonFlags(member: CompiledTunnel): number {
  return (
    flagIf(member.local.length === 16, tunnelFlag.ipv6) |
    flagIf(member.remote !== undefined, tunnelFlag.remote) |
    flagIf(member.copyDscp, tunnelFlag.copyDscp) |
    flagIf(member.ecn === "zero", tunnelFlag.zeroEcn) |
    flagIf(member.keepInnerTags, tunnelFlag.keepInnerTags) |
    flagIf(member.mssClamp, tunnelFlag.mssClamp) |
    flagIf(member.learnPath, tunnelFlag.learnPath) |
    flagIf(member.payload === "ip", tunnelFlag.payloadIp)
  );
}

function tagNumbers(tags: CompiledTags): { tpid: number; outer: number; inner: number } {
  switch (tags.match) {
    case "untagged":
    case "any":
      return { tpid: TPID_VLAN, outer: 0, inner: 0 };
    case "single":
      return { tpid: TPID_VLAN, outer: tags.vid, inner: 0 };
    case "outer":
      return { tpid: tags.outerTpid, outer: tags.outer, inner: 0 };
    case "double":
      return { tpid: tags.outerTpid, outer: tags.outer, inner: tags.inner };
  }
}
