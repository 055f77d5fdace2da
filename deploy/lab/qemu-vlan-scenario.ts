import { settle, sites } from "./fabric.js";
import type { JsonObject } from "./json-file.js";
import type { Lab } from "./lab.js";
import { connect } from "./link.js";
import { Namespace } from "./namespace.js";
import { addGuestVlans, type GuestVlan, type Tag } from "./qemu-devices.js";
import { QemuGuest } from "./qemu-guest.js";
import {
  buildUnderlay,
  type GuestScenario,
  type GuestTenant,
  innerAddresses,
  tenantDocument,
  underlayMtu,
  withPrefixLength,
  writeFiles,
} from "./qemu-scenario.js";
import { trunkDevice, underlayDevice } from "./tenant-plan.js";
import { addVxlanPeer } from "./vxlan-peer.js";

/** A tenant whose host is a VLAN device of the guest's kernel; its tunnel is a plain VXLAN. */
export interface GuestVlanPlan {
  /** The gateway's side: the attachment's `vlan`. */
  readonly vlan: number | JsonObject;
  /** The guest's side of the same; the outermost first. */
  readonly tags: readonly Tag[];
}

export async function buildGuestVlans(
  lab: Lab,
  plans: readonly GuestVlanPlan[],
): Promise<GuestScenario> {
  const { fabric, gateway } = await buildUnderlay(lab);
  const outside = await Namespace.create(lab, "peer");
  await fabric.attach(outside, underlayDevice, sites.west);
  await settle(outside, underlayDevice, sites.west);
  const around = await Namespace.create(lab, "guest");
  await connect(
    { namespace: around, name: trunkDevice },
    { namespace: gateway, name: trunkDevice },
  );
  const guest = await QemuGuest.boot(around, [trunkDevice]);

  const ends = { local: sites.gateway.ipv4, remote: sites.west.ipv4 };
  const mtu = underlayMtu - 50;
  const [tenants, documents]: [GuestTenant[], JsonObject[]] = [[], []];
  const devices: GuestVlan[] = [];
  for (const [i, { vlan, tags }] of plans.entries()) {
    const inner = innerAddresses(i);
    const inGuest = withPrefixLength(inner.guest, inner.guest6);
    devices.push({ nic: trunkDevice, tags, mtu, innerAddresses: inGuest });
    const tunnel = { type: "vxlan", vni: 5000 + i } as const;
    await addVxlanPeer(outside, {
      ...{ tunnel, device: `vxlan${i}`, local: ends.remote, remote: ends.local },
      innerAddresses: withPrefixLength(inner.outside, inner.outside6),
    });
    tenants.push({ outside, inner, mtu });
    documents.push(tenantDocument(i, { port: trunkDevice, vlan }, { ...tunnel, ...ends }));
  }
  await addGuestVlans(guest, devices);
  const ports = [underlayDevice, trunkDevice];
  return { gateway, gatewayFile: await writeFiles(lab, ports, documents), guest, tenants };
}
