/**
 * Many tenants around one gateway, which share what a tenant of `scenario.ts` has for itself: one
 * namespace holds all hosts, one all far ends of a kind. Each has an inner network of its own.
 */
import { AccessSwitch } from "./access-switch.js";
import { Fabric, settle, sites } from "./fabric.js";
import type { JsonObject } from "./json-file.js";
import type { Lab } from "./lab.js";
import { connect, type LinkOptions } from "./link.js";
import { Namespace } from "./namespace.js";
import type { Peer } from "./peer.js";
import { addFarEnd, buildFarEnds, endpoints, type SharedPlan } from "./shared-far-ends.js";
import { writeTenantFiles } from "./tenant-files.js";
import { trunkDevice, underlayDevice } from "./tenant-plan.js";

export interface SharedTenant {
  /** Its name in the tunnel file. */
  readonly name: string;
  /** Its host's interface. */
  readonly hostDevice: string;
  readonly peer: Peer;
  readonly inner: InnerNetwork;
}

export interface InnerNetwork {
  readonly host: string;
  readonly host6: string;
  readonly peer: string;
  readonly peer6: string;
}

export interface SharedScenario {
  readonly gateway: Namespace;
  readonly gatewayFile: string;
  readonly hosts: Namespace;
  /** In the order of the plans. */
  readonly tenants: readonly SharedTenant[];
}

function innerNetwork(tenant: number): InnerNetwork {
  const [network, network6] = [`10.1.${tenant}`, `fd00:${tenant.toString(16)}:`];
  return {
    ...{ host: `${network}.1`, host6: `${network6}:1` },
    ...{ peer: `${network}.2`, peer6: `${network6}:2` },
  };
}

/** All links, those of the underlay and those to the hosts, take IP packets of `mtu` bytes. */
export async function buildShared(
  lab: Lab,
  plans: readonly SharedPlan[],
  mtu: number,
): Promise<SharedScenario> {
  const fabric = await Fabric.create(lab);
  const gateway = await Namespace.create(lab, "gateway");
  await fabric.attach(gateway, underlayDevice, sites.gateway, { mtu });
  await settle(gateway, underlayDevice, sites.gateway);
  const far = await buildFarEnds(lab, fabric, mtu);
  const hosts = await Namespace.create(lab, "hosts");
  const plug = buildAccess(lab, gateway, hosts, { mtu });

  const [tenants, documents]: [SharedTenant[], JsonObject[]] = [[], []];
  const ports = new Set([underlayDevice]);
  for (const [i, plan] of plans.entries()) {
    const inner = innerNetwork(i);
    const attachment = await plug(i, plan, [`${inner.host}/24`, `${inner.host6}/64`]);
    ports.add(attachment.port);
    const peer = await addFarEnd(far, plan, `far${i}`, [`${inner.peer}/24`, `${inner.peer6}/64`]);
    tenants.push({ name: `tenant${i}`, hostDevice: `eth${i}`, peer, inner });
    documents.push({
      tenant: `tenant${i}`,
      attachments: [{ name: "lan", ...attachment }],
      tunnels: [{ name: "wan", ...plan.tunnel, ...endpoints(plan), ...plan.tunnelKeys }],
      crossConnects: [{ between: ["lan", "wan"] }],
    });
  }
  return {
    gateway,
    gatewayFile: await writeTenantFiles(lab, [...ports], documents),
    hosts,
    tenants,
  };
}

type Attachment = { readonly port: string } & JsonObject;
type Plug = (i: number, plan: SharedPlan, addresses: readonly string[]) => Promise<Attachment>;

/** What plugs a host in, and gives its attachment's keys. */
function buildAccess(lab: Lab, gateway: Namespace, hosts: Namespace, link: LinkOptions): Plug {
  let accessSwitch: AccessSwitch | undefined;
  return async (i, { vlan, keepTag }, addresses) => {
    const host = { namespace: hosts, name: `eth${i}`, addresses };
    if (vlan === undefined) {
      await connect(host, { namespace: gateway, name: `lan${i}` }, link);
      return { port: `lan${i}` };
    }
    if (accessSwitch === undefined) {
      accessSwitch = await AccessSwitch.start(lab);
      await accessSwitch.addTrunk({ namespace: gateway, name: trunkDevice }, link);
    }
    await accessSwitch.addHost(host, vlan, link);
    return { port: trunkDevice, vlan, ...(keepTag === true ? { keepTag } : {}) };
  };
}
