import { readdirSync, readFileSync } from "node:fs";

/** IP MTU of every interface in this network namespace, by name; empty where there is no sysfs. */
export function interfaceFacts(): Map<string, { mtu?: number }> {
  const facts = new Map<string, { mtu?: number }>();
  for (const name of interfaceNames()) {
    const mtu = readMtu(name);
    facts.set(name, mtu === undefined ? {} : { mtu });
  }
  return facts;
}

const sysfs = "/sys/class/net";

function interfaceNames(): string[] {
  try {
    return readdirSync(sysfs);
  } catch {
    return [];
  }
}

function readMtu(name: string): number | undefined {
  try {
    const mtu = Number(readFileSync(`${sysfs}/${name}/mtu`, "utf8").trim());
    return Number.isInteger(mtu) ? mtu : undefined;
  } catch {
    return undefined;
  }
}
