/**
 * Frames beyond a chunk of packet memory, by AF_XDP multi-buffer: through tunnels whose underlay
 * carries 9000-byte frames, with peers that judge checksums over all of them.
 */
import assert from "node:assert/strict";
import { release } from "node:os";
import { Gateway } from "../../deploy/lab/gateway.js";
import { iperf } from "../../deploy/lab/iperf.js";
import type { Lab } from "../../deploy/lab/lab.js";
import { setMtu } from "../../deploy/lab/link.js";
import type { Namespace } from "../../deploy/lab/namespace.js";
import { inner, type ScenarioOptions } from "../../deploy/lab/scenario.js";
import { outerAddresses, type TenantPlan, underlayDevice } from "../../deploy/lab/tenant-plan.js";
import { innerMtu } from "../../deploy/lab/tunnel.js";
import { waitFor } from "../../deploy/lab/wait.js";
import {
  expectConservation,
  expectNoDrops,
  expectPings,
  expectReachable,
  overload,
} from "./expectations.js";
import { labTest } from "./lab-test.js";
import { buildOneTenant } from "./one-tenant.js";
import {
  accessDevice,
  expectNothingLeft,
  expectRefused,
  interfaceState,
  runRefused,
  writeChanged,
} from "./refusal.js";

/** What the gateway's log says of a port, and of an MTU that grew. */
const severalFrames = /"multiBuffer":"yes"/;
const grown = /ADIT-2135.*underlay/;

const [major = 0, minor = 0] = release().split(".").map(Number);
const lacks = major > 6 || (major === 6 && minor >= 6) ? [] : ["Linux 6.6 (XDP_USE_SG)"];

/** Leaves inner frames of over 9000 bytes to every tunnel. */
const jumbo = 9100;

interface Case {
  readonly name: string;
  readonly plan: Omit<TenantPlan, "name" | "site">;
  readonly port?: NonNullable<ScenarioOptions["port"]>;
  readonly mode?: "generic";
}

const vxlan = { type: "vxlan", vni: 5001 } as const;
const gre = { type: "gre", key: 7001, checksum: true } as const;

const cases: readonly Case[] = [
  { name: "kernel vxlan", plan: { tunnel: vxlan, peer: "kernel" } },
  {
    name: "kernel vxlan with UDP checksums, chunks of 2048",
    plan: { tunnel: vxlan, peer: "kernel", tunnelKeys: { udpChecksum: true } },
    port: { frameSize: 2048 },
  },
  { name: "kernel vxlan over IPv6", plan: { tunnel: vxlan, peer: "kernel", outer: 6 } },
  {
    name: "kernel vxlan over IPv6, generic XDP",
    plan: { tunnel: vxlan, peer: "kernel", outer: 6 },
    port: { xdpMode: "generic" },
    mode: "generic",
  },
  { name: "Open vSwitch gre with checksums", plan: { tunnel: gre, peer: "ovs" } },
  {
    name: "Open vSwitch gre over IPv6 with checksums, generic XDP",
    plan: { tunnel: gre, peer: "ovs", outer: 6 },
    port: { xdpMode: "generic" },
    mode: "generic",
  },
];

async function start(lab: Lab, { plan: shape, port }: Case, mtu: number) {
  const plan: TenantPlan = { name: "acme", site: "east", ...shape };
  const options: ScenarioOptions = { mtu, ...(port === undefined ? {} : { port }) };
  const scenario = await buildOneTenant(lab, plan, options);
  const gateway = await Gateway.start(scenario.gateway, scenario.gatewayFile);
  const { gateway: local, peer: remote } = outerAddresses(plan);
  await expectReachable(scenario.host, inner.peer);
  return { ...scenario, running: gateway, mtu: innerMtu(plan.tunnel, { local, remote }, mtu) };
}

/** Megabits a second of TCP, to the peer and back. */
async function tcpRates(host: Namespace, peer: Namespace): Promise<readonly [number, number]> {
  const server = { at: peer, address: inner.peer };
  const there = await iperf(host, server, { seconds: 2 });
  const back = await iperf(host, server, { seconds: 2, reverse: true });
  return [there.megabitsPerSecond, back.megabitsPerSecond];
}

