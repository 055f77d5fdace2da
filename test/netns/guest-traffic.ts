/** What every tenant of a guest must be able to do through the gateway. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { Gateway } from "../../deploy/lab/gateway.js";
import { type IperfResult, iperf } from "../../deploy/lab/iperf.js";
import { missingForGuests, type QemuGuest } from "../../deploy/lab/qemu-guest.js";
import type { GuestScenario, GuestTenant } from "../../deploy/lab/qemu-scenario.js";
import { waitFor } from "../../deploy/lab/wait.js";
import { expectPings, expectReachable } from "./expectations.js";

/** Why no guest can be booted here; said loudly once for each file of tests. */
export const lacks = missingForGuests();
if (lacks.length > 0) {
  process.stderr.write(
    `SKIPPED, no Debian kernel can be booted here:\n  - ${lacks.join("\n  - ")}\n`,
  );
}

export type Named<T> = T & { readonly name: string };

/** Starts the gateway and sends each tenant's traffic, in a subtest that has the plan's name. */
export async function expectTraffic(
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
