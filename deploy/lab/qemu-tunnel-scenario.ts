import { sites } from "./fabric.js";
import type { JsonObject } from "./json-file.js";
import type { Lab } from "./lab.js";
import { connect, setMtu } from "./link.js";
import { Namespace } from "./namespace.js";
import { addGuestTunnels, type GuestTunnel } from "./qemu-devices.js";
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
import { underlayDevice } from "./tenant-plan.js";

/** A tenant whose tunnel ends at a device of the guest's kernel; its host is in a namespace. */
export interface GuestTunnelPlan {
  /** The gateway's side: the keys of the tunnel file but its addresses. */
  readonly tunnel: JsonObject;
  /** The guest's side of the same. */
  readonly kind: GuestTunnel["kind"];
  readonly outer: 4 | 6;
  /** What the tunnel adds to the inner IP packet: all headers from the outer IP header on. */
  readonly overhead: number;
}

export async function buildGuestTunnels(
  lab: Lab,
  plans: readonly GuestTunnelPlan[],
): Promise<GuestScenario> {
  const { fabric, gateway } = await buildUnderlay(lab);
  const around = await Namespace.create(lab, "guest");
  await fabric.attach(around, underlayDevice, sites.east);
  const guest = await QemuGuest.boot(around, [underlayDevice]);
  await guest.settle(underlayDevice, sites.east);

  const [tenants, documents]: [GuestTenant[], JsonObject[]] = [[], []];
  const devices: GuestTunnel[] = [];
  for (const [i, { tunnel, kind, outer, overhead }] of plans.entries()) {
    const family = outer === 4 ? "ipv4" : "ipv6";
    const ends = { local: sites.gateway[family], remote: sites.east[family] };
    const [inner, mtu] = [innerAddresses(i), underlayMtu - overhead];
    devices.push({
      ...{ device: `tunnel${i}`, kind, mtu, local: ends.remote, remote: ends.local },
      innerAddresses: withPrefixLength(inner.guest, inner.guest6),
    });
    const outside = await Namespace.create(lab, `host${i}`);
    const addresses = withPrefixLength(inner.outside, inner.outside6);
    const host = { namespace: outside, name: "eth0", addresses };
    await connect(host, { namespace: gateway, name: `lan${i}` });
    await setMtu(outside, "eth0", mtu);
    tenants.push({ outside, inner, mtu });
    documents.push(tenantDocument(i, { port: `lan${i}` }, { ...tunnel, ...ends }));
  }
  await addGuestTunnels(guest, devices);
  const ports = [underlayDevice, ...plans.map((_, i) => `lan${i}`)];
  return { gateway, gatewayFile: await writeTenantFiles(lab, ports, documents), guest, tenants };
}
