import type { Namespace } from "./namespace.js";

/** The path MTU that a host's kernel has learned for a destination; undefined where it has none. */
export async function learnedPathMtu(
  host: Namespace,
  address: string,
): Promise<number | undefined> {
  const [route] = JSON.parse(await host.ip("-j", "route", "get", address)) as {
    readonly metrics?: readonly { readonly mtu?: number }[];
  }[];
  return route?.metrics?.find(({ mtu }) => mtu !== undefined)?.mtu;
}

/** A host keeps to a path MTU for ten minutes: a test has no time to wait for a larger one. */
export async function forgetPathMtus(host: Namespace): Promise<void> {
  await host.ip("route", "flush", "cache");
  await host.ip("-6", "route", "flush", "cache");
}
