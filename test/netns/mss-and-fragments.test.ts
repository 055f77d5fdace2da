/** What spares hosts from being told: TCP's MSS lowered on the way, and IPv4 cut before the tunnel. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { iperf } from "../../deploy/lab/iperf.js";
import type { Namespace } from "../../deploy/lab/namespace.js";
import { learnedPathMtu } from "../../deploy/lab/path-mtu.js";
import { ping } from "../../deploy/lab/ping.js";
import type { SharedPlan } from "../../deploy/lab/shared-far-ends.js";
import type { SharedTenant } from "../../deploy/lab/shared-scenario.js";
import { waitFor } from "../../deploy/lab/wait.js";
import { capture, decode, goodChecksum, lacks } from "./captured.js";
import { expectConservation, expectNoDrops, expectPings, overload } from "./expectations.js";
import { labTest } from "./lab-test.js";
import { buildTenants } from "./shared-tenants.js";

const underlay = 1500;

/** Leaves far ends an MTU, and so an MSS that they offer, beyond what fits. */
const farUnderlayMtu = 1600;

interface Clamped {
  readonly name: string;
  readonly plan: SharedPlan;
  /** The MSS of SYNs from the host and from the peer as they arrive, by the inner IP version. */
  readonly fromHost: Readonly<Record<4 | 6, number>>;
  readonly fromPeer: Readonly<Record<4 | 6, number>>;
}

const clamped: readonly Clamped[] = [
  {
    name: "kernel vxlan",
    plan: {
      ...{ tunnel: { type: "vxlan", vni: 1 }, peer: "kernel", farUnderlayMtu },
      tunnelKeys: { mssClamp: true },
    },
    fromHost: { 4: 1410, 6: 1390 },
    fromPeer: { 4: 1410, 6: 1390 },
  },
  {
    name: "OVS gre with a key over IPv6, a tagged host",
    plan: {
      ...{ tunnel: { type: "gre", key: 2 }, peer: "ovs", outer: 6, vlan: 100, farUnderlayMtu },
      tunnelKeys: { mssClamp: true },
    },
    fromHost: { 4: 1398, 6: 1378 },
    fromPeer: { 4: 1398, 6: 1378 },
  },
  {
    name: "kernel vxlan without mssClamp",
    plan: { tunnel: { type: "vxlan", vni: 3 }, peer: "kernel", farUnderlayMtu },
    fromHost: { 4: 1460, 6: 1440 },
    fromPeer: { 4: 1510, 6: 1490 },
  },
];

/** Opens a connection each way; nothing is sent on it. */
async function connectBothWays(hosts: Namespace, { inner, peer }: SharedTenant): Promise<void> {
  for (const [from, to, address] of [
    [hosts, peer.namespace, inner.peer],
    [hosts, peer.namespace, inner.peer6],
    [peer.namespace, hosts, inner.host],
    [peer.namespace, hosts, inner.host6],
  ] as const) {
    const script = `import socket; s = socket.create_server(("", 5300), family=socket.AF_INET6,
  dualstack_ipv6=True)
print("listening", flush=True); s.accept()`;
    const server = to.spawn(["/usr/bin/python3", "-c", script]);
    await waitFor("listening server", () => server.stdout.includes("listening"));
    const call = `import socket; socket.create_connection(("${address}", 5300), 5)`;
    await from.run(["/usr/bin/python3", "-c", call]);
    assert.equal(await server.exited, 0, server.stderr);
  }
}

/** The MSS of each SYN that arrived for an address, with or without ACK; each checksum is right. */
async function arrivedMss(at: Namespace, file: string, to: string): Promise<readonly number[]> {
  const ip = to.includes(":") ? "ipv6" : "ip";
  const packets = await decode(at, file, {
    filter: `tcp.flags.syn == 1 && ${ip}.dst == ${to}`,
    fields: ["tcp.options.mss_val", "tcp.checksum.status"],
    checks: ["tcp.check_checksum"],
  });
  for (const packet of packets) assert.equal(packet["tcp.checksum.status"], goodChecksum, to);
  return packets.map((packet) => Number(packet["tcp.options.mss_val"]));
}

/** TCP both ways, whose segments are as large as both ends agreed on. */
async function expectSegmentsThatFit(hosts: Namespace, tenant: SharedTenant): Promise<void> {
  const { inner, peer } = tenant;
  const flows = [inner.peer, inner.peer6].flatMap((address) =>
    [false, true].map((reverse) => ({ address, reverse })),
  );
  const options = { seconds: 1, tcpMegabitsPerSecond: 20 };
  await Promise.all(
    flows.map(async ({ address, reverse }, i) => {
      const server = { at: peer.namespace, address };
      const result = await iperf(hosts, server, { ...options, reverse, port: 5201 + i });
      assert.ok(result.megabitsPerSecond > 5, `${result.megabitsPerSecond} Mbit/s at ${address}`);
      assert.equal(await learnedPathMtu(hosts, address), undefined, "nobody had to be told");
    }),
  );
}

