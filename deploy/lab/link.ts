import type { Namespace } from "./namespace.js";
import { waitFor } from "./wait.js";

export interface LinkEnd {
  readonly namespace: Namespace;
  /** At most 15 characters, as Linux demands. */
  readonly name: string;
  /** With prefix length; each is usable at once. */
  readonly addresses?: readonly string[];
}

export interface LinkOptions {
  /** IP MTU of both ends. */
  readonly mtu?: number;
  /** RX and TX queues of each end; both ends alike, as native XDP on veth demands. */
  readonly queues?: number;
}

/**
 * What a veth does with offloads on, XDP cannot see: a checksum left for hardware to finish
 * (CHECKSUM_PARTIAL) is tunnelled unfinished, a VLAN tag rides beside the frame instead of in it,
 * and a segmentation offload frame is larger than any UMEM chunk.
 */
const offloadsOff = ["tx", "tso", "gso", "gro", "txvlan", "rxvlan"];

/** The same for tags of TPID 0x88a8, which not every device has; ethtool has no short names for them. */
const serviceTagOffloads = ["tx-vlan-stag-hw-insert", "rx-vlan-stag-hw-parse"];

/** Joins two namespaces by a veth pair, both ends up, offloads off. */
export async function connect(a: LinkEnd, b: LinkEnd, options: LinkOptions = {}): Promise<void> {
  const { mtu = 1500, queues = 1 } = options;
  const shape = (end: LinkEnd): string[] => [
    ...["name", end.name, "netns", end.namespace.name, "mtu", `${mtu}`],
    ...["numrxqueues", `${queues}`, "numtxqueues", `${queues}`],
  ];
  const [first, second] = [shape(a), shape(b)];
  await a.namespace.ip("link", "add", ...first, "type", "veth", "peer", ...second);
  for (const end of [a, b]) {
    await turnOffloadsOff(end.namespace, end.name);
    await bringUp(end.namespace, end.name, end.addresses);
  }
}

export async function turnOffloadsOff(namespace: Namespace, name: string): Promise<void> {
  const known = await namespace.run(["ethtool", "-k", name]);
  const service = serviceTagOffloads.filter((feature) =>
    known
      .split("\n")
      .some((line) => line.startsWith(`${feature}: on`) && !line.includes("[fixed]")),
  );
  const off = [...offloadsOff, ...service].flatMap((feature) => [feature, "off"]);
  await namespace.run(["ethtool", "-K", name, ...off]);
}

export async function bringUp(
  namespace: Namespace,
  name: string,
  addresses: readonly string[] = [],
): Promise<void> {
  await namespace.ip("link", "set", name, "up");
  for (const address of addresses) {
    const usableAtOnce = address.includes(":") ? ["nodad"] : [];
    await namespace.ip("address", "add", address, "dev", name, ...usableAtOnce);
  }
}

export async function setMtu(namespace: Namespace, name: string, mtu: number): Promise<void> {
  await namespace.ip("link", "set", name, "mtu", `${mtu}`);
}

/**
 * Returns once every link that has a carrier runs. The kernel says so up to a second after the
 * carrier came when it has many links to look after; until then a port is down.
 */
export async function untilLinksRun(namespace: Namespace): Promise<void> {
  await waitFor(`running links in ${namespace.label}`, async () => {
    const links = JSON.parse(await namespace.ip("-j", "link", "show")) as IpLink[];
    const late = links.filter(
      ({ flags, operstate }) => flags.includes("LOWER_UP") && !runningStates.includes(operstate),
    );
    if (late.length === 0) return true;
    throw new Error(JSON.stringify(late));
  });
}

/** As RFC 2863 names them; drivers without a notion of it say UNKNOWN. */
const runningStates = ["UP", "UNKNOWN"];

interface IpLink {
  readonly flags: readonly string[];
  readonly operstate: string;
  readonly address: string;
  readonly xdp?: unknown;
}

async function readLink(namespace: Namespace, name: string): Promise<IpLink> {
  const links = JSON.parse(await namespace.ip("-j", "link", "show", "dev", name)) as IpLink[];
  const [link] = links;
  if (link === undefined) throw new Error(`in ${namespace.label}: no interface ${name}`);
  return link;
}

export async function macOf(namespace: Namespace, name: string): Promise<string> {
  return (await readLink(namespace, name)).address;
}

/** Whether any XDP program sits on the interface. */
export async function hasXdp(namespace: Namespace, name: string): Promise<boolean> {
  return (await readLink(namespace, name)).xdp !== undefined;
}

/** The MAC that answered ARP or ND for an address, if any did. */
export async function neighborMac(
  namespace: Namespace,
  address: string,
): Promise<string | undefined> {
  const found = JSON.parse(await namespace.ip("-j", "neigh", "show", address)) as {
    readonly lladdr?: string;
  }[];
  return found[0]?.lladdr;
}
