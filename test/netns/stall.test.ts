/** A gateway that gets no time for a while: frames wait in its rings, and nothing is lost. */
import { setTimeout as sleep } from "node:timers/promises";
import { Gateway } from "../../deploy/lab/gateway.js";
import { inner } from "../../deploy/lab/scenario.js";
import { expectConservation, expectNoDrops, expectPings, expectReachable } from "./expectations.js";
import { labTest } from "./lab-test.js";
import { buildOneTenant } from "./one-tenant.js";

labTest("pings that cross while the gateway stands still are late, and not lost", async (lab) => {
  const { gateway: namespace, gatewayFile, host } = await buildOneTenant(lab);
  const gateway = await Gateway.start(namespace, gatewayFile);
  await expectReachable(host, inner.peer);
  // Half of them are answered before, so that the round trip is known to be short.
  const pings = expectPings(host, inner.peer, { count: 10, intervalSeconds: 0.1 });
  await sleep(500);
  gateway.process.signal("SIGSTOP");
  await sleep(600);
  gateway.process.signal("SIGCONT");
  await pings;
  await expectNoDrops(gateway);
  await expectConservation(gateway);
});
