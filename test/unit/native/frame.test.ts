import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { etherType, Frame, type IpFields } from "../../../native/index.js";
import { behind, bytesOf, hexOf, scapy, withBytes } from "./frames.js";

const local4 = bytesOf("c0000201");
const remote4 = bytesOf("c6336407");
const local6 = bytesOf("20010db8000000000000000000000001");
const remote6 = bytesOf("20010db8000100000000000000000007");
const gatewayMac = bytesOf("020000000001");
const peerMac = bytesOf("0200000000fe");

const tosFields: IpFields = {
  source: local4,
  destination: remote4,
  protocol: 17,
  ttl: 17,
  trafficClass: (46 << 2) | 3,
  dontFragment: false,
  identification: 0xbeef,
  flowLabel: 0,
};
const sixFields: IpFields = {
  source: local6,
  destination: remote6,
  protocol: 17,
  ttl: 64,
  trafficClass: (10 << 2) | 1,
  dontFragment: true,
  identification: 0,
  flowLabel: 0x12345,
};

function frameOf(hex: string, headroom = 0, tailroom = 0): Frame {
  return new Frame(bytesOf(hex), { headroom, tailroom });
}

/** Checks that `action` is refused and leaves bytes and room as they are. */
function refused(frame: Frame, action: (frame: Frame) => unknown): void {
  const before = [hexOf(frame.bytes), frame.headroom, frame.tailroom];
  const answer = action(frame);
  assert.ok(answer === false || answer === undefined, `not refused: ${String(answer)}`);
  assert.deepEqual([hexOf(frame.bytes), frame.headroom, frame.tailroom], before);
}

/** Every push with the headroom that it needs, and what the frame is before and after. */
const pushes: Record<string, { room: number; from: string; to: string; push: Push }> = {
  pushEthernet: {
    room: 14,
    from: behind(scapy.vxlan4, 14),
    to: scapy.vxlan4,
    push: (frame) =>
      frame.pushEthernet({ destination: peerMac, source: gatewayMac, type: etherType.ipv4 }),
  },
  pushVlan: {
    room: 4,
    from: scapy.inner,
    to: scapy.innerVlan,
    push: (frame) => frame.pushVlan({ vid: 9, pcp: 5 }),
  },
  "pushIp over IPv4": {
    room: 20,
    from: behind(scapy.vxlan4Tos, 34),
    to: behind(scapy.vxlan4Tos, 14),
    push: (frame) => frame.pushIp(tosFields),
  },
  "pushIp over IPv6": {
    room: 40,
    from: behind(scapy.vxlan6, 54),
    to: behind(scapy.vxlan6, 14),
    push: (frame) => frame.pushIp(sixFields),
  },
  pushUdp: {
    room: 8,
    from: behind(scapy.vxlan4, 42),
    to: behind(scapy.vxlan4, 34),
    push: (frame) => frame.pushUdp({ sourcePort: 50000, destinationPort: 4789 }),
  },
  pushVxlan: {
    room: 8,
    from: scapy.inner,
    to: behind(scapy.vxlan4, 42),
    push: (frame) => frame.pushVxlan(5001),
  },
  pushGre: {
    room: 4,
    from: scapy.inner,
    to: behind(scapy.gre4, 34),
    push: (frame) => frame.pushGre({ protocol: etherType.transparentEthernet }),
  },
  "pushGre with a key": {
    room: 8,
    from: scapy.inner,
    to: behind(scapy.gre4Keyed, 34),
    push: (frame) => frame.pushGre({ protocol: etherType.transparentEthernet, key: 77 }),
  },
  "pushGre with the largest key": {
    room: 8,
    from: scapy.inner,
    to: behind(scapy.gre6Keyed, 54),
    push: (frame) => frame.pushGre({ protocol: etherType.transparentEthernet, key: 0xffffffff }),
  },
};
type Push = (frame: Frame) => boolean;

