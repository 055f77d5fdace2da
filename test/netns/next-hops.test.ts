/** The underlay around a tunnel: its next hop is slow, moves, is silent, or is not there at all. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { total } from "../../deploy/lab/accounting.js";
import { sites } from "../../deploy/lab/fabric.js";
import { Gateway } from "../../deploy/lab/gateway.js";
import type { Lab } from "../../deploy/lab/lab.js";
import { macOf, setMtu } from "../../deploy/lab/link.js";
import type { Namespace } from "../../deploy/lab/namespace.js";
import { ping } from "../../deploy/lab/ping.js";
import { hostDevice, inner, type Scenario, type Tenant } from "../../deploy/lab/scenario.js";
import { underlayDevice } from "../../deploy/lab/tenant-plan.js";
import { waitFor } from "../../deploy/lab/wait.js";
import { expectConservation, expectNoDrops, expectPings, expectReachable } from "./expectations.js";
import { labTest } from "./lab-test.js";
import { buildOneTenant } from "./one-tenant.js";

/** The router's interface towards the gateway. */
const routerDevice = "site0";

type Built = Scenario & Tenant & { readonly running: Gateway };

async function buildRunning(lab: Lab): Promise<Built> {
  const built = await buildOneTenant(lab);
  const running = await Gateway.start(built.gateway, built.gatewayFile);
  await expectReachable(built.host, inner.peer);
  return { ...built, running };
}

/** The router answers no ARP request, or answers again. */
async function letRouterAnswerArp(router: Namespace, answer: boolean): Promise<void> {
  const file = `/proc/sys/net/ipv4/conf/${routerDevice}/arp_ignore`;
  await router.run(["sh", "-c", `echo ${answer ? 0 : 8} >${file}`]);
}

/** The kernel asks for a neighbor ten times, a second apart, before it gives up. */
async function askLonger(gateway: Namespace): Promise<void> {
  const file = `/proc/sys/net/ipv4/neigh/${underlayDevice}/mcast_solicit`;
  await gateway.run(["sh", "-c", `echo 10 >${file}`]);
}

async function forgetRouter(gateway: Namespace): Promise<void> {
  await gateway.ip("neigh", "flush", "dev", underlayDevice);
}

async function heldFrames(running: Gateway): Promise<number> {
  return (await running.workers()).reduce((sum, { frames }) => sum + frames.held, 0);
}

/** `adit status` exits with 1 and says of `what` that `why`. */
async function expectProblem(running: Gateway, what: string, why: RegExp): Promise<void> {
  await waitFor(`status that names ${what}`, async () => {
    const { exitCode, stdout } = await running.command("status");
    if (exitCode === 1 && stdout.includes(`${what}: `) && why.test(stdout)) return true;
    throw new Error(`exit ${exitCode}: ${stdout}`);
  });
}

async function expectHealthy(running: Gateway): Promise<void> {
  await waitFor("healthy gateway", async () => (await running.command("status")).exitCode === 0);
}

/** Frames under `reason` since `before`, once they are as many as expected. */
async function expectDrops(
  running: Gateway,
  reason: string,
  traffic: () => Promise<number>,
): Promise<void> {
  const before = (await running.counters()).dropped;
  const sent = await traffic();
  await waitFor(`${sent} frames dropped as ${reason}`, async () => {
    const { dropped } = await running.counters();
    const grown = (dropped[reason] ?? 0) - (before[reason] ?? 0);
    const others = total(dropped) - total(before) - grown;
    if (grown === sent && others === 0) return true;
    throw new Error(JSON.stringify({ before, dropped }));
  });
}

/** The tenant's hosts know each other for good, so that each ping is one frame and no ARP. */
async function knowEachOther({ host, peer }: Scenario & Tenant): Promise<void> {
  const there = await macOf(peer.namespace, peer.device);
  await host.ip("neigh", "replace", inner.peer, "lladdr", there, "dev", hostDevice);
  const here = await macOf(host, hostDevice);
  await peer.namespace.ip("neigh", "replace", inner.host, "lladdr", here, "dev", peer.device);
}

async function countedPings(host: Namespace, count: number, size = 56): Promise<number> {
  const { sent, received } = await ping(host, inner.peer, { count, size, whole: true });
  assert.equal(received, 0, "nothing gets through");
  return sent;
}

labTest("the first frame waits for its next hop's MAC and is not lost", async (lab) => {
  const built = await buildOneTenant(lab);
  const { fabric, gateway, gatewayFile, host } = built;
  await knowEachOther(built);
  await letRouterAnswerArp(fabric.namespace, false);
  await askLonger(gateway);
  await forgetRouter(gateway);
  const running = await Gateway.start(gateway, gatewayFile, { until: "answering" });
  const patient = host.spawn(["ping", "-n", "-c", "1", "-W", "8", inner.peer]);
  await waitFor("held frame", async () => (await heldFrames(running)) > 0, { timeoutMs: 2500 });
  await letRouterAnswerArp(fabric.namespace, true);
  assert.equal(await patient.exited, 0, patient.stdout);
  await expectNoDrops(running);
  assert.equal(await heldFrames(running), 0);
  await expectConservation(running);
});

labTest("no frame is lost when the kernel's neighbors are flushed", async (lab) => {
  const built = await buildRunning(lab);
  const { gateway, host, running } = built;
  await knowEachOther(built);
  for (let i = 0; i < 5; ++i) {
    await forgetRouter(gateway);
    await expectPings(host, inner.peer, { count: 1 });
  }
  await expectNoDrops(running);
  await expectConservation(running);
});

