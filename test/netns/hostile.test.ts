/** Hostile packets on the underlay die under exactly one reason each, and harm nothing else. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sites } from "../../deploy/lab/fabric.js";
import { Gateway } from "../../deploy/lab/gateway.js";
import { formatJsonFile } from "../../deploy/lab/json-file.js";
import type { Lab } from "../../deploy/lab/lab.js";
import { macOf } from "../../deploy/lab/link.js";
import type { Namespace } from "../../deploy/lab/namespace.js";
import { buildScenario, inner } from "../../deploy/lab/scenario.js";
import { type TenantPlan, underlayDevice } from "../../deploy/lab/tenant-plan.js";
import { waitFor } from "../../deploy/lab/wait.js";
import { expectConservation, expectPings, expectReachable } from "./expectations.js";
import { labTest } from "./lab-test.js";

const python = "/usr/bin/python3";
const script = (name: string): string =>
  fileURLToPath(new URL(`../../../test/netns/${name}`, import.meta.url));
const copies = 3;

const scapyWorks = spawnSync(python, ["-c", "import scapy"]).status === 0;
const lacks = scapyWorks ? [] : ["no scapy: apt-get install python3-scapy"];

const reasons: Readonly<Record<string, string>> = {
  "vxlan without the I flag": "vxlan_flags",
  "vxlan of an unknown VNI": "unknown_vni",
  "vxlan from a stranger": "peer_not_allowed",
  "vxlan from the gateway's own address": "bad_outer_source",
  "vxlan from a multicast address": "bad_outer_source",
  "vxlan with a wrong UDP checksum": "bad_outer_checksum",
  "vxlan with a wrong IP checksum": "bad_outer_checksum",
  "vxlan with a UDP length past the packet": "udp_length",
  "vxlan with a UDP length below 8": "udp_length",
  "vxlan as a first fragment": "outer_fragment",
  "vxlan with IP options": "outer_options",
  "vxlan with a cut inner header": "inner_truncated",
  "vxlan with a tagged inner frame": "inner_tag",
  "vxlan over IPv6 without a checksum": "zero_checksum",
  "vxlan over IPv6 with a wrong checksum": "bad_outer_checksum",
  "vxlan over IPv6 as a first fragment": "outer_fragment",
  "vxlan over IPv6 as an atomic fragment": "outer_fragment",
  "vxlan over IPv6 behind hop-by-hop options": "outer_options",
  "gre of version 1": "gre_version",
  "gre with the routing bit": "gre_flags",
  "gre with an unknown key": "unknown_key",
  "gre with an IPv4 payload": "gre_protocol",
  "gre with a wrong checksum": "gre_checksum",
  "gre as a first fragment": "outer_fragment",
  "gre from a stranger": "peer_not_allowed",
  "anything from a blocked source": "blocked_source",
};

const plan: TenantPlan = {
  name: "acme",
  tunnel: { type: "vxlan", vni: 5001 },
  peer: "kernel",
  site: "east",
};

/** Every hostile packet's name and bytes. */
async function hostileFrames(from: Namespace, to: string): Promise<Map<string, string>> {
  const source = await macOf(from, "site0");
  const lines = (await from.run([python, script("hostile.py"), source, to])).trim().split("\n");
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.split("=").at(-1) ?? ""]),
  );
}

/** Tunnels without a peer, for packets to aim at. */
async function addTargets(lab: Lab): Promise<void> {
  const { gateway, east } = sites;
  const targets = {
    tenant: "target",
    attachments: [
      { name: "a", port: "lan-acme", vlan: 301 },
      { name: "b", port: "lan-acme", vlan: 302 },
    ],
    tunnels: [
      { name: "v6", type: "vxlan", vni: 6001, local: gateway.ipv6, remote: east.ipv6 },
      { name: "gre", type: "gre", key: 7001, local: gateway.ipv4, remote: east.ipv4 },
    ],
    crossConnects: [{ between: ["a", "v6"] }, { between: ["b", "gre"] }],
  };
  await writeFile(join(lab.folder, "tunnels.d", "target.json"), formatJsonFile(targets));
}

labTest(
  "hostile packets are dropped under one reason each",
  async (lab, context) => {
    const options = { gateway: { block: ["198.18.66.0/24"] } };
    const {
      fabric,
      gateway: namespace,
      gatewayFile,
      tenants,
    } = await buildScenario(lab, [plan], options);
    await addTargets(lab);
    const gateway = await Gateway.start(namespace, gatewayFile);
    const host = tenants[0]?.host ?? namespace;
    await expectReachable(host, inner.peer);
    const mac = await macOf(namespace, underlayDevice);

    const frames = await hostileFrames(fabric.namespace, mac);
    assert.deepEqual([...frames.keys()], Object.keys(reasons), "every packet has its reason");
    for (const [name, reason] of Object.entries(reasons)) {
      await context.test(`${name}: ${reason}`, async () => {
        const before = (await gateway.counters()).dropped;
        const argv = ["site0", frames.get(name) ?? "", `${copies}`];
        await fabric.namespace.run([python, script("send-frame.py"), ...argv]);
        const added = await waitFor(
          "drop",
          async () => {
            const { dropped } = await gateway.counters();
            const grown = Object.entries(dropped).map(
              ([key, n]) => [key, n - (before[key] ?? 0)] as const,
            );
            const changed = grown.filter(([, count]) => count !== 0);
            const sum = changed.reduce((total, [, count]) => total + count, 0);
            return sum >= copies && Object.fromEntries(changed);
          },
          { timeoutMs: 3000 },
        );
        assert.deepEqual(added, { [reason]: copies });
      });
    }
    await expectPings(host, inner.peer);
    await expectConservation(gateway);
  },
  lacks,
);
