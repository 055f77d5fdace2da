/**
 * Devices of a Debian kernel, booted in QEMU, as peers and as tenants' hosts: the GRE, Geneve and
 * VLAN that many machines' own kernels, without those modules, cannot judge.
 */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { Gateway } from "../../deploy/lab/gateway.js";
import { type IperfResult, iperf } from "../../deploy/lab/iperf.js";
import { missingForGuests, type QemuGuest } from "../../deploy/lab/qemu-guest.js";
import type { GuestScenario, GuestTenant } from "../../deploy/lab/qemu-scenario.js";
import { buildGuestTunnels, type GuestTunnelPlan } from "../../deploy/lab/qemu-tunnel-scenario.js";
import { buildGuestVlans, type GuestVlanPlan } from "../../deploy/lab/qemu-vlan-scenario.js";
import { waitFor } from "../../deploy/lab/wait.js";
import {
  expectConservation,
  expectNoDrops,
  expectPings,
  expectReachable,
  overload,
} from "./expectations.js";
import { labTest } from "./lab-test.js";

const lacks = missingForGuests();
if (lacks.length > 0) {
  process.stderr.write(
    `SKIPPED, no Debian kernel can be booted here:\n  - ${lacks.join("\n  - ")}\n`,
  );
}

type Named<T> = T & { readonly name: string };

/** `overhead`: outer IP 20 or 40, GRE 4 and 4 for each option, UDP and Geneve 16, Ethernet 14. */
const tunnels: readonly Named<GuestTunnelPlan>[] = [
  {
    ...{ name: "gretap", kind: { type: "gretap" }, outer: 4, overhead: 38 },
    tunnel: { type: "gre" },
  },
  {
    ...{ name: "gretap with a key each way, checksum and sequence", outer: 4, overhead: 50 },
    // What the gateway sends the guest receives.
    kind: { type: "gretap", key: { send: 72, receive: 71 }, checksum: true, sequence: true },
    tunnel: {
      ...{ type: "gre", key: { send: 71, receive: 72 }, checksum: "require", sequence: true },
    },
  },
  {
    // RFC 7637 §3.2: an NVGRE packet is a GRE packet whose key is the VSID and the flow ID.
    ...{ name: "gretap with NVGRE's key", outer: 4, overhead: 42 },
    kind: { type: "gretap", key: 5003 * 256 + 9 },
    tunnel: { type: "nvgre", vsid: 5003, flowId: 9 },
  },
  {
    ...{ name: "ip6gretap", kind: { type: "ip6gretap" }, outer: 6, overhead: 58 },
    tunnel: { type: "gre" },
  },
  {
    ...{ name: "ip6gretap with key, checksum and sequence", outer: 6, overhead: 70 },
    kind: { type: "ip6gretap", key: 73, checksum: true, sequence: true },
    tunnel: { type: "gre", key: 73, checksum: true, sequence: true },
  },
  {
    ...{ name: "gre with a key", kind: { type: "gre", key: 74 }, outer: 4, overhead: 28 },
    tunnel: { type: "gre", key: 74, payload: "ip" },
  },
  {
    ...{ name: "ip6gre with key and checksum", outer: 6, overhead: 52 },
    kind: { type: "ip6gre", key: 75, checksum: true },
    tunnel: { type: "gre", key: 75, checksum: "require", payload: "ip" },
  },
  {
    ...{ name: "geneve", kind: { type: "geneve", vni: 5001 }, outer: 4, overhead: 50 },
    tunnel: { type: "geneve", vni: 5001 },
  },
  {
    ...{ name: "geneve over IPv6", kind: { type: "geneve", vni: 5002 }, outer: 6, overhead: 70 },
    tunnel: { type: "geneve", vni: 5002 },
  },
];

/** As the kernel makes one unless told otherwise. */
const limited: Named<GuestTunnelPlan> = {
  ...{ name: "ip6gretap with an encapsulation limit", outer: 6, overhead: 70 },
  kind: { type: "ip6gretap", key: 76, encapsulationLimit: true },
  tunnel: { type: "gre", key: 76 },
};

const vlans: readonly Named<GuestVlanPlan>[] = [
  { name: "802.1Q", attachment: { vlan: 100 }, tags: [{ tpid: "802.1Q", vlan: 100 }] },
  {
    ...{ name: "802.1Q in 802.1ad", attachment: { vlan: { outer: 200, inner: 300 } } },
    tags: [
      { tpid: "802.1ad", vlan: 200 },
      { tpid: "802.1Q", vlan: 300 },
    ],
  },
  {
    name: "802.1Q in 802.1Q",
    attachment: { vlan: { outer: 201, outerTpid: "0x8100", inner: 300 } },
    tags: [
      { tpid: "802.1Q", vlan: 201 },
      { tpid: "802.1Q", vlan: 300 },
    ],
  },
  {
    name: "the tenant's own 802.1Q in 802.1ad, kept inside the tunnel",
    attachment: { vlan: { outer: 202, inner: "any" } },
    tags: [
      { tpid: "802.1ad", vlan: 202 },
      { tpid: "802.1Q", vlan: 310 },
    ],
    kept: 310,
  },
  {
    name: "802.1Q, kept inside the tunnel",
    attachment: { vlan: 110, keepTag: true },
    tags: [{ tpid: "802.1Q", vlan: 110 }],
    kept: 110,
  },
];

