/** Where all are measured: two veth pairs, on either side of the namespace that forwards. */
import type { Lab } from "../../../deploy/lab/lab.js";
import { connect, macOf } from "../../../deploy/lab/link.js";
import { Namespace } from "../../../deploy/lab/namespace.js";

/** `push`: from the tenant's side, where there is no tunnel, to the remote side; `pop`: back. */
export type Way = "push" | "pop";

/** RFC 5737 and RFC 1918; `*Flows` is where the destinations of 1024 flows begin. */
export const addresses = {
  gateway: "192.0.2.1",
  remote: "192.0.2.7",
  tenant: "10.0.0.1",
  remoteTenant: "10.9.0.2",
  tenantFlows: "10.0.0.0",
  remoteFlows: "10.1.0.0",
} as const;

/** Of nobody: what the far end's kernel receives for another host, it counts and drops. */
export const macs = {
  remote: "02:00:00:00:00:99",
  remoteTenant: "02:00:00:00:00:98",
  tenant: "02:00:00:00:00:97",
} as const;

export const vni = 5001;

/** The gateway's interfaces. */
export const access = "access";
export const underlay = "underlay";

export interface Side {
  readonly namespace: Namespace;
  readonly device: string;
}

export interface Bed {
  readonly gateway: Namespace;
  /** Far ends of `access` and `underlay`. */
  readonly tenant: Side;
  readonly remote: Side;
  readonly macs: { readonly access: string; readonly underlay: string };
}

/**
 * @param threadedSink lets far ends receive in threads of their own, on the load's processor,
 *   instead of in the middle of the gateway's sending.
 */
export async function buildBed(lab: Lab, threadedSink: boolean): Promise<Bed> {
  const gateway = await Namespace.create(lab, "gateway");
  const tenant = { namespace: await Namespace.create(lab, "tenant"), device: "host0" };
  const remote = { namespace: await Namespace.create(lab, "remote"), device: "remote0" };
  for (const [side, name] of [[tenant, access] as const, [remote, underlay] as const]) {
    const far = { namespace: side.namespace, name: side.device };
    await connect(far, { namespace: gateway, name });
    if (threadedSink) await threadSink(gateway, side, name);
  }
  const own = { access: await macOf(gateway, access), underlay: await macOf(gateway, underlay) };
  return { gateway, tenant, remote, macs: own };
}

/** The queue tells a sender that the far end's ring is full, so that nothing is lost in it. */
async function threadSink(gateway: Namespace, { namespace, device }: Side, port: string) {
  await namespace.run(["ethtool", "-K", device, "gro", "on"]);
  await namespace.run(["sh", "-c", `echo 1 >/sys/class/net/${device}/threaded`]);
  const threads = await namespace.run(["pgrep", "-x", `napi/${device}-.*`]);
  for (const thread of threads.trim().split("\n")) {
    await namespace.run(["taskset", "-pc", "1", thread]);
  }
  await gateway.run(["tc", "qdisc", "replace", "dev", port, "root", "pfifo"]);
}
