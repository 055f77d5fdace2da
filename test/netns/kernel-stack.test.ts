/**
 * What is no tunnel's keeps the whole kernel stack, on the underlay port and, for tags that no
 * attachment claims, on an access port: while the gateway runs, hangs, and is dead.
 */
import assert from "node:assert/strict";
import { sites } from "../../deploy/lab/fabric.js";
import { Gateway } from "../../deploy/lab/gateway.js";
import { iperf } from "../../deploy/lab/iperf.js";
import type { Lab } from "../../deploy/lab/lab.js";
import { bringUp, neighborMac } from "../../deploy/lab/link.js";
import { Namespace } from "../../deploy/lab/namespace.js";
import { OpenVswitch } from "../../deploy/lab/open-vswitch.js";
import { buildScenario, hostDevice, inner, type Scenario } from "../../deploy/lab/scenario.js";
import { type TenantPlan, trunkDevice, underlayDevice } from "../../deploy/lab/tenant-plan.js";
import { addVxlanPeer } from "../../deploy/lab/vxlan-peer.js";
import { expectDetached, expectPings, expectReachable } from "./expectations.js";
import { labTest } from "./lab-test.js";

const plan: TenantPlan = {
  name: "acme",
  tunnel: { type: "vxlan", vni: 5001 },
  peer: "kernel",
  site: "east",
  vlan: 200,
};
const unclaimedVlan = 999;
const service = 5301;
/** Networks of the kernel's own vxlan device and of the unclaimed VLAN. */
const otherVxlan = { gateway: "10.8.0.1", peer: "10.8.0.2" };
const otherVlan = { gateway: "10.9.0.1", host: "10.9.0.2" };

/** A kernel `vxlan` device in the gateway's namespace, on the UDP port of older Linux. */
async function addKernelVxlan({ gateway, tenants }: Scenario): Promise<void> {
  const peer = tenants[0]?.peer.namespace;
  if (peer === undefined) throw new Error("no tenant was built");
  const [here, there] = [sites.gateway.ipv4, sites.east.ipv4];
  const tunnel = { type: "vxlan", vni: 42, udpPort: 8472 } as const;
  const device = "vxlan8472";
  const near = { local: here, remote: there, innerAddresses: [`${otherVxlan.gateway}/24`] };
  const far = { local: there, remote: here, innerAddresses: [`${otherVxlan.peer}/24`] };
  await addVxlanPeer(gateway, { tunnel, device, ...near });
  await addVxlanPeer(peer, { tunnel, device, ...far });
}

/**
 * A user of the access port's other tags in the gateway's namespace: a switch that gets its frames
 * from the kernel (AF_PACKET), and so only what XDP passes.
 */
async function addUnclaimedVlan(lab: Lab, scenario: Scenario): Promise<Namespace> {
  const ovs = await OpenVswitch.start(scenario.gateway);
  await ovs.addBridge("br-kernel");
  await ovs.addPort("br-kernel", trunkDevice);
  await ovs.vsctl("set", "port", "br-kernel", `tag=${unclaimedVlan}`);
  await bringUp(scenario.gateway, "br-kernel", [`${otherVlan.gateway}/24`]);
  const host = await Namespace.create(lab, "other");
  const addresses = [`${otherVlan.host}/24`];
  await scenario.accessSwitch?.addHost(
    { namespace: host, name: hostDevice, addresses },
    unclaimedVlan,
  );
  return host;
}

async function expectKernelServes(scenario: Scenario, vlanHost: Namespace): Promise<void> {
  const { fabric, gateway, tenants } = scenario;
  const router = fabric.namespace;
  const peer = tenants[0]?.peer.namespace ?? gateway;
  // ARP must work anew, not from memory.
  await router.ip("neigh", "flush", "all");
  await vlanHost.ip("neigh", "flush", "all");
  for (const [client, address] of [
    [router, sites.gateway.ipv4],
    [router, sites.gateway.ipv6],
    [peer, otherVxlan.gateway],
    [vlanHost, otherVlan.gateway],
  ] as const) {
    await expectReachable(client, address);
    await expectPings(client, address, { count: 5 });
    const tcp = await iperf(client, { at: gateway, address }, { seconds: 1, port: service });
    assert.ok(tcp.megabitsPerSecond > 1, `TCP to ${address}: ${tcp.megabitsPerSecond} Mbit/s`);
  }
  assert.ok(await neighborMac(router, sites.gateway.ipv4), "ARP on the underlay port");
}

labTest(
  "what is not ours keeps the stack while the gateway runs, hangs and is dead",
  async (lab) => {
    const scenario = await buildScenario(lab, [plan]);
    const { gateway: namespace, gatewayFile, tenants } = scenario;
    const host = tenants[0]?.host ?? namespace;
    await addKernelVxlan(scenario);
    const vlanHost = await addUnclaimedVlan(lab, scenario);
    await expectKernelServes(scenario, vlanHost);

    const gateway = await Gateway.start(namespace, gatewayFile);
    await expectReachable(host, inner.peer);
    await expectKernelServes(scenario, vlanHost);
    await expectPings(host, inner.peer);
    await gateway.settledAccounting();

    gateway.process.signal("SIGSTOP");
    await expectKernelServes(scenario, vlanHost);
    gateway.process.signal("SIGCONT");
    await expectReachable(host, inner.peer);

    await gateway.stop("SIGKILL");
    await expectDetached(namespace, [underlayDevice, trunkDevice]);
    await expectKernelServes(scenario, vlanHost);

    await Gateway.start(namespace, gatewayFile);
    await expectReachable(host, inner.peer);
    await expectKernelServes(scenario, vlanHost);
  },
);
