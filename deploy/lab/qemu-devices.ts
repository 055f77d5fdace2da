/** The tunnel and VLAN devices of a guest's kernel. */
import type { QemuGuest } from "./qemu-guest.js";
import type { Endpoints } from "./tunnel.js";

export interface GreDevice {
  /** `gretap` and `ip6gretap` carry Ethernet, `gre` and `ip6gre` IP. */
  readonly type: "gretap" | "ip6gretap" | "gre" | "ip6gre";
  readonly key?: number | { readonly send: number; readonly receive: number };
  readonly checksum?: boolean;
  readonly sequence?: boolean;
  /**
   * Of `ip6gretap` and `ip6gre`: send the option of RFC 2473 §4.1.1 in an extension header, as the
   * kernel does unless told otherwise.
   */
  readonly encapsulationLimit?: boolean;
}

export interface UdpDevice {
  readonly type: "geneve" | "vxlan";
  readonly vni: number;
}

interface InnerEnd {
  /** Inner IP MTU. */
  readonly mtu: number;
  /** With prefix length, put on the device itself. */
  readonly innerAddresses: readonly string[];
}

export interface GuestTunnel extends Endpoints, InnerEnd {
  readonly device: string;
  readonly kind: GreDevice | UdpDevice;
}

/** Makes tunnel devices, up and with their addresses. */
export async function addGuestTunnels(
  guest: QemuGuest,
  tunnels: readonly GuestTunnel[],
): Promise<void> {
  const commands = tunnels.flatMap((tunnel) => {
    const { device, kind, mtu } = tunnel;
    const options = "vni" in kind ? udpOptions(kind, tunnel) : greOptions(kind, tunnel);
    const add = `link add ${device} mtu ${mtu} type ${kind.type} ${options.join(" ")}`;
    return [add, `link set ${device} up`, ...addressCommands(device, tunnel)];
  });
  await guest.ipBatch(commands);
}

function addressCommands(device: string, { innerAddresses }: InnerEnd): string[] {
  return innerAddresses.map((address) => `address add ${address} dev ${device}`);
}

function greOptions(kind: GreDevice, { local, remote }: Endpoints): string[] {
  const { key } = kind;
  const keys = typeof key === "object" ? key : { send: key, receive: key };
  const limit = kind.encapsulationLimit === true ? "4" : "none";
  return [
    `local ${local} remote ${remote}`,
    ...(kind.type.startsWith("ip6") ? [`encaplimit ${limit}`] : []),
    ...(keys.send === undefined ? [] : [`okey ${keys.send}`]),
    ...(keys.receive === undefined ? [] : [`ikey ${keys.receive}`]),
    ...(kind.checksum === true ? ["csum"] : []),
    ...(kind.sequence === true ? ["seq"] : []),
  ];
}

function udpOptions({ type, vni }: UdpDevice, { local, remote }: Endpoints): string[] {
  // The kernel's `geneve` takes its source address from the route.
  const more = type === "geneve" ? [] : [`local ${local}`, "dstport 4789"];
  return [`id ${vni} remote ${remote}`, ...more];
}

/** A VLAN tag. */
export interface Tag {
  readonly tpid: "802.1Q" | "802.1ad";
  readonly vlan: number;
}

export interface GuestVlan extends InnerEnd {
  /** The network card that the tagged frames leave by. */
  readonly nic: string;
  /** The outermost first, which no other VLAN of the card shares. */
  readonly tags: readonly Tag[];
}

/** Stacks a VLAN device for each tag; the innermost one holds the addresses. */
export async function addGuestVlans(guest: QemuGuest, vlans: readonly GuestVlan[]): Promise<void> {
  const commands = vlans.flatMap((vlan) => {
    let device = vlan.nic;
    const stack = vlan.tags.flatMap((tag) => {
      const below = device;
      device = `${below}.${tag.vlan}`;
      const kind = `type vlan proto ${tag.tpid} id ${tag.vlan}`;
      return [`link add link ${below} name ${device} ${kind}`, `link set ${device} up`];
    });
    return [...stack, `link set ${device} mtu ${vlan.mtu}`, ...addressCommands(device, vlan)];
  });
  await guest.ipBatch(commands);
}