labTest(
  "tunnel devices of a Debian kernel as peers",
  async (lab, context) => {
    const scenario = await buildGuestTunnels(lab, [...tunnels, limited]);
    const gateway = await expectTraffic(scenario, tunnels, context);
    const tenant = scenario.tenants.at(-1);
    await context.test(`${limited.name}: dropped as outer_options, and nothing else`, async () => {
      assert.ok(tenant);
      await expectRefused(gateway, scenario.guest, tenant.inner.outside);
    });
    await expectConservation(gateway);
  },
  lacks,
);

labTest(
  "VLAN devices of a Debian kernel as tenants' hosts",
  async (lab, context) => {
    const scenario = await buildGuestVlans(lab, vlans);
    const gateway = await expectTraffic(scenario, vlans, context);
    await expectNoDrops(gateway, overload);
    await expectConservation(gateway);
  },
  lacks,
);

async function expectTraffic(
  { gateway: namespace, gatewayFile, guest, tenants }: GuestScenario,
  plans: readonly { readonly name: string }[],
  context: TestContext,
): Promise<Gateway> {
  const gateway = await Gateway.start(namespace, gatewayFile);
  for (const [i, { name }] of plans.entries()) {
    await context.test(`${name}: pings, also of 60 kB, TCP and UDP`, async () => {
      const tenant = tenants[i];
      assert.ok(tenant);
      await expectAllSizes(tenant, guest);
      await expectFlows(tenant, guest);
    });
  }
  return gateway;
}

/**
 * An extension header is refused on the way in, whatever it says. Of the traffic before, only
 * hosts' reports of their multicast groups are refused, at attachments that pass on IP alone.
 */
async function expectRefused(gateway: Gateway, guest: QemuGuest, address: string): Promise<void> {
  const pace = ["-c", "3", "-i", "0.1", "-W", "1"];
  const { exitCode, stdout } = await guest.tryRun(["ping", ...pace, address]);
  assert.notEqual(exitCode, 0, stdout);
  assert.ok(((await gateway.counters()).dropped["outer_options"] ?? 0) > 0);
  await expectNoDrops(gateway, [...overload, "outer_options", "not_for_router"]);
}

async function expectAllSizes(
  { outside, inner, mtu }: GuestTenant,
  guest: QemuGuest,
): Promise<void> {
  await expectReachable(outside, inner.guest);
  await expectReachable(outside, inner.guest6);
  // The longest packets that the tunnel carries whole, and 60 kB in over forty fragments.
  await expectPings(outside, inner.guest, { count: 5, size: mtu - 28, whole: true });
  await expectPings(outside, inner.guest6, { count: 5, size: mtu - 48, whole: true });
  const long = { count: 3, size: 60_000, intervalSeconds: 0.1 };
  await expectPings(outside, inner.guest, long);
  await expectPings(outside, inner.guest6, long);
  await expectPings(guest, inner.outside, long);
}

/** The rates are a guest's without KVM, on a machine that has more to do. */
async function expectFlows({ outside, inner, mtu }: GuestTenant, guest: QemuGuest): Promise<void> {
  const server = { at: guest, address: inner.guest };
  const udp = { udpMegabitsPerSecond: 5, datagramBytes: mtu - 28 };
  for (const reverse of [false, true]) {
    const way = reverse ? "from the guest" : "to the guest";
    await expectFlow(`TCP ${way}`, 1, () => iperf(outside, server, { seconds: 1, reverse }));
    const sendUdp = () => iperf(outside, server, { seconds: 1, reverse, ...udp });
    await expectFlow(`UDP ${way}`, 3, sendUdp);
  }
}

/** Tried again for a while: a guest that gets no time on a busy CPU is late, and no evidence. */
async function expectFlow(
  name: string,
  megabitsPerSecond: number,
  run: () => Promise<IperfResult>,
): Promise<void> {
  await waitFor(`${name} of ${megabitsPerSecond} Mbit/s, with no more than 1 % lost`, async () => {
    const result = await run();
    if (result.megabitsPerSecond > megabitsPerSecond && result.lostPercent <= 1) return true;
    throw new Error(JSON.stringify(result));
  });
}
