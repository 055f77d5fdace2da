import { randomBytes } from "node:crypto";
import type { Namespace } from "./namespace.js";

export interface CardOptions {
  /** Pairs of RX and TX queues; packets are spread over several by RSS. */
  readonly queues?: number;
  /** More properties of the card, as QEMU's `-device` takes them. */
  readonly properties?: readonly string[];
}

/**
 * Makes an interface of a namespace a guest's network card: a bridge joins it to a tap device,
 * through which QEMU passes frames. Returns the arguments with which QEMU takes the device.
 *
 * Tap and card do without a virtio header (`vnet_hdr=off`), and so without offloads: the guest
 * finishes checksums and segments by itself, as do frames on their way to it.
 */
export async function plugIn(
  namespace: Namespace,
  name: string,
  { queues = 1, properties = [] }: CardOptions = {},
): Promise<readonly string[]> {
  const [tap, bridge] = [`${name}-tap`, `${name}-br`];
  const many = queues > 1 ? ["multi_queue"] : [];
  await namespace.ip("tuntap", "add", "mode", "tap", ...many, "name", tap);
  // A queue that a slow guest lets fill up holds the frames of whoever sent them.
  await namespace.ip("link", "set", tap, "txqueuelen", "256");
  // A switch that asks hosts for their multicast groups would talk on the guest's wire.
  await namespace.ip("link", "add", bridge, "type", "bridge", "mcast_snooping", "0");
  await keepTagsInFrames(namespace, name);
  for (const port of [name, tap]) {
    await namespace.ip("link", "set", port, "promisc", "on", "master", bridge, "up");
  }
  await namespace.ip("link", "set", bridge, "addrgenmode", "none", "up");
  const shape = queues > 1 ? [`queues=${queues}`] : [];
  const netdev = [`tap,id=${name},ifname=${tap},script=no,downscript=no,vnet_hdr=off`, ...shape];
  // The 02 marks the address as given locally, to one station (IEEE 802 §8.4).
  const mac = [0x02, ...randomBytes(5)].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
  // No boot ROM: the guest does not boot from the network.
  const card = [`virtio-net-pci,netdev=${name},mac=${mac},romfile=`, ...rss(queues), ...properties];
  return ["-netdev", netdev.join(","), "-device", card.join(",")];
}

/** An interrupt for each queue both ways, and two for the rest. */
function rss(queues: number): readonly string[] {
  return queues > 1 ? ["mq=on", "rss=on", `vectors=${2 * queues + 2}`] : [];
}

/** Takes from a veth the offload of 802.1ad tags too: XDP at its far end sees none that rides beside. */
async function keepTagsInFrames(namespace: Namespace, name: string): Promise<void> {
  const offloads = ["tx-vlan-stag-hw-insert", "off", "rx-vlan-stag-hw-parse", "off"];
  await namespace.run(["ethtool", "-K", name, ...offloads]);
}
