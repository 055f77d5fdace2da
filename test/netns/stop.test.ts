/** How the gateway ends: what it leaves behind, and what it says. */
import assert from "node:assert/strict";
import { Gateway } from "../../deploy/lab/gateway.js";
import { startIperfServer } from "../../deploy/lab/iperf.js";
import { hasXdp } from "../../deploy/lab/link.js";
import { inner } from "../../deploy/lab/scenario.js";
import { expectReachable } from "./expectations.js";
import { labTest } from "./lab-test.js";
import { buildOneTenant } from "./one-tenant.js";
import { expectNothingLeft, interfaceState, interfaces } from "./refusal.js";

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  labTest(
    `${signal} under traffic ends adit run with exit 0, XDP detached, and it starts again`,
    async (lab) => {
      const { gateway: namespace, gatewayFile, host, peer } = await buildOneTenant(lab);
      const before = await interfaceState(namespace);
      const first = await Gateway.start(namespace, gatewayFile);
      await expectReachable(host, inner.peer);
      for (const name of interfaces) assert.ok(await hasXdp(namespace, name), `${name} has XDP`);
      await startIperfServer(peer.namespace);
      const load = host.spawn(["iperf3", "-c", inner.peer, "-t", "20", "--bidir"]);
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.equal(load.exitCode, undefined, load.stderr);
      assert.equal(await first.stop(signal), 0, first.process.stderr);
      await expectNothingLeft(namespace, before);
      await load.stop("SIGKILL");

      const second = await Gateway.start(namespace, gatewayFile);
      await expectReachable(host, inner.peer);
      assert.equal(await second.stop(signal), 0, second.process.stderr);
    },
  );
}
