/**
 * A router on the way has a smaller link behind it. What the router says, and the kernel of the
 * peer, is believed and told on; what they say of the host's own packets stays the host's.
 */
import assert from "node:assert/strict";
import { sites } from "../../deploy/lab/fabric.js";
import { Gateway } from "../../deploy/lab/gateway.js";
import { setMtu } from "../../deploy/lab/link.js";
import type { Namespace } from "../../deploy/lab/namespace.js";
import { learnedPathMtu } from "../../deploy/lab/path-mtu.js";
import { inner } from "../../deploy/lab/scenario.js";
import { waitFor } from "../../deploy/lab/wait.js";
import { expectConservation, expectPings, expectReachable } from "./expectations.js";
import { labTest } from "./lab-test.js";
import { buildOneTenant, plainPlan } from "./one-tenant.js";

/** The router's interface towards the peer. */
const farDevice = "site1";
const pathMtu = 1400;

interface TunnelRow {
  readonly innerMtu?: number;
  readonly pathMtu?: number;
  readonly pathMtuFrom?: string;
  readonly pathMtuSecondsLeft?: number;
  readonly lastError?: { readonly type: number; readonly code: number; readonly count: number };
}

async function shownTunnel(gateway: Gateway): Promise<TunnelRow> {
  const { stdout, stderr, exitCode } = await gateway.command("show", "tunnels", "-j");
  assert.equal(exitCode, 0, stderr);
  const { tunnels } = JSON.parse(stdout) as { readonly tunnels: readonly TunnelRow[] };
  assert.ok(tunnels[0], "there is a tunnel");
  return tunnels[0];
}

/** An echo request of `bytes` bytes of IP packet that no router may fragment. */
async function pingWhole(from: Namespace, to: string, bytes: number): Promise<string> {
  const headers = to.includes(":") ? 48 : 28;
  const shape = ["-n", "-M", "do", "-s", `${bytes - headers}`, "-c", "1", "-W", "1"];
  const { stdout, stderr } = await from.tryRun(["ping", ...shape, to]);
  return stdout + stderr;
}

for (const { outer, overhead } of [
  { outer: 4, overhead: 50 },
  { outer: 6, overhead: 70 },
] as const) {
  labTest(`a smaller link behind a router is learned and told, over IPv${outer}`, async (lab) => {
    const built = await buildOneTenant(lab, { ...plainPlan, outer });
    const { gateway: namespace, host, fabric } = built;
    const running = await Gateway.start(namespace, built.gatewayFile);
    await expectReachable(host, inner.peer);
    await expectReachable(host, inner.peer6);
    const before = await shownTunnel(running);
    assert.equal(before.pathMtu, 1500);
    assert.equal(before.pathMtuFrom, "port");

    await setMtu(fabric.namespace, farDevice, pathMtu);
    const innerMtu = pathMtu - overhead;
    // The first one is lost at the router, which tells the gateway, which tells the host.
    const said = await pingWhole(host, inner.peer, 1500 - overhead);
    assert.match(said, new RegExp(`mtu ?= ?${innerMtu}`), said);
    await waitFor(
      "the host's path MTU",
      async () => (await learnedPathMtu(host, inner.peer)) === innerMtu,
    );
    const after = await shownTunnel(running);
    assert.equal(after.pathMtu, pathMtu);
    assert.equal(after.pathMtuFrom, "learned");
    assert.ok((after.pathMtuSecondsLeft ?? 0) > 500, JSON.stringify(after));
    assert.equal(after.innerMtu, innerMtu);

    // IPv6 hosts are told by the gateway's own size check, as it knows now.
    const said6 = await pingWhole(host, inner.peer6, innerMtu + 1);
    assert.match(said6, new RegExp(`mtu ?= ?${innerMtu}`), said6);
    for (const peer of [inner.peer, inner.peer6]) {
      const size = innerMtu - (peer.includes(":") ? 48 : 28);
      await expectPings(host, peer, { size, whole: true, count: 20 });
    }
    await expectConservation(running);
  });
}

labTest("a peer whose tunnel is gone says so, and it is shown", async (lab) => {
  const built = await buildOneTenant(lab);
  const running = await Gateway.start(built.gateway, built.gatewayFile);
  await expectReachable(built.host, inner.peer);
  assert.equal((await shownTunnel(running)).lastError, undefined);
  await built.peer.namespace.ip("link", "del", built.peer.device);
  await waitFor("the peer's port unreachable", async () => {
    await built.host.tryRun(["ping", "-n", "-c", "2", "-i", "0.1", "-W", "1", inner.peer]);
    const { lastError } = await shownTunnel(running);
    return lastError?.type === 3 && lastError.code === 3 && lastError.count > 0;
  });
  const { stdout } = await running.command("show", "tunnels");
  assert.match(stdout, /nothing listens on the UDP port at the remote \(3\/3\)/);
  await running.settledAccounting();
});

/** A connected UDP socket learns that nobody listens; prints what it was told. */
const askClosedPort = [
  "import socket, sys",
  "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
  "s.settimeout(2)",
  "s.connect((sys.argv[1], 9))",
  "s.send(b'x')",
  "try:",
  "    s.recv(1)",
  "except OSError as error:",
  "    print(type(error).__name__)",
].join("\n");

labTest("ICMP about the host's own packets stays the host's", async (lab) => {
  const built = await buildOneTenant(lab);
  const { gateway: namespace, fabric } = built;
  const running = await Gateway.start(namespace, built.gatewayFile);
  await expectReachable(built.host, inner.peer);
  await setMtu(fabric.namespace, farDevice, pathMtu);

  await expectPings(fabric.namespace, sites.gateway.ipv4, { count: 5 });
  for (const closed of [sites.gateway.router4, sites.east.ipv4]) {
    const told = await namespace.run(["/usr/bin/python3", "-c", askClosedPort, closed]);
    assert.equal(told.trim(), "ConnectionRefusedError", closed);
  }
  await pingWhole(namespace, sites.east.ipv4, 1500);
  await waitFor(
    "the kernel's own path MTU",
    async () => (await learnedPathMtu(namespace, sites.east.ipv4)) === pathMtu,
  );
  // What the kernel was told is nothing that the gateway heard.
  const { pathMtuFrom, lastError } = await shownTunnel(running);
  assert.equal(pathMtuFrom, "port");
  assert.equal(lastError, undefined);
  await running.settledAccounting();
});
