/**
 * The MTU of hosts behind the gateway, whose own links take more than their tunnels do: they know
 * what fits by what the gateway tells them, and by nothing else.
 */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { total } from "../../deploy/lab/accounting.js";
import type { Gateway, TunnelRow } from "../../deploy/lab/gateway.js";
import { iperf } from "../../deploy/lab/iperf.js";
import { setMtu } from "../../deploy/lab/link.js";
import type { Namespace } from "../../deploy/lab/namespace.js";
import { forgetPathMtus, learnedPathMtu } from "../../deploy/lab/path-mtu.js";
import { ping } from "../../deploy/lab/ping.js";
import type { SharedPlan } from "../../deploy/lab/shared-far-ends.js";
import type { SharedTenant } from "../../deploy/lab/shared-scenario.js";
import { underlayDevice } from "../../deploy/lab/tenant-plan.js";
import { waitFor } from "../../deploy/lab/wait.js";
import { expectConservation, expectNoDrops, expectPings, overload } from "./expectations.js";
import { labTest } from "./lab-test.js";
import { buildTenants, type RunningTenants } from "./shared-tenants.js";

interface Member {
  readonly name: string;
  /** What the tunnel takes of the underlay's MTU, as the documents say it. */
  readonly overhead: number;
  readonly plan: SharedPlan;
  /** TCP is sent too. */
  readonly tcp?: true;
}

const vxlan = (vni: number) => ({ type: "vxlan", vni }) as const;
const geneve = (vni: number) => ({ type: "geneve", vni }) as const;
const gre = { type: "gre" } as const;
const keyed = (key: number) => ({ type: "gre", key }) as const;
const summed = (key: number) => ({ type: "gre", key, checksum: true }) as const;

const members: readonly Member[] = [
  { name: "kernel vxlan", overhead: 50, plan: { tunnel: vxlan(1), peer: "kernel" }, tcp: true },
  {
    name: "kernel vxlan, IPv6",
    overhead: 70,
    plan: { tunnel: vxlan(2), peer: "kernel", outer: 6 },
  },
  { name: "OVS vxlan", overhead: 50, plan: { tunnel: vxlan(3), peer: "ovs" } },
  { name: "OVS vxlan, IPv6", overhead: 70, plan: { tunnel: vxlan(4), peer: "ovs", outer: 6 } },
  { name: "OVS geneve", overhead: 50, plan: { tunnel: geneve(5), peer: "ovs" } },
  { name: "OVS geneve, IPv6", overhead: 70, plan: { tunnel: geneve(6), peer: "ovs", outer: 6 } },
  { name: "OVS gre", overhead: 38, plan: { tunnel: gre, peer: "ovs" } },
  { name: "OVS gre, IPv6", overhead: 58, plan: { tunnel: gre, peer: "ovs", outer: 6 } },
  { name: "OVS gre, key", overhead: 42, plan: { tunnel: keyed(7), peer: "ovs" } },
  {
    name: "OVS gre, key, IPv6",
    overhead: 62,
    plan: { tunnel: keyed(8), peer: "ovs", outer: 6 },
    tcp: true,
  },
  {
    ...{ name: "OVS gre, key, checksum, IPv6", overhead: 66 },
    plan: { tunnel: summed(9), peer: "ovs", outer: 6 },
  },
  {
    ...{ name: "kernel vxlan, a tagged host", overhead: 50, tcp: true },
    plan: { tunnel: vxlan(10), peer: "kernel", vlan: 100 },
  },
  {
    ...{ name: "OVS vxlan, a tag kept inside", overhead: 54 },
    plan: { tunnel: vxlan(11), peer: "ovs", vlan: 101, keepTag: true },
  },
  {
    ...{ name: "OVS gre, key, IPv6, a tag kept inside", overhead: 66, tcp: true },
    plan: { tunnel: keyed(12), peer: "ovs", outer: 6, vlan: 102, keepTag: true },
  },
];

/** ICMP echo and the IP header without options. */
const pingHeaders = { 4: 28, 6: 48 } as const;