describe("Frame pushes", () => {
  for (const [name, { room, from, to, push }] of Object.entries(pushes)) {
    test(`${name} makes scapy's bytes out of exactly ${room} bytes of headroom`, () => {
      const frame = frameOf(from, room, 3);
      assert.equal(push(frame), true);
      assert.equal(hexOf(frame.bytes), to);
      assert.equal(frame.headroom, 0);
      assert.equal(frame.tailroom, 3);
    });
    test(`${name} is refused with ${room - 1} bytes of headroom`, () => {
      refused(frameOf(from, room - 1), push);
    });
  }

  test("pushVlan is refused on what is no Ethernet frame", () => {
    refused(frameOf("00112233445566778899aabbcc", 8), (frame) => frame.pushVlan({ vid: 1 }));
  });

  test("pushIp is refused when the families differ or the payload is too long", () => {
    refused(frameOf("01", 64), (frame) => frame.pushIp({ ...tosFields, destination: remote6 }));
    refused(new Frame(new Uint8Array(65516), { headroom: 64 }), (frame) => frame.pushIp(tosFields));
    refused(new Frame(new Uint8Array(65536), { headroom: 64 }), (frame) => frame.pushIp(sixFields));
    refused(new Frame(new Uint8Array(65528), { headroom: 64 }), (frame) =>
      frame.pushUdp({ sourcePort: 1, destinationPort: 2 }),
    );
  });

  test("a whole tunnel packet is scapy's, checksum included", () => {
    const frame = frameOf(scapy.inner, 70);
    assert.ok(frame.pushVxlan(6001));
    assert.ok(frame.pushUdp({ sourcePort: 50000, destinationPort: 4789 }));
    assert.ok(frame.pushIp(sixFields));
    assert.ok(frame.setUdpChecksum());
    assert.ok(
      frame.pushEthernet({ destination: peerMac, source: gatewayMac, type: etherType.ipv6 }),
    );
    assert.equal(hexOf(frame.bytes), scapy.vxlan6);
    assert.equal(frame.headroom, 0);
  });

  test("defaults are those of the documentation", () => {
    const frame = frameOf(behind(scapy.gre4, 34));
    assert.equal(frame.headroom, 0);
    const roomy = new Frame(bytesOf(behind(scapy.gre4, 34)));
    assert.equal(roomy.headroom, 256);
    assert.equal(roomy.tailroom, 0);
    assert.ok(roomy.pushIp({ source: local4, destination: remote4, protocol: 47 }));
    assert.equal(hexOf(roomy.bytes), behind(scapy.gre4, 14));
  });
});

