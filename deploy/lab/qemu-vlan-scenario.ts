import { type Fabric, settle, sites } from "./fabric.js";
import type { JsonObject } from "./json-file.js";
import type { Lab } from "./lab.js";
import { connect } from "./link.js";
import { Namespace } from "./namespace.js";
import type { OpenVswitch } from "./open-vswitch.js";
import { addOvsPeer, startOvsUnderlay } from "./ovs-peer.js";
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
} from "./qemu-scenario.js";
import { writeTenantFiles } from "./tenant-files.js";
import { trunkDevice, underlayDevice } from "./tenant-plan.js";
import { innerMtu, tagBytes } from "./tunnel.js";
import { addVxlanPeer } from "./vxlan-peer.js";

/** A tenant whose host is a VLAN device of the guest's kernel; its tunnel is a VXLAN. */
export interface GuestVlanPlan {
  /** The gateway's side: the attachment's keys but its port. */
  readonly attachment: JsonObject;
  /** The guest's side of the same; the outermost first. */
  readonly tags: readonly Tag[];
  /**
   * The tag that is the tenant's own and stays on its frames inside the tunnel, whose far end is
   * Open vSwitch, and a member of that VLAN. Without it the far end is the kernel, and has none.
   */
  readonly kept?: number;
}

export async function buildGuestVlans(
  lab: Lab,
  plans: readonly GuestVlanPlan[],
): Promise<GuestScenario> {
  const { fabric, gateway } = await buildUnderlay(lab);
  const peers = await buildPeers(lab, fabric);
  const around = await Namespace.create(lab, "guest");
  await connect(
    { namespace: around, name: trunkDevice },
    { namespace: gateway, name: trunkDevice },
  );
  const guest = await QemuGuest.boot(around, [trunkDevice]);

  const [tenants, documents]: [GuestTenant[], JsonObject[]] = [[], []];
  const devices: GuestVlan[] = [];
  for (const [i, { attachment, tags, kept }] of plans.entries()) {
    const inner = innerAddresses(i);
    const site = kept === undefined ? sites.west : sites.east;
    const ends = { local: sites.gateway.ipv4, remote: site.ipv4 };
    const tunnel = { type: "vxlan", vni: 5000 + i } as const;
    const mtu = innerMtu(tunnel, ends, underlayMtu) - (kept === undefined ? 0 : tagBytes);
    const inGuest = withPrefixLength(inner.guest, inner.guest6);
    devices.push({ nic: trunkDevice, tags, mtu, innerAddresses: inGuest });
    const far = {
      ...{ tunnel, device: `far${i}`, local: ends.remote, remote: ends.local },
      innerAddresses: withPrefixLength(inner.outside, inner.outside6),
    };
    const { namespace: outside } =
      kept === undefined
        ? await addVxlanPeer(peers.kernel, far)
        : await addOvsPeer(peers.ovs, { ...far, innerVlan: kept });
    tenants.push({ outside, inner, mtu });
    documents.push(tenantDocument(i, { port: trunkDevice, ...attachment }, { ...tunnel, ...ends }));
  }
  await addGuestVlans(guest, devices);
  const ports = [underlayDevice, trunkDevice];
  return { gateway, gatewayFile: await writeTenantFiles(lab, ports, documents), guest, tenants };
}

/** The kernel in the west and Open vSwitch in the east, both still without tunnels. */
async function buildPeers(
  lab: Lab,
  fabric: Fabric,
): Promise<{ kernel: Namespace; ovs: OpenVswitch }> {
  const kernel = await Namespace.create(lab, "peer");
  await fabric.attach(kernel, underlayDevice, sites.west);
  await settle(kernel, underlayDevice, sites.west);
  const east = await Namespace.create(lab, "ovs-peer");
  await fabric.attach(east, underlayDevice, sites.east);
  return { kernel, ovs: await startOvsUnderlay(east, underlayDevice, sites.east) };
}
