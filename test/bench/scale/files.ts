/** Configurations of any size, as an operator's system would write them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** As many as a tenant of the packet path's benchmark has; and so many remotes in all. */
export const tunnelsPerTenant = 10;
const remotes = 1000;
const vlansPerOuter = 4000;

/** Everything leaves by one router, so that a table forwards without a kernel to ask. */
const gateway = {
  ports: [{ name: "underlay", addresses: ["192.0.2.1/24"], mtu: 1600 }, { name: "access" }],
  routes: [{ prefix: "10.0.0.0/8", via: "192.0.2.254", port: "underlay" }],
  neighbors: [{ address: "192.0.2.254", mac: "02:00:00:00:00:fe", port: "underlay" }],
  tunnelFiles: ["tunnels.d/*.json"],
};

/** Writes a gateway file and one tunnel file a tenant. \returns the gateway file's path. */
export function writeConfiguration(folder: string, tenants: number): string {
  mkdirSync(join(folder, "tunnels.d"), { recursive: true });
  const file = join(folder, "adit.json");
  writeFileSync(file, `${JSON.stringify(gateway, null, 2)}\n`);
  for (let tenant = 0; tenant < tenants; tenant++) {
    writeFileSync(tenantFile(folder, tenant), tenantText(tenant));
  }
  return file;
}

export function tenantFile(folder: string, tenant: number): string {
  return join(folder, "tunnels.d", `${tenantName(tenant)}.json`);
}

/** The outer and the inner VID of a tunnel's attachment. */
export function vlansOf(tunnel: number): readonly [outer: number, inner: number] {
  return [1 + Math.floor(tunnel / vlansPerOuter), 1 + (tunnel % vlansPerOuter)];
}

/** @param firstVni of the tenant's tunnels; another one after a change. */
export function tenantText(
  tenant: number,
  firstVni = tenant * tunnelsPerTenant,
  tunnels = tunnelsPerTenant,
): string {
  const indexes = Array.from({ length: tunnels }, (_, index) => index);
  const list = (entries: readonly object[]) =>
    entries.map((entry) => `    ${JSON.stringify(entry)}`).join(",\n");
  const attachments = indexes.map((index) => {
    const [outer, inner] = vlansOf(tenant * tunnelsPerTenant + index);
    return { name: `lan-${index}`, port: "access", vlan: { outer, inner } };
  });
  const sites = indexes.map((index) => {
    const vni = firstVni + index;
    const remote = remoteAddress((tenant * tunnelsPerTenant + index) % remotes);
    return { name: `site-${index}`, type: "vxlan", vni, local: "192.0.2.1", remote };
  });
  const pairs = indexes.map((index) => ({ between: [`lan-${index}`, `site-${index}`] }));
  return `{
  "tenant": "${tenantName(tenant)}",
  "attachments": [
${list(attachments)}
  ],
  "tunnels": [
${list(sites)}
  ],
  "crossConnects": [
${list(pairs)}
  ]
}
`;
}

function tenantName(tenant: number): string {
  return `tenant-${String(tenant).padStart(6, "0")}`;
}

function remoteAddress(remote: number): string {
  return `10.${remote >> 16}.${(remote >> 8) & 255}.${remote & 255}`;
}