describe("Frame pops", () => {
  test("popEthernet gives addresses and type", () => {
    const frame = frameOf(scapy.vxlan4);
    const header = frame.popEthernet();
    assert.ok(header);
    assert.equal(hexOf(header.destination), "0200000000fe");
    assert.equal(hexOf(header.source), "020000000001");
    assert.equal(header.type, etherType.ipv4);
    assert.equal(hexOf(frame.bytes), behind(scapy.vxlan4, 14));
    assert.equal(frame.headroom, 14);
    refused(frameOf(scapy.inner.slice(0, 26)), (short) => short.popEthernet());
  });

  test("popVlan takes tag by tag and restores the frame", () => {
    const frame = frameOf(scapy.innerQinq);
    assert.deepEqual(frame.popVlan(), { vid: 8, pcp: 0, dei: false, tpid: 0x88a8 });
    assert.deepEqual(frame.popVlan(), { vid: 9, pcp: 0, dei: false, tpid: 0x8100 });
    assert.equal(hexOf(frame.bytes), scapy.inner);
    refused(frame, (untagged) => untagged.popVlan());
    refused(frameOf(scapy.innerVlan.slice(0, 34)), (short) => short.popVlan());
    const full = frameOf(withBytes(scapy.innerVlan, 14, "ffff"));
    assert.deepEqual(full.popVlan(), { vid: 0xfff, pcp: 7, dei: true, tpid: 0x8100 });
  });

  test("pushVlan takes the two TPIDs that popVlan takes, and no other", () => {
    for (const tpid of [0x8100, 0x88a8] as const) {
      const frame = new Frame(Buffer.from(scapy.inner, "hex"), { headroom: 4 });
      assert.equal(frame.pushVlan({ vid: 7, tpid }), true);
      assert.deepEqual(frame.popVlan(), { vid: 7, pcp: 0, dei: false, tpid });
    }
    for (const tpid of [0x9100, 0x9200, 0x0800, 0, -1, 0x18100]) {
      const frame = new Frame(Buffer.from(scapy.inner, "hex"), { headroom: 4 });
      assert.throws(() => frame.pushVlan({ vid: 7, tpid: tpid as 0x8100 }), RangeError);
      assert.equal(hexOf(frame.bytes), scapy.inner);
    }
  });

  test("popUdp and popIp leave what they do not judge: UDP checksum, IPv6 extension headers", () => {
    const udp = frameOf(behind(scapy.vxlan4, 34));
    const wrong = frameOf(withBytes(behind(scapy.vxlan4, 34), 6, "dead"));
    assert.deepEqual(wrong.popUdp(), udp.popUdp());
    const six = new Frame(new Uint8Array(8), { headroom: 64 });
    const address = new Uint8Array(16);
    assert.ok(six.pushIp({ source: address, destination: address, protocol: 44 }));
    assert.equal(six.popIp()?.protocol, 44);
    assert.equal(six.bytes.length, 8);
    refused(frameOf(withBytes(behind(scapy.vxlan4, 14), 6, "2000")), (part) => part.popIp());
  });

  test("popIp gives every field and cuts padding, IPv4 and IPv6", () => {
    const four = frameOf(`${behind(scapy.vxlan4Tos, 14)}eeeeee`);
    assert.deepEqual(four.popIp(), tosFields);
    assert.equal(hexOf(four.bytes), behind(scapy.vxlan4Tos, 34));
    assert.equal(four.tailroom, 3);
    const six = frameOf(`${behind(scapy.vxlan6, 14)}eeeeee`);
    assert.deepEqual(six.popIp(), { ...sixFields, dontFragment: true });
    assert.equal(hexOf(six.bytes), behind(scapy.vxlan6, 54));
  });

  test("popIp refuses short packets, options, fragments and wrong checksums", () => {
    const four = behind(scapy.vxlan4Tos, 14);
    for (const bad of [
      four.slice(0, -2),
      four.slice(0, 38),
      withBytes(four, 0, "46"),
      withBytes(four, 0, "55"),
      withBytes(four, 6, "2000"),
      withBytes(four, 10, "0000"),
      behind(scapy.vxlan6, 14).slice(0, -2),
      "",
    ]) {
      refused(frameOf(bad), (frame) => frame.popIp());
    }
  });

  test("popUdp gives the ports and cuts to the length field", () => {
    const frame = frameOf(`${behind(scapy.vxlan4, 34)}ee`);
    assert.deepEqual(frame.popUdp(), { sourcePort: 50000, destinationPort: 4789 });
    assert.equal(hexOf(frame.bytes), behind(scapy.vxlan4, 42));
    refused(frameOf(behind(scapy.vxlan4, 34).slice(0, -2)), (short) => short.popUdp());
    refused(frameOf(withBytes(behind(scapy.vxlan4, 34), 4, "0007")), (bad) => bad.popUdp());
  });

  test("popVxlan gives the VNI, ignores reserved bits and asks for the I bit", () => {
    const vxlan = behind(scapy.vxlan4, 42);
    assert.equal(frameOf(vxlan).popVxlan(), 5001);
    const reserved = frameOf(withBytes(vxlan, 0, "ffffffff001389ff"));
    assert.equal(reserved.popVxlan(), 5001);
    assert.equal(hexOf(reserved.bytes), scapy.inner);
    refused(frameOf(withBytes(vxlan, 0, "f7")), (bad) => bad.popVxlan());
    refused(frameOf(vxlan.slice(0, 14)), (short) => short.popVxlan());
  });

  test("popGre gives protocol and key, and verifies the checksum", () => {
    assert.deepEqual(frameOf(behind(scapy.gre4, 34)).popGre(), { protocol: 0x6558 });
    assert.deepEqual(frameOf(behind(scapy.gre6Keyed, 54)).popGre(), {
      protocol: 0x6558,
      key: 0xffffffff,
    });
    const full = behind(scapy.gre4Full, 34);
    const frame = frameOf(full);
    const { key, checksum, sequence } = frame.popGre() ?? {};
    assert.deepEqual([key, checksum], [77, true]);
    assert.equal(sequence, Buffer.from(full, "hex").readUInt32BE(12));
    assert.equal(hexOf(frame.bytes), scapy.inner);
    for (const bad of [
      withBytes(full, 4, "dead"),
      withBytes(full, 20, "00"),
      withBytes(full, 0, "f000"),
      withBytes(full, 0, "b001"),
      full.slice(0, 30),
    ]) {
      refused(frameOf(bad), (broken) => broken.popGre());
    }
  });
});

