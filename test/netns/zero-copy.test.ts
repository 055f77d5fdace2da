/** Zero copy and busy polling, on network cards that have them: virtio's, in a newer kernel. */
import assert from "node:assert/strict";
import { accounting, type Counters, missingFrames } from "../../deploy/lab/accounting.js";
import type { PortRow, WorkerRow } from "../../deploy/lab/gateway.js";
import { connect, setMtu } from "../../deploy/lab/link.js";
import { Namespace } from "../../deploy/lab/namespace.js";
import { aditInGuest, GuestGateway } from "../../deploy/lab/qemu-gateway.js";
import { missingForGuests, newestKernel, QemuGuest } from "../../deploy/lab/qemu-guest.js";
import { innerMtu } from "../../deploy/lab/tunnel.js";
import { addVxlanPeer } from "../../deploy/lab/vxlan-peer.js";
import { waitFor } from "../../deploy/lab/wait.js";
import { expectPings, expectReachable } from "./expectations.js";
import { labTest } from "./lab-test.js";

const lacks = missingForGuests(newestKernel);
if (lacks.length > 0) {
  process.stderr.write(`SKIPPED, zero copy cannot be tested here:\n  - ${lacks.join("\n  - ")}\n`);
}

const tunnel = { type: "vxlan", vni: 5001 } as const;
const outer = { local: "192.0.2.1", remote: "192.0.2.2" };
const inner = { host: "10.0.0.1", peer: "10.0.0.2" };
const mtu = innerMtu(tunnel, outer);

/** Packet memory that a card reads and writes by itself takes an address space of its own. */
const properties = ["disable-legacy=on", "iommu_platform=on"];
const cards = { queues: 2, properties };

labTest(
  "frames cross a tunnel by zero copy and busy polling on virtio cards with two queues",
  async (lab) => {
    const around = await Namespace.create(lab, "guest");
    const host = await Namespace.create(lab, "host");
    const peer = await Namespace.create(lab, "peer");
    const far = { namespace: peer, name: "eth0", addresses: [`${outer.remote}/24`] };
    const near = { namespace: host, name: "eth0", addresses: [`${inner.host}/24`] };
    await connect(far, { namespace: around, name: "underlay" });
    await connect(near, { namespace: around, name: "lan" });
    await setMtu(host, "eth0", mtu);
    const ends = { local: outer.remote, remote: outer.local };
    await addVxlanPeer(peer, { tunnel, ...ends, innerAddresses: [`${inner.peer}/24`] });

    const guest = await QemuGuest.boot(around, ["underlay", "lan"], {
      ...{ kernel: newestKernel, memoryMiB: 768, cpus: 2, cards },
      ...aditInGuest(),
    });
    await guest.ipBatch([`address add ${outer.local}/24 dev underlay`]);
    // Of two queues, and so of two workers, one gets nothing.
    await guest.run(["ethtool", "-X", "lan", "equal", "1"]);
    const ports = ["underlay", "lan"].map((name) => ({
      ...{ name, interface: name, ringSize: 256 },
      ...{ zeroCopy: "on", busyPoll: true },
    }));
    const gateway = await GuestGateway.start(
      guest,
      { ports },
      {
        tenant: "acme",
        attachments: [{ name: "lan", port: "lan" }],
        tunnels: [{ name: "wan", ...tunnel, ...outer }],
        crossConnects: [{ between: ["lan", "wan"] }],
      },
    );
    const shown = await gateway.show<{ ports: PortRow[] }>("ports");
    const fault = {
      what: "received packets go to queues 0 alone, so that not every worker gets some",
      fix: "ethtool -X lan equal 2",
    };
    const modes = shown.ports.map(({ name, queues, xdpMode, zeroCopy, busyPoll }) =>
      [name, queues, xdpMode, zeroCopy, busyPoll].join(" "),
    );
    assert.deepEqual(modes, ["underlay 2 native true true", "lan 2 native true true"]);
    assert.deepEqual(
      shown.ports.map(({ rss, rssFaults }) => [rss, rssFaults]),
      [
        [[0, 1], []],
        [[0], [fault]],
      ],
    );

    await expectReachable(host, inner.peer);
    for (const size of [0, 56, mtu - 28]) {
      await expectPings(host, inner.peer, { size, whole: true });
      await expectPings(peer, inner.host, { size, whole: true });
    }
    await expectPings(host, inner.peer, { count: 3, size: 20_000, intervalSeconds: 0.1 });

    const counters = await waitFor("accounting sum that holds", async () => {
      const read = await gateway.show<Counters>("drops");
      const sum = accounting(read);
      if (sum.in !== sum.out) throw new Error(sum.sentence);
      return read;
    });
    assert.deepEqual(counters.dropped, {});
    assert.ok((counters.sent["underlay"] ?? 0) > 70, JSON.stringify(counters));
    const { workers } = await gateway.show<{ workers: WorkerRow[] }>("workers");
    for (const { frames } of workers)
      assert.equal(missingFrames(frames), 0, JSON.stringify(frames));
  },
  lacks,
  // The guest runs the whole program without KVM.
  300_000,
);
