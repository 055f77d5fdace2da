/** What `adit run` needs is taken by somebody else: it says so, and leaves it to its owner. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { controlSocket, Gateway } from "../../deploy/lab/gateway.js";
import { hasXdp } from "../../deploy/lab/link.js";
import { inner } from "../../deploy/lab/scenario.js";
import { expectPings, expectReachable } from "./expectations.js";
import { labTest } from "./lab-test.js";
import { buildOneTenant } from "./one-tenant.js";
import {
  accessDevice,
  expectNothingLeft,
  expectRefused,
  interfaceState,
  interfaces,
  runRefused,
  writeChanged,
} from "./refusal.js";

const foreignProgram = "/usr/lib/x86_64-linux-gnu/bpf/xdp-dispatcher.o";
const lacksForeignProgram = existsSync(foreignProgram)
  ? []
  : [`no ${foreignProgram}: apt-get install libxdp1`];

labTest("a second gateway is refused and does not disturb the first", async (lab) => {
  const { gateway, gatewayFile, host } = await buildOneTenant(lab);
  const before = await interfaceState(gateway);
  const first = await Gateway.start(gateway, gatewayFile);
  await expectReachable(host, inner.peer);

  const sameSocket = await runRefused(gateway, gatewayFile);
  const socketSays = [/another adit listens at .*adit\.sock/, /fix: stop it/];
  expectRefused(sameSocket, { exitCode: 1, says: socketSays });

  const listen = { control: join(lab.folder, "second.sock"), http: false };
  const otherSocket = await runRefused(
    gateway,
    await writeChanged(gatewayFile, { keys: { listen } }),
  );
  const interfaceSays = [/ADIT-2004/, /interface underlay already carries/, /fix: .*underlay/];
  expectRefused(otherSocket, { exitCode: 1, says: interfaceSays });

  for (const name of interfaces) {
    assert.ok(await hasXdp(gateway, name), `${name} keeps its program`);
  }
  await expectPings(host, inner.peer);
  assert.equal((await first.status()).healthy, true);
  assert.equal(await first.stop(), 0, first.process.stderr);
  await expectNothingLeft(gateway, before);
});

labTest(
  "another's XDP program stays, and is named",
  async (lab) => {
    const { gateway, gatewayFile } = await buildOneTenant(lab);
    const before = await interfaceState(gateway);
    const attach = ["link", "set", "dev", accessDevice, "xdpgeneric"];
    await gateway.ip(...attach, "obj", foreignProgram, "sec", "xdp");
    const says = [
      /ADIT-2004/,
      /interface lan-acme already carries the XDP program with id \d+/,
      /fix: /,
    ];
    expectRefused(await runRefused(gateway, gatewayFile), { exitCode: 1, says });
    assert.ok(await hasXdp(gateway, accessDevice), "the other program is still there");
    await gateway.ip(...attach, "off");
    await expectNothingLeft(gateway, before);
  },
  lacksForeignProgram,
);

labTest("a control socket that is another's, or no socket, is left alone", async (lab) => {
  const { gateway, gatewayFile, host } = await buildOneTenant(lab);
  const before = await interfaceState(gateway);
  const file = controlSocket(lab.folder);
  await writeFile(file, "somebody's notes");
  const says = [/adit\.sock is not a socket/, /fix: move it/];
  expectRefused(await runRefused(gateway, gatewayFile), { exitCode: 1, says });
  assert.equal(await readFile(file, "utf8"), "somebody's notes");
  await rm(file);

  // One that hangs is alive; one that was killed leaves a socket that nobody holds.
  const first = await Gateway.start(gateway, gatewayFile);
  first.process.signal("SIGSTOP");
  expectRefused(await runRefused(gateway, gatewayFile), {
    exitCode: 1,
    says: [/another adit listens/],
  });
  first.process.signal("SIGCONT");
  await expectReachable(host, inner.peer);
  assert.equal((await first.status()).healthy, true);
  await first.stop("SIGKILL");
  assert.ok(existsSync(file), "the socket of the killed one is still there");
  const second = await Gateway.start(gateway, gatewayFile);
  assert.equal(await second.stop(), 0, second.process.stderr);
  await expectNothingLeft(gateway, before);
});

labTest("a control socket that cannot be made is said to be one", async (lab) => {
  const { gateway, gatewayFile } = await buildOneTenant(lab);
  const before = await interfaceState(gateway);
  const listen = { control: join(gatewayFile, "adit.sock"), http: false };
  const says = [/cannot make the control socket .*adit\.json\/adit\.sock/, /fix: give "listen"/];
  const file = await writeChanged(gatewayFile, { keys: { listen } });
  expectRefused(await runRefused(gateway, file), { exitCode: 1, says });
  await expectNothingLeft(gateway, before);
});
