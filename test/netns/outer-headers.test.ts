/** The outer headers that the gateway sends, as tshark reads them on the underlay. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Gateway } from "../../deploy/lab/gateway.js";
import { macOf } from "../../deploy/lab/link.js";
import { ping } from "../../deploy/lab/ping.js";
import { buildScenario, inner } from "../../deploy/lab/scenario.js";
import { outerAddresses, type TenantPlan, underlayDevice } from "../../deploy/lab/tenant-plan.js";
import { capture, type Decoded, decode, goodChecksum, lacks } from "./captured.js";
import { expectPings, expectReachable } from "./expectations.js";
import { labTest } from "./lab-test.js";

/** The router's interface towards the gateway. */
const routerDevice = "site0";

/** The first occurrence of a field is the outer header's. */
const fields = [
  ...["frame.len", "eth.src", "eth.dst"],
  ...["ip.src", "ip.dst", "ip.hdr_len", "ip.len", "ip.ttl", "ip.proto", "ip.dsfield.dscp"],
  ...["ip.dsfield.ecn", "ip.flags.df", "ip.flags.mf", "ip.frag_offset", "ip.checksum.status"],
  ...["ipv6.src", "ipv6.dst", "ipv6.plen", "ipv6.hlim", "ipv6.nxt", "ipv6.tclass.dscp"],
  ...["ipv6.tclass.ecn", "ipv6.flow"],
  ...["udp.srcport", "udp.dstport", "udp.length", "udp.checksum", "udp.checksum.status"],
  ...["vxlan.flags", "vxlan.vni", "gre.flags_and_version", "gre.proto", "gre.key"],
] as const;
type Packet = Decoded<(typeof fields)[number]>;

const checks = ["ip.check_checksum", "udp.check_checksum"];

function pick(packet: Packet, prefix: string): Record<string, string> {
  const rows = Object.entries(packet).filter(
    ([name, text]) => name.startsWith(prefix) && text !== "",
  );
  return Object.fromEntries(rows);
}

function expectIpv4(packet: Packet, expected: Record<string, string>): void {
  assert.deepEqual(pick(packet, "ip."), {
    "ip.hdr_len": "20",
    "ip.len": `${Number(packet["frame.len"]) - 14}`,
    "ip.dsfield.ecn": "0",
    "ip.flags.mf": "0",
    "ip.frag_offset": "0",
    "ip.checksum.status": goodChecksum,
    ...expected,
  });
}

function expectIpv6(packet: Packet, expected: Record<string, string>): void {
  const { "ipv6.flow": label, ...rest } = pick(packet, "ipv6.");
  assert.deepEqual(rest, {
    "ipv6.plen": `${Number(packet["frame.len"]) - 54}`,
    "ipv6.tclass.ecn": "0",
    ...expected,
  });
  assert.notEqual(Number(label), 0, "flow label from the inner flow");
}

function expectVxlan(packet: Packet, ipHeader: number): void {
  const { "udp.srcport": sourcePort, "udp.length": length, "udp.dstport": port } = packet;
  assert.ok(Number(sourcePort) >= 49_152, `UDP source port ${sourcePort}`);
  assert.equal(port, "4789");
  assert.equal(Number(length), Number(packet["frame.len"]) - 14 - ipHeader);
  // RFC 7348 §5: the I flag alone; both reserved fields zero.
  assert.deepEqual(pick(packet, "vxlan."), { "vxlan.flags": "0x0800", "vxlan.vni": "5001" });
}

const keys = { ttl: 17, dscp: 46 };

for (const outer of [4, 6] as const) {
  labTest(
    `outer headers of VXLAN and GRE over IPv${outer}`,
    async (lab) => {
      const clear = outer === 4 ? { df: "clear" } : {};
      const acme: TenantPlan = {
        ...{ name: "acme", tunnel: { type: "vxlan", vni: 5001 }, peer: "kernel", site: "east" },
        ...{ outer, tunnelKeys: keys },
      };
      const globex: TenantPlan = {
        ...{ name: "globex", tunnel: { type: "gre", key: 7001 }, peer: "ovs", site: "west" },
        ...{ outer, tunnelKeys: clear },
      };
      const scenario = await buildScenario(lab, [acme, globex]);
      const { fabric, gateway: namespace, gatewayFile, tenants } = scenario;
      await Gateway.start(namespace, gatewayFile);
      for (const { host } of tenants) await expectReachable(host, inner.peer);
      const file = join(lab.folder, "underlay.pcap");
      await capture(fabric.namespace, routerDevice, file, async () => {
        for (const { host } of tenants) await expectPings(host, inner.peer, { count: 5 });
        // Of an odd length: the UDP checksum pads it.
        for (const { host } of tenants) await ping(host, inner.peer, { count: 2, size: 101 });
      });

      const ends = [
        await macOf(namespace, underlayDevice),
        await macOf(fabric.namespace, routerDevice),
      ];
      const ip = outer === 4 ? "ip" : "ipv6";
      for (const plan of [acme, globex]) {
        const { gateway, peer } = outerAddresses(plan);
        const filter = `${ip}.src == ${gateway} && ${ip}.dst == ${peer} && icmp`;
        const packets = await decode(fabric.namespace, file, { filter, fields, checks });
        assert.equal(packets.length, 7, `echo requests of ${plan.name}`);
        for (const packet of packets) {
          assert.deepEqual([packet["eth.src"], packet["eth.dst"]], ends);
          expectOuter(packet, plan);
        }
        const sourcePorts = new Set(packets.map((packet) => packet["udp.srcport"]));
        assert.equal(sourcePorts.size, 1, "one flow keeps to one source port");
      }
    },
    lacks,
  );
}

function expectOuter(packet: Packet, plan: TenantPlan): void {
  const { gateway, peer } = outerAddresses(plan);
  const isVxlan = plan.tunnel.type === "vxlan";
  const proto = isVxlan ? "17" : "47";
  const [ttl, dscp] = isVxlan ? [`${keys.ttl}`, `${keys.dscp}`] : ["64", "0"];
  if (plan.outer === 6) {
    const expected = { "ipv6.src": gateway, "ipv6.dst": peer, "ipv6.nxt": proto };
    expectIpv6(packet, { ...expected, "ipv6.hlim": ttl, "ipv6.tclass.dscp": dscp });
  } else {
    const expected = { "ip.src": gateway, "ip.dst": peer, "ip.proto": proto, "ip.ttl": ttl };
    const df = isVxlan ? "1" : "0";
    expectIpv4(packet, { ...expected, "ip.dsfield.dscp": dscp, "ip.flags.df": df });
  }
  if (!isVxlan) {
    // RFC 2890: the K bit alone, version 0; Ethernet inside.
    const gre = {
      "gre.flags_and_version": "0x2000",
      "gre.proto": "0x6558",
      "gre.key": "0x00001b59",
    };
    assert.deepEqual(pick(packet, "gre."), gre);
    return;
  }
  expectVxlan(packet, plan.outer === 6 ? 40 : 20);
  if (plan.outer === 6) {
    assert.notEqual(packet["udp.checksum"], "0x0000");
    assert.equal(packet["udp.checksum.status"], goodChecksum);
  } else {
    assert.equal(packet["udp.checksum"], "0x0000");
  }
}