/** What fits gets through whole; of one byte more the host is told, and it keeps to that. */
async function expectPathMtu(hosts: Namespace, to: string, mtu: number): Promise<void> {
  const fits = mtu - pingHeaders[to.includes(":") ? 6 : 4];
  await expectPings(hosts, to, { count: 2, size: fits, whole: true });
  assert.equal(await learnedPathMtu(hosts, to), undefined, "nothing was told yet");
  const tooBig = await ping(hosts, to, { count: 1, size: fits + 1, whole: true });
  assert.equal(tooBig.received, 0, `a packet of ${mtu + 1} bytes got through`);
  await waitFor(
    `path MTU of ${mtu}`,
    async () => {
      const learned = await learnedPathMtu(hosts, to);
      if (learned === mtu) return true;
      throw new Error(`the host has learned ${learned}`);
    },
    { timeoutMs: 2000 },
  );
  // The host cuts it by what it has learned: nothing else is too big.
  await expectPings(hosts, to, { count: 2, size: fits + 1 });
}

/** The inner MTUs that `adit show tunnels -j` tells, by tenant. */
async function expectShown(running: Gateway, expected: Record<string, number>): Promise<void> {
  await waitFor("inner MTUs that are shown", async () => {
    const { stdout } = await running.command("show", "tunnels", "-j");
    const { tunnels } = JSON.parse(stdout) as { readonly tunnels: readonly TunnelRow[] };
    const shown = tunnels.map(({ tenant, innerMtu }) => [tenant, innerMtu]);
    assert.deepEqual(Object.fromEntries(shown), expected);
    return true;
  });
}

/** While the underlay's MTU is this, every member has the path MTU that is worked out from it. */
async function expectPathMtus(
  built: RunningTenants,
  underlay: number,
  context: TestContext,
): Promise<void> {
  const { gateway, hosts, running, tenants } = built;
  await setMtu(gateway, underlayDevice, underlay);
  const mtus = members.map(({ overhead }) => underlay - overhead);
  await expectShown(running, Object.fromEntries(mtus.map((mtu, i) => [`tenant${i}`, mtu])));
  await forgetPathMtus(hosts);
  const before = await running.counters();
  for (const [i, { name }] of members.entries()) {
    await context.test(`underlay ${underlay}, ${name}: ${mtus[i]}`, async () => {
      const [{ inner }, mtu] = [tenants[i] as SharedTenant, mtus[i] as number];
      await expectPathMtu(hosts, inner.peer, mtu);
      await expectPathMtu(hosts, inner.peer6, mtu);
    });
  }
  const after = await running.counters();
  const told = 2 * members.length;
  assert.equal(after.generated - before.generated, told, "messages");
  assert.equal(total(after.dropped) - total(before.dropped), told, "frames that were too big");
}

/** TCP whose ends offer segments that do not fit goes on at once with those that do. */
async function expectTcp({ hosts, tenants }: RunningTenants, underlay: number): Promise<void> {
  await forgetPathMtus(hosts);
  const flows = members.flatMap(({ overhead, tcp = false }, i) => {
    const { inner, peer } = tenants[i] as SharedTenant;
    const addresses = tcp ? [inner.peer, inner.peer6] : [];
    return addresses.map((address) => ({ at: peer.namespace, address, mtu: underlay - overhead }));
  });
  const options = { seconds: 1, tcpMegabitsPerSecond: 20 };
  await Promise.all(
    flows.map(async ({ mtu, ...server }, i) => {
      const { megabitsPerSecond } = await iperf(hosts, server, { ...options, port: 5201 + i });
      assert.ok(megabitsPerSecond > 5, `${megabitsPerSecond} Mbit/s to ${server.address}`);
      assert.equal(await learnedPathMtu(hosts, server.address), mtu, server.address);
    }),
  );
}

for (const { name, underlay, lowered } of [
  { name: "1500 bytes, lowered to 1400 and raised again", underlay: 1500, lowered: 1400 },
  { name: "4000 bytes, lowered to 1500 and raised again", underlay: 4000, lowered: 1500 },
]) {
  labTest(
    `hosts see exactly what fits tunnels over an underlay of ${name}`,
    async (lab, context) => {
      const plans = members.map(({ plan }) => plan);
      const built = await buildTenants(lab, plans, underlay);
      await expectPathMtus(built, underlay, context);
      await expectPathMtus(built, lowered, context);
      // The far ends were made for more, so their TCP takes what does not fit any more.
      await context.test("TCP", () => expectTcp(built, lowered));
      await expectPathMtus(built, underlay, context);
      await expectNoDrops(built.running, ["too_big", ...overload]);
      await expectConservation(built.running);
    },
  );
}
