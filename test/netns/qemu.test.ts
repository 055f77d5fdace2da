/**
 * Tunnel devices of a Debian kernel, booted in QEMU, as peers: the GRE and Geneve that many
 * machines' own kernels, without those modules, cannot judge.
 */
import assert from "node:assert/strict";
import type { Gateway } from "../../deploy/lab/gateway.js";
import type { QemuGuest } from "../../deploy/lab/qemu-guest.js";
import { buildGuestTunnels, type GuestTunnelPlan } from "../../deploy/lab/qemu-tunnel-scenario.js";
import { expectConservation, expectNoDrops, overload } from "./expectations.js";
import { expectTraffic, lacks, type Named } from "./guest-traffic.js";
import { labTest } from "./lab-test.js";

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