labTest("a router with a new MAC address is followed", async (lab) => {
  const { fabric, host, peer, running } = await buildRunning(lab);
  const mac = "02:00:5e:00:53:01";
  await fabric.namespace.ip("link", "set", "dev", routerDevice, "address", mac);
  // The peer's traffic makes the router ask for the gateway, and so tell its new address.
  await expectReachable(peer.namespace, inner.host);
  await expectPings(host, inner.peer);
  assert.deepEqual(
    (await running.routes()).map(({ nextHopMac }) => nextHopMac),
    [mac],
  );
  await expectConservation(running);
});

labTest("a silent router is named by status and counted as no_neighbor", async (lab) => {
  const built = await buildRunning(lab);
  const { fabric, gateway, host, running } = built;
  await knowEachOther(built);
  await letRouterAnswerArp(fabric.namespace, false);
  await forgetRouter(gateway);
  await expectProblem(running, `remote ${sites.east.ipv4}`, /does not answer ARP/);
  await expectDrops(running, "no_neighbor", () => countedPings(host, 5));
  await letRouterAnswerArp(fabric.namespace, true);
  await expectHealthy(running);
  await expectReachable(host, inner.peer);
  await expectConservation(running);
});

labTest("a remote without a route is named by status and counted as no_route", async (lab) => {
  const built = await buildRunning(lab);
  const { gateway, host, running } = built;
  await knowEachOther(built);
  await gateway.ip("route", "del", "default");
  await expectProblem(running, `remote ${sites.east.ipv4}`, /no route/);
  await expectDrops(running, "no_route", () => countedPings(host, 5));
  await gateway.ip("route", "add", "default", "via", sites.gateway.router4);
  await expectHealthy(running);
  await expectPings(host, inner.peer);
  await expectConservation(running);
});

/** The first packet that is too big is dropped; the host is told what fits, and sends no other. */
async function expectTold(running: Gateway, host: Namespace, mtu: number): Promise<void> {
  const before = await running.counters();
  await countedPings(host, 3, mtu + 1 - 28);
  await waitFor("one frame dropped, and one message", async () => {
    const after = await running.counters();
    const dropped = (after.dropped["too_big"] ?? 0) - (before.dropped["too_big"] ?? 0);
    const others = total(after.dropped) - total(before.dropped) - dropped;
    const generated = after.generated - before.generated;
    if (dropped === 1 && others === 0 && generated === 1) return true;
    throw new Error(JSON.stringify({ before, after }));
  });
  assert.match(await host.ip("route", "get", inner.peer), new RegExp(`\\bmtu ${mtu}\\b`));
}

/** The inner MTU that `show tunnels` tells follows. */
async function expectShown(running: Gateway, mtu: number): Promise<void> {
  await waitFor(`an inner MTU of ${mtu}`, async () => {
    const { stdout } = await running.command("show", "tunnels", "-j");
    const { tunnels } = JSON.parse(stdout) as { tunnels: { innerMtu?: number }[] };
    if (tunnels[0]?.innerMtu === mtu) return true;
    throw new Error(stdout);
  });
}

labTest("the underlay's MTU is respected and told, also when it changes", async (lab) => {
  const built = await buildRunning(lab);
  const { gateway, host, running } = built;
  await knowEachOther(built);
  // IPv4 and ICMP headers on the inside; IPv4, UDP, VXLAN and Ethernet outside of them.
  const largestPing = (mtu: number): number => mtu - 28 - 50;
  await expectPings(host, inner.peer, { size: largestPing(1500), whole: true });
  await expectShown(running, 1450);
  await setMtu(gateway, underlayDevice, 1400);
  await waitFor("new MTU", async () => (await running.routes())[0]?.mtu === 1400);
  await expectPings(host, inner.peer, { size: largestPing(1400), whole: true });
  await expectTold(running, host, 1350);
  await expectShown(running, 1350);
  await gateway.ip("route", "change", "default", "via", sites.gateway.router4, "mtu", "1300");
  await waitFor("MTU of the route", async () => (await running.routes())[0]?.mtu === 1300);
  await expectPings(host, inner.peer, { size: largestPing(1300), whole: true });
  await expectTold(running, host, 1250);
  await expectShown(running, 1250);
  await expectConservation(running);
});

labTest("an underlay port that goes down is named, and serves again when it is up", async (lab) => {
  const { gateway, host, running } = await buildRunning(lab);
  await gateway.ip("link", "set", underlayDevice, "down");
  await expectProblem(running, `port ${underlayDevice}`, /is down/);
  await countedPings(host, 2);
  await gateway.ip("link", "set", underlayDevice, "up");
  await gateway.ip("route", "add", "default", "via", sites.gateway.router4);
  await expectHealthy(running);
  await expectReachable(host, inner.peer);
  await expectPings(host, inner.peer);
  await expectConservation(running);
});

labTest("a remote on the port's own network that nobody has", async (lab) => {
  const { gateway, gatewayFile, tunnelFile, host } = await buildOneTenant(lab);
  const nobody = "192.0.2.77";
  const text = await readFile(tunnelFile, "utf8");
  await writeFile(tunnelFile, text.replace(sites.east.ipv4, nobody));
  const running = await Gateway.start(gateway, gatewayFile, { until: "answering" });
  await expectProblem(running, `remote ${nobody}`, /does not answer ARP/);
  await countedPings(host, 2);
  // Held frames are dropped within their bound of 3 seconds, and the books are closed again.
  await sleep(3500);
  assert.equal(await heldFrames(running), 0);
  await expectConservation(running);
});
