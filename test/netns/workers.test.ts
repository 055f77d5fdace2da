/** Several workers: which CPUs they run on, which queues they serve, and what each of them forwards. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Gateway } from "../../deploy/lab/gateway.js";
import type { Namespace } from "../../deploy/lab/namespace.js";
import { hostDevice, inner } from "../../deploy/lab/scenario.js";
import { underlayDevice } from "../../deploy/lab/tenant-plan.js";
import { expectConservation, expectNoDrops, expectReachable } from "./expectations.js";
import { labTest } from "./lab-test.js";
import { buildOneTenant, plainPlan } from "./one-tenant.js";
import { accessDevice } from "./refusal.js";

const flows = 256;
const datagramsEach = 10;

/** From as many UDP ports, some datagrams each; slow enough for any ring. */
const sendFlows = `
import socket, sys, time
sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(${flows})]
for _ in range(${datagramsEach}):
    for one in sockets:
        one.sendto(b"x" * 64, (sys.argv[1], 9))
    time.sleep(0.01)
`;

function lacksCpus(): string[] {
  return availableParallelism() < 2 ? ["a single CPU: two workers cannot be pinned apart"] : [];
}

/** Where the kernel lets threads run, as `Cpus_allowed_list` writes it: the workers, or all others. */
function allowedCpus(pid: number | undefined, which: "workers" | "others"): string[] {
  const folder = `/proc/${pid}/task`;
  const threads = readdirSync(folder).map((id) => readFileSync(`${folder}/${id}/status`, "utf8"));
  const wanted = threads.filter(
    (status) => /^Name:\s+adit-worker$/m.test(status) === (which === "workers"),
  );
  return wanted.map((status) => /^Cpus_allowed_list:\s+(\S+)$/m.exec(status)?.[1] ?? "").sort();
}

/** Packets that the driver gave to XDP, by RX queue. */
async function xdpPackets(namespace: Namespace, device: string): Promise<number[]> {
  const statistics = await namespace.run(["ethtool", "-S", device]);
  const counts = statistics.matchAll(/^ *rx_queue_\d+_xdp_packets: (\d+)$/gm);
  return [...counts].map(([, count]) => Number(count));
}

labTest(
  "two pinned workers forward from ports with 3 and with 2 queues, and every frame is accounted for",
  async (lab) => {
    const workers = { cpus: [0, 1] };
    const options = { queues: 3, gateway: { workers } };
    const scenario = await buildOneTenant(lab, plainPlan, options);
    const { gateway: namespace, gatewayFile, host, peer } = scenario;
    // The far end first: it must not have more TX queues than XDP's side has RX queues.
    await host.run(["ethtool", "-L", hostDevice, "rx", "2", "tx", "2"]);
    await namespace.run(["ethtool", "-L", accessDevice, "rx", "2", "tx", "2"]);
    const gateway = await Gateway.start(namespace, gatewayFile);
    assert.deepEqual(allowedCpus(gateway.process.pid, "workers"), ["0", "1"]);
    // Both CPUs of a machine with two are given away, and the other threads have to run somewhere.
    const others = new Set(allowedCpus(gateway.process.pid, "others"));
    if (availableParallelism() === 2) assert.deepEqual([...others], ["0-1"]);
    const ports = await gateway.ports();
    assert.deepEqual(
      ports.map(({ name, queues, rss }) => [name, queues, rss]),
      [
        [underlayDevice, 3, "not told"],
        ["lan-acme", 2, "not told"],
      ],
    );

    await expectReachable(host, inner.peer);
    await host.run(["/usr/bin/python3", "-c", sendFlows, inner.peer]);
    await peer.namespace.run(["/usr/bin/python3", "-c", sendFlows, inner.host]);

    const datagrams = flows * datagramsEach;
    const rows = await gateway.workers();
    assert.deepEqual(
      rows.map(({ cpu }) => cpu),
      [0, 1],
    );
    for (const { worker, received, sent } of rows) {
      const share = `worker ${worker} received ${received} and sent ${sent}`;
      assert.ok(received > datagrams / 4 && sent > datagrams / 4, share);
    }
    const [tunnel] = await gateway.tunnels();
    assert.ok(tunnel !== undefined);
    assert.ok(tunnel.txPackets >= datagrams, `${tunnel.txPackets} went into the tunnel`);
    assert.ok(tunnel.rxPackets >= datagrams, `${tunnel.rxPackets} came out of the tunnel`);
    for (const [device, queues] of [
      [underlayDevice, 3],
      [accessDevice, 2],
    ] as const) {
      const counts = await xdpPackets(namespace, device);
      const used = counts.filter((count) => count > 0).length;
      assert.equal(used, queues, `${device}: ${counts.join(", ")}`);
    }
    await expectNoDrops(gateway);
    await expectConservation(gateway);
  },
  lacksCpus(),
);

labTest(
  "all other threads of the gateway keep off the CPU that a worker has for its own",
  async (lab) => {
    const options = { gateway: { workers: { cpus: [0] } } };
    const { gateway: namespace, gatewayFile, host } = await buildOneTenant(lab, plainPlan, options);
    const gateway = await Gateway.start(namespace, gatewayFile);
    // Also threads that were made since the start, such as those that answered this.
    await expectReachable(host, inner.peer);
    await gateway.workers();
    assert.deepEqual(allowedCpus(gateway.process.pid, "workers"), ["0"]);
    const others = allowedCpus(gateway.process.pid, "others");
    assert.ok(others.length > 1, `${others.length} other threads`);
    for (const list of others) assert.match(list, /^[1-9]/);
  },
  lacksCpus(),
);