describe("Frame", () => {
  test("setUdpChecksum writes scapy's, and refuses what is no UDP datagram", () => {
    const frame = frameOf(withBytes(behind(scapy.vxlan6, 14), 46, "0000"));
    assert.equal(frame.setUdpChecksum(), true);
    assert.equal(hexOf(frame.bytes), behind(scapy.vxlan6, 14));
    refused(frameOf(behind(scapy.gre4, 14)), (gre) => gre.setUdpChecksum());
    refused(frameOf(""), (empty) => empty.setUdpChecksum());
  });

  test("pad appends zeros as far as there is tailroom", () => {
    const frame = frameOf("0102", 0, 3);
    assert.equal(frame.pad(2), true);
    refused(frame, (full) => full.pad(6));
    assert.equal(frame.pad(5), true);
    assert.equal(hexOf(frame.bytes), "0102000000");
    assert.equal(frame.tailroom, 0);
    refused(frame, (full) => full.pad(0xffffffff));
  });

  test("has its own copy of the bytes, both ways", () => {
    const bytes = bytesOf("010203");
    const frame = new Frame(bytes);
    bytes[0] = 9;
    frame.bytes[1] = 9;
    assert.equal(hexOf(frame.bytes), "010203");
    const part = new Frame(bytesOf("0102030405").subarray(1, 3));
    assert.equal(hexOf(part.bytes), "0203");
  });

  test("an empty frame pops nothing and pushes into its headroom", () => {
    const frame = new Frame(new Uint8Array(0), { headroom: 8 });
    for (const pop of [
      "popEthernet",
      "popVlan",
      "popIp",
      "popUdp",
      "popVxlan",
      "popGre",
    ] as const) {
      refused(frame, (empty) => empty[pop]());
    }
    assert.ok(frame.pushVxlan(1));
    assert.equal(hexOf(frame.bytes), "0800000000000100");
    refused(new Frame(new Uint8Array(0), { headroom: 0 }), (none) => none.pushVxlan(1));
  });

  test("numbers out of range are a RangeError that names them, and change nothing", () => {
    const frame = frameOf(scapy.inner, 64);
    const calls: [RegExp, () => unknown][] = [
      [/vni 16777216/, () => frame.pushVxlan(0x1000000)],
      [/vni -1/, () => frame.pushVxlan(-1)],
      [/vni 1\.5/, () => frame.pushVxlan(1.5)],
      [/vni NaN/, () => frame.pushVxlan(Number.NaN)],
      [/vid 4095/, () => frame.pushVlan({ vid: 4095 })],
      [/pcp 8/, () => frame.pushVlan({ vid: 1, pcp: 8 })],
      [/key 4294967296/, () => frame.pushGre({ protocol: 0x6558, key: 2 ** 32 })],
      [/protocol 65536/, () => frame.pushGre({ protocol: 65536 })],
      [/sourcePort 65536/, () => frame.pushUdp({ sourcePort: 65536, destinationPort: 1 })],
      [/ttl 256/, () => frame.pushIp({ ...tosFields, ttl: 256 })],
      [/flowLabel 1048576/, () => frame.pushIp({ ...sixFields, flowLabel: 0x100000 })],
      [/bytes 4294967296/, () => frame.pad(2 ** 32)],
      [/headroom 65537/, () => new Frame(new Uint8Array(1), { headroom: 65537 })],
    ];
    for (const [message, call] of calls) {
      assert.throws(call, (error) => error instanceof RangeError && message.test(error.message));
    }
    assert.equal(hexOf(frame.bytes), scapy.inner);
    assert.equal(frame.headroom, 64);
  });

  test("addresses of a wrong length are a TypeError", () => {
    const frame = frameOf(scapy.inner, 64);
    assert.throws(() => frame.pushIp({ ...tosFields, source: bytesOf("c00002") }), TypeError);
    assert.throws(
      () => frame.pushEthernet({ destination: bytesOf("02"), source: gatewayMac, type: 1 }),
      TypeError,
    );
    assert.equal(hexOf(frame.bytes), scapy.inner);
  });
});

// scapy: GRE(chksum_present=1, key_present=1, seqnum_present=1, proto=0x6558, key=77,
// seqence_number=5) / Raw(bytes([1, 2, 3, 4, 5])), and GENEVE(vni=5001, proto=0x6558).
const scapyGre = "b0006558e14e00000000004d000000050102030405";
const scapyGeneve = "0000655800138900";

describe("Frame of GRE and Geneve", () => {
  test("pushGre and setGreChecksum write scapy's checksum, key and sequence number", () => {
    const frame = new Frame(bytesOf("0102030405"), { headroom: 16 });
    const fields = { protocol: 0x6558, key: 77, sequence: 5, checksum: true };
    assert.equal(frame.pushGre(fields), true);
    frame.setGreChecksum();
    assert.equal(hexOf(frame.bytes), scapyGre);
    assert.deepEqual(frame.popGre(), fields);
    assert.equal(hexOf(frame.bytes), "0102030405");
  });

  test("pushGeneve writes scapy's header, and is refused without room", () => {
    const frame = new Frame(bytesOf("01"), { headroom: 8 });
    assert.equal(frame.pushGeneve(5001), true);
    assert.equal(hexOf(frame.bytes), `${scapyGeneve}01`);
    assert.equal(frame.pushGeneve(5001), false);
    assert.equal(hexOf(frame.bytes), `${scapyGeneve}01`);
  });

  test("popGeneve steps over options and refuses critical ones and control packets", () => {
    const options = "010065580013890001020300";
    assert.equal(new Frame(bytesOf(`${options}ff`)).popGeneve(), 5001);
    for (const bad of [
      "4000655800138900",
      "0080655800138900",
      "0040655800138900",
      "01006558001389",
    ]) {
      const frame = new Frame(bytesOf(bad));
      assert.equal(frame.popGeneve(), undefined, bad);
      assert.equal(hexOf(frame.bytes), bad);
    }
  });
});
