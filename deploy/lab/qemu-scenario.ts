/** What is alike around gateways whose tunnels, or whose tenants' hosts, are devices of a guest. */
import { Fabric, settle, sites } from "./fabric.js";
import type { JsonObject } from "./json-file.js";
import type { Lab } from "./lab.js";
import { Namespace } from "./namespace.js";
import type { QemuGuest } from "./qemu-guest.js";
import { underlayDevice } from "./tenant-plan.js";

export const underlayMtu = 1500;

export interface GuestScenario {
  readonly gateway: Namespace;
  readonly gatewayFile: string;
  readonly guest: QemuGuest;
  /** In the order of the plans. */
  readonly tenants: readonly GuestTenant[];
}

/** One end of a tenant's network is in the guest, the other one in a namespace. */
export interface GuestTenant {
  readonly outside: Namespace;
  readonly inner: InnerAddresses;
  /** Inner IP MTU. */
  readonly mtu: number;
}

/** Each tenant has a network of its own, for the guest has a single routing table. */
export interface InnerAddresses {
  readonly outside: string;
  readonly outside6: string;
  readonly guest: string;
  readonly guest6: string;
}

export function innerAddresses(tenant: number): InnerAddresses {
  const [network, network6] = [`10.1.${tenant}`, `fd00:${tenant.toString(16)}:`];
  return {
    ...{ outside: `${network}.1`, outside6: `${network6}:1` },
    ...{ guest: `${network}.2`, guest6: `${network6}:2` },
  };
}

export function withPrefixLength(address: string, address6: string): readonly string[] {
  return [`${address}/24`, `${address6}/64`];
}

export async function buildUnderlay(lab: Lab): Promise<{ fabric: Fabric; gateway: Namespace }> {
  const fabric = await Fabric.create(lab);
  const gateway = await Namespace.create(lab, "gateway");
  await fabric.attach(gateway, underlayDevice, sites.gateway);
  await settle(gateway, underlayDevice, sites.gateway);
  return { fabric, gateway };
}

export function tenantDocument(
  number: number,
  attachment: JsonObject,
  tunnel: JsonObject,
): JsonObject {
  return {
    tenant: `tenant${number}`,
    attachments: [{ name: "lan", ...attachment }],
    tunnels: [{ name: "wan", ...tunnel }],
    crossConnects: [{ between: ["lan", "wan"] }],
  };
}