for (const one of cases) {
  labTest(
    `${one.name}: frames of 9000 bytes, whole and both ways, every frame accounted for`,
    async (lab, context) => {
      const { host, peer, running, mtu } = await start(lab, one, jumbo);
      for (const port of await running.ports()) {
        assert.equal(port.xdpMode, one.mode ?? "native", port.name);
      }
      assert.ok(mtu >= 9000, `inner MTU ${mtu}`);
      assert.match(running.process.stdout, severalFrames);
      // Around the sizes where a packet begins to take another chunk of 2048 or 4096 bytes.
      for (const size of [0, 1700, 1741, 1742, 1743, 3789, 3790, 3791, mtu - 29, mtu - 28]) {
        await expectPings(host, inner.peer, { size, whole: true, count: 3 });
        await expectPings(peer.namespace, inner.host, { size, whole: true, count: 3 });
      }
      await expectReachable(host, inner.peer6);
      await expectPings(host, inner.peer6, { size: mtu - 48, whole: true });
      // In fragments of the inner MTU.
      await expectPings(host, inner.peer, { size: 60_000, count: 5 });
      await expectPings(peer.namespace, inner.host6, { size: 60_000, count: 5 });
      const [there, back] = await tcpRates(host, peer.namespace);
      context.diagnostic(`TCP ${Math.round(there)} Mbit/s to the peer, ${Math.round(back)} back`);
      assert.ok(there > 1 && back > 1, `TCP: ${there} and ${back} Mbit/s`);
      await expectNoDrops(running, overload);
      await expectConservation(running);
    },
    lacks,
  );
}

labTest(
  "TCP of 9000-byte frames through a VXLAN tunnel is faster than of 1500-byte frames",
  async (lab, context) => {
    const { gateway, host, peer, running, mtu } = await start(lab, cases[0] as Case, jumbo);
    const [large, largeBack] = await tcpRates(host, peer.namespace);
    // The same path with small frames: what the tenant's host sends decides.
    const small = innerMtu(vxlan, { local: "192.0.2.1", remote: "198.51.100.7" });
    await setMtu(host, "eth0", small);
    await setMtu(peer.namespace, peer.device, small);
    const [little, littleBack] = await tcpRates(host, peer.namespace);
    const rounded = (rates: readonly number[]): string => rates.map(Math.round).join(" and ");
    context.diagnostic(
      `TCP to the peer and back: ${rounded([large, largeBack])} Mbit/s with ${mtu} bytes, ` +
        `${rounded([little, littleBack])} Mbit/s with ${small}`,
    );
    assert.ok(large + largeBack > little + littleBack, "larger frames carry more");
    await expectNoDrops(running, overload);
    await expectConservation(running);
    assert.equal(await running.stop(), 0, running.process.stderr);
    await expectReachable(gateway, "192.0.2.254");
  },
  lacks,
);

labTest(
  "an MTU beyond what packets may take is refused, and a larger frame size mends it",
  async (lab) => {
    const { gateway, gatewayFile, host } = await buildOneTenant(lab);
    const before = await interfaceState(gateway);
    await setMtu(gateway, accessDevice, 40_000);
    const small = await writeChanged(gatewayFile, {
      port: accessDevice,
      keys: { frameSize: 2048 },
    });
    const result = await runRefused(gateway, small);
    const says = [/ADIT-2102/, /MTU 40000 of interface lan-acme/, /mtu \d+/, /frameSize to 4096/];
    expectRefused(result, { exitCode: 1, says });
    const running = await Gateway.start(gateway, gatewayFile);
    await expectReachable(host, inner.peer);
    assert.equal(await running.stop(), 0, running.process.stderr);
    await setMtu(gateway, accessDevice, 1500);
    await expectNothingLeft(gateway, before);
  },
  lacks,
);

labTest(
  "an MTU that grows beyond what packets may take is told while the gateway runs",
  async (lab) => {
    const { gateway, gatewayFile, host } = await buildOneTenant(lab);
    const before = await interfaceState(gateway);
    const running = await Gateway.start(gateway, gatewayFile);
    await expectReachable(host, inner.peer);
    assert.doesNotMatch(running.process.stdout, severalFrames);
    await setMtu(gateway, underlayDevice, 9000);
    await waitFor("word of the MTU", async () => grown.test(running.process.stdout));
    assert.match(running.process.stdout, /"fits":"?1770/);
    await expectReachable(host, inner.peer);
    await expectConservation(running);
    assert.equal(await running.stop(), 0, running.process.stderr);
    await setMtu(gateway, underlayDevice, 1500);
    await expectNothingLeft(gateway, before);
  },
);
