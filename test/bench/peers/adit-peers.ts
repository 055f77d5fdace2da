/** Adit itself, with a tunnel and without. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { controlSocket, Gateway } from "../../../deploy/lab/gateway.js";
import { formatJsonFile, type JsonObject } from "../../../deploy/lab/json-file.js";
import { bringUp } from "../../../deploy/lab/link.js";
import { access, addresses, type Bed, macs, underlay, vni } from "./bed.js";
import { gatewayCpu } from "./load.js";
import { names } from "./names.js";
import type { Peer, RunningPeer } from "./peer.js";

/** An untagged attachment, cross-connected with a VXLAN tunnel. */
export const aditTunnel: Peer = {
  name: names.adit,
  work: "tunnel",
  start: (bed) => startAdit(bed, tunnelTenant),
};

/** The same program, with two untagged attachments: all of the way but the headers. */
export const aditNoop: Peer = {
  name: names.noop,
  work: "forward",
  start: (bed) => startAdit(bed, noopTenant),
};

export const tunnelTenant: JsonObject = {
  tenant: "acme",
  attachments: [{ name: "lan", port: access }],
  tunnels: [
    { name: "far", type: "vxlan", vni, local: addresses.gateway, remote: addresses.remote },
  ],
  crossConnects: [{ between: ["lan", "far"] }],
};

const noopTenant: JsonObject = {
  tenant: "acme",
  attachments: [
    { name: "lan", port: access },
    { name: "far", port: underlay },
  ],
  crossConnects: [{ between: ["lan", "far"] }],
};

/** Writes both files; next hops are given where nobody answers ARP. */
export async function writeAditFiles(
  folder: string,
  tenant: JsonObject,
  neighborMac?: string,
): Promise<string> {
  const file = join(folder, "adit.json");
  const neighbor = { address: addresses.remote, mac: neighborMac ?? "", port: underlay };
  const gateway = {
    ports: [access, underlay].map((name) => ({ name, interface: name })),
    workers: { cpus: [gatewayCpu] },
    neighbors: neighborMac === undefined ? [] : [neighbor],
    tunnelFiles: ["tenant.json"],
    listen: { http: false, control: controlSocket(folder) },
  };
  await writeFile(file, formatJsonFile(gateway));
  await writeFile(join(folder, "tenant.json"), formatJsonFile(tenant));
  return file;
}

async function startAdit({ gateway }: Bed, tenant: JsonObject): Promise<RunningPeer> {
  await bringUp(gateway, underlay, [`${addresses.gateway}/24`]);
  const file = await writeAditFiles(gateway.lab.folder, tenant, macs.remote);
  const running = await Gateway.start(gateway, file);
  return {
    destinations: { push: macs.remoteTenant, pop: macs.tenant },
    pid: running.process.pid,
    drops: async () => (await running.counters()).dropped,
  };
}