labTest(
  "mssClamp lowers the MSS of SYNs both ways, as they arrive at host and peer",
  async (lab, context) => {
    const plans = clamped.map(({ plan }) => plan);
    const { hosts, tenants, running } = await buildTenants(lab, plans, underlay);
    for (const [i, { name, plan, fromHost, fromPeer }] of clamped.entries()) {
      await context.test(name, async () => {
        const tenant = tenants[i] as SharedTenant;
        const { inner, peer, hostDevice } = tenant;
        const [atPeer, atHost] = ["peer", "host"].map((end) => join(lab.folder, `${end}${i}.pcap`));
        assert.ok(atPeer !== undefined && atHost !== undefined);
        await capture(peer.namespace, peer.device, atPeer, () =>
          capture(hosts, hostDevice, atHost, () => connectBothWays(hosts, tenant)),
        );
        // The SYN of one connection and the SYN with ACK of the other.
        const twice = (mss: number): readonly number[] => [mss, mss];
        const at = peer.namespace;
        assert.deepEqual(await arrivedMss(at, atPeer, inner.peer), twice(fromHost[4]));
        assert.deepEqual(await arrivedMss(at, atPeer, inner.peer6), twice(fromHost[6]));
        assert.deepEqual(await arrivedMss(hosts, atHost, inner.host), twice(fromPeer[4]));
        assert.deepEqual(await arrivedMss(hosts, atHost, inner.host6), twice(fromPeer[6]));
        if (plan.tunnelKeys === undefined) return;
        await expectSegmentsThatFit(hosts, tenant);
      });
    }
    await expectNoDrops(running, overload);
    assert.equal((await running.counters()).generated, 0, "nobody had to be told");
    await expectConservation(running);
  },
  lacks,
);

const cut: readonly { readonly name: string; readonly mtu: number; readonly plan: SharedPlan }[] = [
  {
    ...{ name: "kernel vxlan", mtu: 1450 },
    plan: {
      ...{ tunnel: { type: "vxlan", vni: 1 }, peer: "kernel" },
      tunnelKeys: { oversize: "fragment-inner" },
    },
  },
  {
    ...{ name: "OVS geneve over IPv6, a tag kept inside", mtu: 1426 },
    plan: {
      ...{ tunnel: { type: "geneve", vni: 2 }, peer: "ovs", outer: 6, vlan: 100, keepTag: true },
      tunnelKeys: { oversize: "fragment-inner" },
    },
  },
];

/** A count of the kernel's IPv4, by its name in /proc/net/snmp. */
async function ipCount(at: Namespace, name: string): Promise<number> {
  const [names, values] = (await at.run(["grep", "^Ip:", "/proc/net/snmp"])).split("\n");
  const column = names?.split(" ").indexOf(name) ?? -1;
  const text = values?.split(" ")[column];
  if (column < 1 || text === undefined) throw new Error(`no count ${name}`);
  return Number(text);
}

labTest("fragment-inner: datagrams of the host's full MTU arrive in fragments", async (lab) => {
  const plans = cut.map(({ plan }) => plan);
  const { hosts, tenants, running } = await buildTenants(lab, plans, underlay);
  // Sockets set DF no more.
  await hosts.run(["sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_no_pmtu_disc"]);
  for (const [i, { name, mtu }] of cut.entries()) {
    const { inner, peer } = tenants[i] as SharedTenant;
    const before = await running.counters();
    const whole = await ipCount(peer.namespace, "ReasmOKs");
    const udp = { seconds: 1, udpMegabitsPerSecond: 20, datagramBytes: underlay - 28 };
    const result = await iperf(hosts, { at: peer.namespace, address: inner.peer }, udp);
    assert.ok(result.megabitsPerSecond > 15, `${name}: ${result.megabitsPerSecond} Mbit/s`);
    assert.ok(result.lostPercent <= 1, `${name}: ${result.lostPercent} % lost`);
    await expectPings(hosts, inner.peer, { size: underlay - 28 });
    const generated = (await running.counters()).generated - before.generated;
    const put = (await ipCount(peer.namespace, "ReasmOKs")) - whole;
    // 20 Mbit/s of 1472 bytes are 1698 datagrams; each is cut in two.
    assert.ok(put > 1200, `${name}: the peer put ${put} packets together`);
    assert.ok(generated >= put, `${name}: ${generated} fragments for ${put} packets`);
    assert.equal(await ipCount(peer.namespace, "ReasmFails"), 0, name);
    assert.equal((await running.counters()).dropped["too_big"], before.dropped["too_big"], name);

    assert.equal(await learnedPathMtu(hosts, inner.peer), undefined, name);
    await ping(hosts, inner.peer6, { count: 1, size: mtu - 48 + 1, whole: true });
    await waitFor(`path MTU of ${mtu}`, async () => {
      return (await learnedPathMtu(hosts, inner.peer6)) === mtu;
    });
  }
  await expectNoDrops(running, ["too_big", ...overload]);
  await expectConservation(running);
});
