/** Tenants' traffic through tunnels to peers of other makes, and what is counted of it. */
import assert from "node:assert/strict";
import { Gateway } from "../../deploy/lab/gateway.js";
import { buildScenario, inner, type ScenarioOptions } from "../../deploy/lab/scenario.js";
import { outerAddresses, type TenantPlan } from "../../deploy/lab/tenant-plan.js";
import { innerMtu } from "../../deploy/lab/tunnel.js";
import {
  expectConservation,
  expectNoDrops,
  expectPings,
  expectReachable,
  expectThroughput,
  overload,
} from "./expectations.js";
import { labTest } from "./lab-test.js";

interface Case {
  readonly name: string;
  readonly plan: Omit<TenantPlan, "name" | "site">;
  readonly options?: ScenarioOptions;
  /** What else must be true after the traffic. */
  readonly expect?: (gateway: Gateway) => Promise<void>;
}

async function expectTwoBusyWorkers(gateway: Gateway): Promise<void> {
  for (const { name, queues } of await gateway.ports()) {
    assert.equal(queues, 2, `queues of ${name}`);
  }
  const workers = await gateway.workers();
  assert.equal(workers.length, 2);
  for (const { worker, busyLoops } of workers) {
    assert.ok(busyLoops > 100, `worker ${worker} had something to do only ${busyLoops} times`);
  }
}

async function expectXdpMode(gateway: Gateway, mode: "native" | "generic"): Promise<void> {
  for (const { name, xdpMode } of await gateway.ports()) assert.equal(xdpMode, mode, name);
}

const vxlan = { type: "vxlan", vni: 5001 } as const;
const geneve = { type: "geneve", vni: 5002 } as const;
const gre = { type: "gre" } as const;
const keyed = { type: "gre", key: 7001 } as const;

const cases: readonly Case[] = [
  {
    name: "kernel vxlan, native XDP",
    plan: { tunnel: vxlan, peer: "kernel" },
    expect: (gateway) => expectXdpMode(gateway, "native"),
  },
  { name: "kernel vxlan over IPv6", plan: { tunnel: vxlan, peer: "kernel", outer: 6, vlan: 200 } },
  {
    name: "kernel vxlan on another UDP port",
    plan: { tunnel: { ...vxlan, vni: 16_777_215, udpPort: 8472 }, peer: "kernel" },
  },
  {
    name: "kernel vxlan, two queues and workers",
    plan: { tunnel: vxlan, peer: "kernel" },
    options: { queues: 2 },
    expect: expectTwoBusyWorkers,
  },
  {
    name: "kernel vxlan, generic XDP",
    plan: { tunnel: vxlan, peer: "kernel" },
    options: { port: { xdpMode: "generic" } },
    expect: (gateway) => expectXdpMode(gateway, "generic"),
  },
  { name: "Open vSwitch vxlan", plan: { tunnel: vxlan, peer: "ovs", vlan: 200 } },
  { name: "Open vSwitch vxlan over IPv6", plan: { tunnel: vxlan, peer: "ovs", outer: 6 } },
  {
    name: "Open vSwitch geneve on another UDP port",
    plan: { tunnel: { ...geneve, udpPort: 6082 }, peer: "ovs" },
  },
  { name: "Open vSwitch geneve over IPv6", plan: { tunnel: geneve, peer: "ovs", outer: 6 } },
  { name: "Open vSwitch gre", plan: { tunnel: gre, peer: "ovs" } },
  { name: "Open vSwitch gre with a key", plan: { tunnel: keyed, peer: "ovs", vlan: 200 } },
  { name: "Open vSwitch gre over IPv6", plan: { tunnel: gre, peer: "ovs", outer: 6, vlan: 4094 } },
  {
    name: "Open vSwitch gre with a key over IPv6",
    plan: { tunnel: { type: "gre", key: 4_294_967_295 }, peer: "ovs", outer: 6 },
  },
];

for (const { name, plan: shape, options, expect } of cases) {
  labTest(`${name}: ping, TCP and UDP both ways, every frame accounted for`, async (lab) => {
    const plan: TenantPlan = { name: "acme", site: "east", ...shape };
    const { gateway: namespace, gatewayFile, tenants } = await buildScenario(lab, [plan], options);
    const [tenant] = tenants;
    if (tenant === undefined) throw new Error("no tenant was built");
    const gateway = await Gateway.start(namespace, gatewayFile);
    const { host, peer } = tenant;

    await expectReachable(host, inner.peer);
    const ends = outerAddresses(plan);
    const mtu = innerMtu(plan.tunnel, { local: ends.gateway, remote: ends.peer });
    // An empty ping is shorter than the least Ethernet frame; the longest fills the tunnel's MTU.
    for (const size of [0, 56, mtu - 28]) {
      await expectPings(host, inner.peer, { size, whole: true });
      await expectPings(peer.namespace, inner.host, { size, whole: true });
    }
    await expectReachable(host, inner.peer6);
    await expectPings(host, inner.peer6, { size: mtu - 48, whole: true });
    // In over forty fragments, which the hosts make and put together.
    for (const [from, to4, to6] of [
      [host, inner.peer, inner.peer6],
      [peer.namespace, inner.host, inner.host6],
    ] as const) {
      const long = { count: 3, size: 60_000, intervalSeconds: 0.1 };
      await expectPings(from, to4, long);
      await expectPings(from, to6, long);
    }
    await expectThroughput(host, peer.namespace, inner.peer);

    await expect?.(gateway);
    await expectNoDrops(gateway, overload);
    await expectConservation(gateway);
  });
}
