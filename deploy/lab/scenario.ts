import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AccessSwitch } from "./access-switch.js";
import { Fabric, settle, sites } from "./fabric.js";
import { formatJsonFile, type JsonObject } from "./json-file.js";
import type { Lab } from "./lab.js";
import { connect, type LinkOptions, setMtu } from "./link.js";
import { Namespace } from "./namespace.js";
import { addOvsPeer, startOvsUnderlay } from "./ovs-peer.js";
import type { Peer } from "./peer.js";
import {
  accessPort,
  gatewayDocument,
  outerAddresses,
  type TenantPlan,
  tenantDocument,
  trunkDevice,
  underlayDevice,
} from "./tenant-plan.js";
import { innerMtu } from "./tunnel.js";
import { addVxlanPeer } from "./vxlan-peer.js";

export interface ScenarioOptions {
  /** Queues of each of the gateway's interfaces. */
  readonly queues?: number;
  /** IP MTU of the underlay and of the links to untagged hosts; 1500 unless given. */
  readonly mtu?: number;
  /** More keys for every port of the gateway file, and for the file itself. */
  readonly port?: JsonObject;
  readonly gateway?: JsonObject;
}

export interface Tenant {
  readonly plan: TenantPlan;
  readonly host: Namespace;
  readonly peer: Peer;
  readonly tunnelFile: string;
}

/** A gateway's surroundings, complete but for the gateway itself. */
export interface Scenario {
  readonly fabric: Fabric;
  readonly gateway: Namespace;
  readonly gatewayFile: string;
  /** Where the hosts with a VLAN plug in, if there are any. */
  readonly accessSwitch: AccessSwitch | undefined;
  readonly tenants: readonly Tenant[];
}

/** Every tenant uses the same addresses: nothing but its tunnel keeps it apart. */
export const inner = {
  host: "10.0.0.1",
  peer: "10.0.0.2",
  host6: "fd00::1",
  peer6: "fd00::2",
} as const;

const hostAddresses = [`${inner.host}/24`, `${inner.host6}/64`];
const peerAddresses = [`${inner.peer}/24`, `${inner.peer6}/64`];

/** The interface of every host. */
export const hostDevice = "eth0";

export async function buildScenario(
  lab: Lab,
  plans: readonly TenantPlan[],
  options: ScenarioOptions = {},
): Promise<Scenario> {
  const { queues = 1, mtu = 1500 } = options;
  const link: LinkOptions = { queues, mtu };
  const fabric = await Fabric.create(lab);
  const gateway = await Namespace.create(lab, "gateway");
  await fabric.attach(gateway, underlayDevice, sites.gateway, link);
  await settle(gateway, underlayDevice, sites.gateway);
  const tunnelFolder = join(lab.folder, "tunnels.d");
  await mkdir(tunnelFolder);

  let accessSwitch: AccessSwitch | undefined;
  const tenants: Tenant[] = [];
  for (const plan of plans) {
    if (plan.vlan !== undefined && accessSwitch === undefined) {
      accessSwitch = await AccessSwitch.start(lab);
      await accessSwitch.addTrunk({ namespace: gateway, name: trunkDevice }, { queues });
    }
    const peer = await buildPeer(lab, fabric, plan, mtu);
    const host = await buildHost(lab, gateway, accessSwitch, plan, link);
    const tunnelFile = join(tunnelFolder, `${plan.name}.json`);
    await writeFile(tunnelFile, formatJsonFile(tenantDocument(plan)));
    tenants.push({ plan, host, peer, tunnelFile });
  }
  const gatewayFile = join(lab.folder, "adit.json");
  const document = { ...gatewayDocument(lab.folder, plans, options.port), ...options.gateway };
  await writeFile(gatewayFile, formatJsonFile(document));
  return { fabric, gateway, gatewayFile, accessSwitch, tenants };
}

async function buildPeer(
  lab: Lab,
  fabric: Fabric,
  plan: TenantPlan,
  underlayMtu: number,
): Promise<Peer> {
  const { tunnel, site } = plan;
  const { gateway, peer } = outerAddresses(plan);
  const endpoints = { local: peer, remote: gateway, innerAddresses: peerAddresses, underlayMtu };
  const namespace = await Namespace.create(lab, `${plan.name}-peer`);
  await fabric.attach(namespace, underlayDevice, sites[site], { mtu: underlayMtu });
  if (plan.peer === "ovs") {
    const ovs = await startOvsUnderlay(namespace, underlayDevice, sites[site], underlayMtu);
    return addOvsPeer(ovs, { tunnel, ...endpoints });
  }
  if (tunnel.type !== "vxlan") throw new Error("the kernel peer speaks vxlan alone");
  await settle(namespace, underlayDevice, sites[site]);
  return addVxlanPeer(namespace, { tunnel, ...endpoints });
}

async function buildHost(
  lab: Lab,
  gateway: Namespace,
  accessSwitch: AccessSwitch | undefined,
  plan: TenantPlan,
  link: LinkOptions,
): Promise<Namespace> {
  const namespace = await Namespace.create(lab, plan.name);
  const host = { namespace, name: hostDevice, addresses: hostAddresses };
  if (plan.vlan === undefined) {
    await connect(host, { namespace: gateway, name: accessPort(plan) }, link);
  } else {
    await accessSwitch?.addHost(host, plan.vlan);
  }
  // The host keeps to what its tunnel carries; nothing else would tell it.
  const { gateway: local, peer: remote } = outerAddresses(plan);
  await setMtu(namespace, hostDevice, innerMtu(plan.tunnel, { local, remote }, link.mtu));
  return namespace;
}
