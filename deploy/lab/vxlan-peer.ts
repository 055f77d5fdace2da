import { bringUp } from "./link.js";
import type { Namespace } from "./namespace.js";
import type { Peer } from "./peer.js";
import { type Endpoints, innerMtu, type VxlanTunnel } from "./tunnel.js";

export interface VxlanDevice extends Endpoints {
  readonly tunnel: VxlanTunnel;
  /** With prefix length, put on the `vxlan` device itself. */
  readonly innerAddresses: readonly string[];
  readonly device?: string;
  readonly underlayMtu?: number;
}

/**
 * A `vxlan` device of the Linux kernel, in a namespace whose underlay is already in place. The
 * underlay interface must have its transmit offloads off, or inner checksums leave unfinished.
 */
export async function addVxlanPeer(namespace: Namespace, options: VxlanDevice): Promise<Peer> {
  const { tunnel, local, remote, innerAddresses, device = "vxlan0" } = options;
  const mtu = innerMtu(tunnel, options, options.underlayMtu);
  const port = `${tunnel.udpPort ?? 4789}`;
  await namespace.ip(
    ...["link", "add", device, "mtu", `${mtu}`, "type", "vxlan", "id", `${tunnel.vni}`],
    ...["local", local, "remote", remote, "dstport", port],
  );
  await bringUp(namespace, device, innerAddresses);
  return { kind: "Linux kernel vxlan", namespace, device };
}
